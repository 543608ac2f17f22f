#include "actors/safety_switch.hpp"

#include <caf/send.hpp>

#include "actors/environment.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::actors {
namespace {

using pointer = safety_switch_actor::stateful_pointer<safety_switch_state>;

domain::execution_command order_for(const domain::switch_state& now) {
  if (now.on) return domain::pause_execution{now.reason, true};
  return domain::resume_execution{true};
}

void tell_executions(environment& env, const domain::switch_state& now, const std::string& actor) {
  env.for_each_live([&env, now, actor](const domain::execution_id& id) {
    auto request = std::make_shared<execution_request>();
    request->command = order_for(now);
    request->actor = actor;
    request->causation_id = "switch:" + std::to_string(now.version);
    env.directory.tell(id, command_atom_v, std::move(request));
  });
}

void take(pointer self, environment& env, switch_request& request) {
  auto& now = self->state.now;
  const auto at = env.time.now();
  auto item = std::make_shared<commit_item>();
  item->append.stream = projections::switch_stream();
  item->append.expected_version = now.version;
  command_outcome outcome{.recorded_at = at};
  const auto event = decide(now, request.command);
  if (event) {
    outcome.first_seq = now.version + 1;
    outcome.recorded = 1;
    evolve(now, *event, {outcome.first_seq, at});
    const domain::event_metadata metadata{.recorded_at = at, .actor = request.actor};
    domain::event stored{*event};
    item->append.bytes.push_back(eventstore::encode(stored, metadata));
    item->append.events.push_back({item->append.stream, outcome.first_seq, 0, metadata, std::move(stored), {}});
    if (now.on) env.stop_board.pause(now.reason);  // from this moment; should the disk fail, nothing runs any more
  }
  const std::shared_ptr<switch_reply> reply = std::move(request.reply);
  if (reply)
    if (auto kept = reply->prepare({}, now, outcome)) item->append.answers.push_back(std::move(*kept));
  item->on_durable = [&env, reply, now, changed = event.has_value(), actor = request.actor] {
    if (changed && !now.on) env.stop_board.resume();
    if (changed) tell_executions(env, now, actor);
    if (reply) reply->deliver();
  };
  item->on_conflict = [&env] { env.on_storage_failure({errc::corrupt, "somebody else throws the switch"}); };
  caf::anon_send(env.committer, append_atom_v, std::move(item));
}

}  // namespace

safety_switch_actor::behavior_type safety_switch(pointer self, environment* env, const domain::switch_state& before) {
  self->state.now = before;
  return {
      [self, env](command_atom, const switch_request_ptr& request) { take(self, *env, *request); },
  };
}

}  // namespace planexe::actors
