#include "eventstore/folder_in_part.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "eventstore/file_sums.hpp"

namespace planexe::eventstore {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view whole_ending = "-whole";  // of a folder in another that has only to be moved up

/// The folder that is made for a name.
fs::path as_made(const fs::path& target) {
  const auto path = fs::absolute(target).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

bool is_folder(const fs::path& path) {
  std::error_code failed;
  return fs::is_directory(path, failed);
}

/// Without CURRENT nothing opens, and with HEAD nobody takes the rest for an empty folder.
int rank_in_a_log(const fs::path& file) {
  return file.filename() == "HEAD" ? 0 : file.filename() == "CURRENT" ? 2 : 1;
}

}  // namespace

folder_in_part::folder_in_part(rocksdb::Env& environment, const fs::path& target, std::string_view ending)
    : environment_(environment),
      target_(as_made(target)),
      inside_(is_folder(target_)),
      path_(inside_ ? target_ / ending
                    : target_.parent_path() / ("." + target_.filename().string() + std::string(ending))) {}

folder_in_part::~folder_in_part() {
  if (begun_ && !kept_) (void)remove_folder(environment_, path());
  if (lock_ >= 0) ::close(lock_);
}

bool folder_in_part::is_taken() const {
  std::error_code failed;
  if (!inside_) return fs::exists(fs::symlink_status(target_, failed));
  if (is_folder(whole())) return false;
  bool taken = false;
  for (fs::directory_iterator at(target_, failed), end; !failed && at != end; at.increment(failed))
    taken = taken || at->path().filename() != path_.filename();
  return taken || failed;
}

fs::path folder_in_part::whole() const {
  return path_.string() + std::string(whole_ending);
}

/// The lock goes with the process; a disk that knows no locks has none.
bool folder_in_part::lock(const fs::path& folder) {
  if (lock_ >= 0) ::close(lock_);
  lock_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return lock_ < 0 || ::flock(lock_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

result<void> folder_in_part::begin() {
  std::error_code failed;
  fs::create_directories(target_.parent_path(), failed);
  const bool was_whole = inside_ && is_folder(whole());
  if (!lock(was_whole ? whole() : path_))
    return unexpected{error{errc::locked, target() + " is being made by another process"}};
  if (was_whole) {
    if (auto moved = move_up(); !moved) return moved;
    return unexpected{error{errc::conflict,
                            target() + " is there already: what was made there before was cut off, and is whole now"}};
  }
  if (auto removed = remove_folder(environment_, path()); !removed) return removed;
  if (!failed) fs::create_directory(path_, failed);
  if (failed) return unexpected{error{errc::io, "cannot make " + path_.string() + ": " + failed.message()}};
  begun_ = true;
  if (lock(path_)) return {};
  begun_ = false;  // it is the other one's
  return unexpected{error{errc::locked, target() + " is being made by another process"}};
}

result<void> folder_in_part::keep() {
  if (auto synced = sync_folder(environment_, path()); !synced) return synced;
  if (inside_ && is_taken())
    return unexpected{error{errc::conflict, target() + " is not empty any more: somebody else writes there"}};
  const auto name = inside_ ? whole() : target_;
  const auto status = environment_.RenameFile(path(), name.string());
  if (!status.ok()) return unexpected{file_error("cannot make " + name.string(), status)};
  kept_ = true;
  return inside_ ? move_up() : sync_folder(environment_, parent());
}

// From the first step to the last one the folder holds a log that cannot be opened, and what is left to be moved.
result<void> folder_in_part::move_up() {
  if (auto synced = sync_folder(environment_, target()); !synced) return synced;
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(whole(), failed), end; !failed && at != end; at.increment(failed))
    files.push_back(at->path());
  if (failed) return unexpected{error{errc::io, "cannot list " + whole().string() + ": " + failed.message()}};
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    return std::pair(rank_in_a_log(a), a) < std::pair(rank_in_a_log(b), b);
  });
  for (const auto& file : files) {
    if (rank_in_a_log(file) > 1)
      if (auto synced = sync_folder(environment_, target()); !synced) return synced;
    const auto to = (target_ / file.filename()).string();
    if (const auto status = environment_.RenameFile(file.string(), to); !status.ok())
      return unexpected{file_error("cannot make " + to, status)};
  }
  if (auto synced = sync_folder(environment_, target()); !synced) return synced;
  fs::remove(whole(), failed);
  return {};
}

std::string cut_off_in(const std::string& folder) {
  std::error_code failed;
  if (fs::exists(fs::path(folder) / "CURRENT", failed)) return {};
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
    if (at->path().filename().string().starts_with(".planexe-")) return at->path().string();
  return {};
}

}  // namespace planexe::eventstore
