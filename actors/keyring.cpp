#include "actors/keyring.hpp"

#include <caf/send.hpp>

#include "actors/environment.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::actors {
namespace {

using pointer = keyring_actor::stateful_pointer<keyring_state>;

const std::string& id_in(const domain::key_command& command) {
  return std::visit([](const auto& order) -> const std::string& { return order.id; }, command);
}

void take(pointer self, environment& env, key_request& request) {
  auto& ring = self->state.now;
  const auto at = env.time.now();
  const auto& id = id_in(request.command);
  auto item = std::make_shared<commit_item>();
  item->append.stream = projections::key_stream();
  item->append.expected_version = ring.version;
  command_outcome outcome{.recorded_at = at};
  auto decided = decide(ring, request.command, at);
  if (!decided) outcome.rejection = std::move(decided.error());
  const bool changes = decided && *decided;
  if (changes) {
    outcome.first_seq = ring.version + 1;
    outcome.recorded = 1;
    evolve(ring, **decided, {outcome.first_seq, at}, request.actor);
    const domain::event_metadata metadata{.recorded_at = at, .actor = request.actor};
    domain::event stored{std::move(**decided)};
    item->append.bytes.push_back(eventstore::encode(stored, metadata));
    item->append.events.push_back({item->append.stream, outcome.first_seq, 0, metadata, std::move(stored), {}});
  }
  const auto found = ring.keys.find(id);
  const auto key = found == ring.keys.end() ? domain::api_key{} : found->second;
  const std::shared_ptr<key_reply> reply = std::move(request.reply);
  if (reply)
    if (auto kept = reply->prepare(id, key, outcome)) item->append.answers.push_back(std::move(*kept));
  item->on_durable = [&env, reply, key, changes] {
    if (changes && env.on_key) env.on_key(key);
    if (reply) reply->deliver();
  };
  item->on_conflict = [&env] { env.on_storage_failure({errc::corrupt, "somebody else makes keys"}); };
  caf::anon_send(env.committer, append_atom_v, std::move(item));
}

}  // namespace

keyring_actor::behavior_type keyring(pointer self, environment* env, const domain::key_ring& before) {
  self->state.now = before;
  return {
      [self, env](command_atom, const key_request_ptr& request) { take(self, *env, *request); },
  };
}

}  // namespace planexe::actors
