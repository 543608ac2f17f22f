// A file or folder that the process may not read, whoever runs it.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace planexe::tests {

/// While it lives nobody may do more with the path than is said, and the process is nobody where it was the superuser.
class without_rights {
 public:
  explicit without_rights(std::string path, std::filesystem::perms left = std::filesystem::perms::none)
      : path_(std::move(path)) {
    std::filesystem::permissions(path_, left);
    if (was_ == 0) changed_ = ::seteuid(nobody) == 0;
  }
  without_rights(const without_rights&) = delete;
  without_rights& operator=(const without_rights&) = delete;
  ~without_rights() {
    if (changed_) changed_ = ::seteuid(was_) != 0;
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
  }

 private:
  static constexpr uid_t nobody = 65'534;
  std::string path_;
  uid_t was_ = ::geteuid();
  bool changed_ = false;
};

}  // namespace planexe::tests
