// Why an execution, or a task of it, is not done yet.
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/json/render_why.hpp"

namespace planexe::gateway {
namespace {

/// Those who hold a task of the execution, and, where work is ready, all who might take it. In the projector's thread.
std::shared_ptr<const std::vector<agent_facts>> agents_around(const actor_bridge::core& core,
                                                              const domain::execution_state& state) {
  auto found = std::make_shared<std::vector<agent_facts>>();
  const auto add = [&](const projections::agent_row& row) {
    const auto presence = presence_of(core.env, row);
    found->push_back({row.id, row.state.profile, presence.status, presence.last_seen_at, core.lease_expiry(row.id),
                      row.held.size()});
  };
  if (state.in(domain::leaf_stage::ready) > 0) {
    for (const auto* row : core.views.agents.listed()) add(*row);
    return found;
  }
  std::set<domain::agent_id> holders;
  for (const auto leaf : state.held) holders.insert(state.tasks[leaf].lease->agent);
  for (const auto& holder : holders)
    if (const auto* row = core.views.agents.row(holder)) add(*row);
  return found;
}

}  // namespace

void actor_bridge::core::bind_why(router& routes) {
  const auto answer_why = [this](const request& request, responder answer) {
    const domain::task_id task{std::string(request.param("task_id"))};
    with_state(
        *this, request, share(std::move(answer)),
        [this](const domain::execution_state& state) { return agents_around(*this, state); },
        [task](responder& to, const asked_state& asked, const std::shared_ptr<const std::vector<agent_facts>>& agents) {
          const auto index = task.empty() ? domain::no_task : asked.state.graph->find(task);
          if (!task.empty() && index == domain::no_task) return to.fail(no_such("task", task.value));
          std::string text;
          render_why(text, asked.id, asked.state, index, asked.now, agents.get());
          to.send(json_response(200, std::move(text)));
        });
  };
  bind(routes, "get_execution_why", answer_why);
  bind(routes, "get_task_why", answer_why);
}

}  // namespace planexe::gateway
