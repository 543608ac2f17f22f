#include "gateway/actor_bridge/own_work.hpp"

#include <algorithm>

#include "projections/replay.hpp"

namespace planexe::gateway {

bool has_worked_on(const domain::execution_state& state, const caller_ptr& who) {
  if (!who || !who->is_agent()) return true;
  const auto& agent = who->agent;
  if (state.agent == agent) return true;
  return std::any_of(state.tasks.begin(), state.tasks.end(), [&](const domain::task_state& task) {
    if (task.lease && task.lease->agent == agent) return true;
    return std::any_of(task.ends.begin(), task.ends.end(), [&](const domain::attempt_end& end) {
      const bool of_origin = state.origin && end.seq <= state.origin->seq;
      return end.agent == agent && !of_origin;
    });
  });
}

bool may_follow(actors::read_side& views, const domain::execution_id& id, const caller_ptr& who) {
  if (!who || !who->is_agent()) return true;
  const auto* row = views.executions.row(id);
  if (row == nullptr) return false;
  if (row->agent == who->agent || std::find(row->agents.begin(), row->agents.end(), who->agent) != row->agents.end())
    return true;
  const auto state = views.executions.peek(id);
  return state && *state != nullptr && has_worked_on(**state, who);
}

result<bool> was_handed_work(const eventstore::event_log& log, const domain::execution_id& id, const caller_ptr& who) {
  constexpr std::size_t chunk = 500;  // events read at a time
  if (!who || !who->is_agent()) return true;
  const auto is_to_it = [&](const domain::event_record& record) {
    const auto* event = std::get_if<domain::execution_event>(&record.payload);
    const auto* assigned = event == nullptr ? nullptr : std::get_if<domain::task_assigned>(event);
    return assigned != nullptr && assigned->agent == who->agent && !record.metadata.inherited;
  };
  const auto stream = projections::stream_of(id);
  for (std::uint64_t seq = 0;;) {
    const auto events = log.read_stream(stream, seq, chunk);
    if (!events) return unexpected{events.error()};
    if (std::any_of(events->begin(), events->end(), is_to_it)) return true;
    if (events->empty()) return false;
    seq = events->back().seq;
  }
}

}  // namespace planexe::gateway
