#include "apps/replay/sources.hpp"

#include "eventstore/rocksdb_store.hpp"

namespace planexe::replaying {
namespace {

log_opener in_folder(const std::string& folder) {
  return [folder]() -> result<std::shared_ptr<const eventstore::event_log>> {
    auto store = eventstore::rocksdb_store::open_to_read(folder);
    if (!store) return unexpected{store.error()};
    return std::shared_ptr<const eventstore::event_log>{std::move(*store)};
  };
}

}  // namespace

result<recording> open_recording(const replay_request& wanted) {
  if (!domain::is_valid_id(wanted.what)) return unexpected{error{errc::invalid, "'" + wanted.what + "' is not an id"}};
  return recording::open(in_folder(wanted.data_folder), {wanted.what});
}

}  // namespace planexe::replaying
