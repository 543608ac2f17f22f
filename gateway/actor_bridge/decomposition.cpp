// Tasks are taken apart here, for an agent that asks how. The decomposer may ask a model, so it runs on threads of its
// own.
#include "gateway/actor_bridge/core.hpp"
#include "gateway/actor_bridge/own_work.hpp"
#include "gateway/json/parse_decompose.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_decomposition.hpp"

namespace planexe::gateway {
namespace {

/// From the request on, waiting for a thread included: under the gateway's own limit for an answer (120 s).
constexpr std::chrono::seconds longest_decomposition{100};
constexpr std::size_t most_siblings = 24;  // titles; more tell a model nothing new

}  // namespace

problem why_not_decomposed(const plans::decomposition_failure& failure) {
  if (failure.cancelled) return unavailable("the server is shutting down", 5);
  return unavailable(failure.detail, 30);
}

namespace {

std::string render_outcome(const domain::task_id& task, const plans::decomposition_outcome& outcome) {
  std::string text;
  render_decomposition(text, {task, outcome.confidence, outcome.decomposition,
                              plans::execution_sequence(outcome.decomposition.subtasks), outcome.warnings});
  return text;
}

}  // namespace

problem actor_bridge::core::too_many_outside_calls(std::string_view what) {
  return unavailable("too many " + std::string(what) + " already", 10);
}

plans::decomposition_request actor_bridge::core::decomposition_of(
    const std::shared_ptr<const domain::plan_graph>& graph, domain::task_index task) {
  plans::decomposition_request wanted;
  wanted.task = graph->task(task);
  wanted.plan_goal = graph->plan().goal;
  wanted.phase = graph->task(graph->phase_of(task)).title;
  if (const auto parent = graph->parent(task); parent != domain::no_task)
    for (const auto sibling : graph->children(parent))
      if (sibling != task && wanted.siblings.size() < most_siblings)
        wanted.siblings.push_back(graph->task(sibling).title);
  wanted.taken = [graph](std::string_view id) {
    return graph->find(domain::task_id{std::string(id)}) != domain::no_task;
  };
  return wanted;
}

bool actor_bridge::core::decompose_later(plans::decomposition_request request, std::function<void(decomposed)> then) {
  request.deadline = std::chrono::steady_clock::now() + longest_decomposition;
  request.stop = ending.get_token();
  return decompositions.run_later(
      [decomposer = options.decomposer, request = std::move(request), then = std::move(then)] {
        if (request.stop.stop_requested())
          return then(unexpected{plans::decomposition_failure{"the server is shutting down", true}});
        then(decomposer->decompose(request));
      });
}

void actor_bridge::core::bind_decomposition(router& routes) {
  bind(routes, "decompose_task", [this](const request& request, responder answer) {
    auto parsed = parse_decompose(request.body);
    if (!parsed) return answer.fail(parsed.error());
    const std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    const domain::agent_id agent{std::string(request.param("agent_id"))};
    read([this, asked, agent, wanted = std::move(*parsed)]() mutable {
      const auto* row = views.agents.row(agent);
      if (row == nullptr) return asked->send(to_response(no_such("agent", agent.value)));
      plans::decomposition_request order;
      order.task = std::move(wanted.task);
      order.plan_goal = std::move(wanted.plan_goal);
      order.phase = std::move(wanted.phase);
      order.siblings = std::move(wanted.siblings);
      order.agent_capabilities = std::move(wanted.agent_capabilities);
      if (order.agent_capabilities.empty())
        for (const auto& each : row->state.profile.capabilities) order.agent_capabilities.push_back(each.action);
      if (!wanted.execution.empty()) {
        const auto state = views.executions.peek(wanted.execution);
        if (!state) return asked->send(to_response(to_problem(state.error())));
        const bool is_seen = *state != nullptr && has_worked_on(**state, asked->caller());
        const auto graph = is_seen ? (*state)->graph : nullptr;
        const auto task = graph ? graph->find(order.task.id) : domain::no_task;
        if (task != domain::no_task) {
          auto capabilities = std::move(order.agent_capabilities);
          order = decomposition_of(graph, task);
          order.agent_capabilities = std::move(capabilities);
        } else if (order.task.title.empty()) {
          return asked->send(
              to_response(graph ? no_such("task", order.task.id.value) : no_such("execution", wanted.execution.value)));
        }
      }
      const auto task = order.task.id;
      const bool queued = decompose_later(std::move(order), [this, asked, task](decomposed outcome) {
        if (!outcome) return asked->send(to_response(why_not_decomposed(outcome.error())));
        keep_and_send(env, asked, json_response(200, render_outcome(task, *outcome)));
      });
      if (!queued) asked->send(to_response(too_many_outside_calls()));
    });
  });
}

}  // namespace planexe::gateway
