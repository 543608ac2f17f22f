#include "apps/backups.hpp"

#include <sys/stat.h>

#include <chrono>

namespace planexe::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
// What is written while a backup is made, and what its folders take.
constexpr std::uint64_t spare_bytes = 8 * megabyte;

bool are_on_one_disk(const fs::path& one, const fs::path& other) {
  struct stat a {
  }, b{};
  return stat(one.c_str(), &a) == 0 && stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev;
}

unexpected<error> no_room(std::string detail) {
  return unexpected{error{errc::too_large, std::move(detail)}};
}

class backup_folder {
 public:
  backup_folder(fs::path folder, const eventstore::rocksdb_store& store, std::shared_ptr<const actors::disk_board> disk,
                std::string release)
      : folder_(fs::absolute(folder)), store_(store), disk_(std::move(disk)), release_(std::move(release)) {}

  result<eventstore::named_backup> make(const std::string& name, const std::stop_token& stop) const {
    const auto target = (folder_ / name).string();
    if (auto place = eventstore::check_place(target, store_.folder()); !place) return unexpected{place.error()};
    if (auto room = check_room(); !room) return unexpected{room.error()};
    const bool shares_disk = are_on_one_disk(folder_, store_.folder());
    eventstore::backup_order order{.target = target,
                                   .release = release_,
                                   .now = std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now()),
                                   .go_on = [&]() -> result<void> {
                                     if (stop.stop_requested())
                                       return unexpected{error{errc::locked, "the server is shutting down"}};
                                     if (shares_disk && !disk_->takes_new_work()) return no_room(disk_->refusal());
                                     return {};
                                   }};
    auto facts = eventstore::back_up(store_, order);
    if (!facts) return unexpected{facts.error()};
    return eventstore::named_backup{name, std::move(*facts)};
  }

  result<std::vector<eventstore::named_backup>> list() const { return eventstore::list_backups(folder_.string()); }

 private:
  /// A backup must not be what fills the disk.
  result<void> check_room() const {
    std::error_code failed;
    fs::create_directories(folder_, failed);
    const auto space = fs::space(folder_, failed);
    if (failed)
      return unexpected{
          error{errc::io, "cannot use the folder of backups " + folder_.string() + ": " + failed.message()}};
    const auto needed = eventstore::backup_bytes(store_.folder()) + spare_bytes;
    const auto kept = are_on_one_disk(folder_, store_.folder()) ? disk_->reserve().new_work_bytes : std::uint64_t{0};
    if (space.available >= needed + kept) return {};
    return no_room("the backup needs " + std::to_string(needed / megabyte) + " MB, and the disk of the backups has " +
                   std::to_string(space.available / megabyte) + " MB left" +
                   (kept > 0 ? ", of which " + std::to_string(kept / megabyte) +
                                   " MB are kept in reserve (PLANEXE_DISK_RESERVE_MB)"
                             : ""));
  }

  fs::path folder_;
  const eventstore::rocksdb_store& store_;
  std::shared_ptr<const actors::disk_board> disk_;
  std::string release_;
};

}  // namespace

std::optional<gateway::backup_place> make_backup_place(const fs::path& folder, const eventstore::rocksdb_store& store,
                                                       std::shared_ptr<const actors::disk_board> disk,
                                                       std::string release) {
  if (folder.empty()) return std::nullopt;
  const auto place = std::make_shared<const backup_folder>(folder, store, std::move(disk), std::move(release));
  return gateway::backup_place{
      .make = [place](const std::string& name, const std::stop_token& stop) { return place->make(name, stop); },
      .list = [place] { return place->list(); }};
}

}  // namespace planexe::apps
