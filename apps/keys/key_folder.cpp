#include "apps/keys/key_folder.hpp"

#include <filesystem>

#include "eventstore/codec.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "projections/replay.hpp"

namespace planexe::keys {
namespace {

const std::string& id_in(const domain::key_command& command) {
  return std::visit([](const auto& order) -> const std::string& { return order.id; }, command);
}

result<void> append(eventstore::rocksdb_store& store, const domain::system_event& event, std::uint64_t version,
                    const domain::event_metadata& metadata) {
  eventstore::append_request request;
  request.stream = projections::key_stream();
  request.expected_version = version;
  domain::event stored{event};
  request.bytes.push_back(eventstore::encode(stored, metadata));
  request.events.push_back({request.stream, version + 1, 0, metadata, std::move(stored), {}});
  std::vector<eventstore::append_request> batch;
  batch.push_back(std::move(request));
  result<void> done = unexpected{error{errc::io, "the log did not answer"}};
  store.append(std::move(batch), [&done](const result<std::vector<eventstore::append_outcome>>& outcome) {
    if (!outcome)
      done = unexpected{outcome.error()};
    else if (!outcome->front().committed)
      done = unexpected{error{errc::conflict, "somebody else makes keys"}};
    else
      done = result<void>{};
  });
  return done;
}

}  // namespace

result<domain::key_ring> read_key_folder(const std::string& folder) {
  const auto store = eventstore::rocksdb_store::open_to_read(folder);
  if (!store) return unexpected{store.error()};
  return projections::replay_keys(**store);
}

result<domain::api_key> change_key_folder(const std::string& folder, const domain::key_command& command,
                                          const std::string& actor, domain::timestamp now) {
  std::error_code ignored;
  if (!std::holds_alternative<domain::create_key>(command) && !std::filesystem::exists(folder, ignored))
    return unexpected{error{errc::not_found, "there is no data in '" + folder + "'"}};
  const auto store = eventstore::rocksdb_store::open(folder);
  if (!store) {
    auto why = store.error();
    if (why.code == errc::locked) why.detail += "; while it runs, ask it with --url and an admin key";
    return unexpected{std::move(why)};
  }
  auto ring = projections::replay_keys(**store);
  if (!ring) return unexpected{ring.error()};
  const auto decided = decide(*ring, command, now);
  if (!decided) return unexpected{error{errc::invalid, decided.error().detail}};
  if (*decided) {
    const domain::event_metadata metadata{.recorded_at = now, .actor = actor};
    if (auto stored = append(**store, **decided, ring->version, metadata); !stored) return unexpected{stored.error()};
    evolve(*ring, **decided, {ring->version + 1, now}, actor);
  }
  return ring->keys.at(id_in(command));
}

}  // namespace planexe::keys
