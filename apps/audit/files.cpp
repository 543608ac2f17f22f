#include "apps/audit/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "archive/archive_folder.hpp"

namespace planexe::auditing {
namespace {

constexpr std::uintmax_t most_bytes = 16u << 20;

}  // namespace

result<std::string> read_file(const std::string& name) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(name, failed);
  if (failed) return unexpected{error{errc::not_found, "cannot read " + name}};
  if (size > most_bytes) return unexpected{error{errc::invalid, name + " is too large for an anchor or a proof"}};
  std::ifstream in(name, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.good() && !in.eof()) return unexpected{error{errc::io, "cannot read " + name}};
  return text;
}

result<void> write_new_file(const std::string& name, const std::string& text) {
  const int out = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (out < 0 && errno == EEXIST) return unexpected{error{errc::conflict, name + " is there already"}};
  if (out < 0) return unexpected{error{errc::io, "cannot write " + name}};
  std::size_t written = 0;
  while (written < text.size()) {
    const auto step = ::write(out, text.data() + written, text.size() - written);
    if (step <= 0) break;
    written += static_cast<std::size_t>(step);
  }
  const bool synced = ::fsync(out) == 0;
  const bool closed = ::close(out) == 0;
  if (written < text.size() || !synced || !closed) return unexpected{error{errc::io, "cannot write " + name}};
  return {};
}

std::shared_ptr<const eventstore::archive_reader> archive_of(const std::string& data_folder) {
  return std::make_shared<const archive::archive_folder>(archive::folder_in(data_folder));
}

}  // namespace planexe::auditing
