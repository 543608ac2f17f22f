#include "gateway/actor_bridge/own_work.hpp"

#include <algorithm>

namespace planexe::gateway {

bool has_worked_on(const domain::execution_state& state, const caller_ptr& who) {
  if (!who || !who->is_agent()) return true;
  const auto& agent = who->agent;
  if (state.agent == agent) return true;
  return std::any_of(state.tasks.begin(), state.tasks.end(), [&](const domain::task_state& task) {
    if (task.lease && task.lease->agent == agent) return true;
    return std::any_of(task.ends.begin(), task.ends.end(), [&](const auto& end) { return end.agent == agent; });
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

}  // namespace planexe::gateway
