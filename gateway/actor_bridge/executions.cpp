// Executions are created, steered and resolved here.
#include <caf/send.hpp>

#include <charconv>

#include "domain/answers.hpp"
#include "gateway/actor_bridge/core.hpp"
#include "gateway/actor_bridge/plans.hpp"
#include "gateway/json/parse_execution.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_task.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

constexpr std::string_view person = "person";

response execution_response(unsigned status, const domain::execution_id& id, const domain::execution_state& state) {
  std::string text;
  render_execution(text, id, state);
  auto answer = json_response(status, std::move(text));
  answer.headers.emplace_back("ETag", '"' + std::to_string(state.version) + '"');
  if (status == 201) answer.headers.emplace_back("Location", "/api/executions/" + id.value);
  return answer;
}

/// The version that `If-Match` asks for. Nothing: any. A tag that no version can have is a mismatch.
expected<std::optional<std::uint64_t>, problem> wanted_version(const request& request) {
  const auto given = request.header("if-match");
  if (!given || *given == "*") return std::optional<std::uint64_t>{};
  auto text = *given;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  std::uint64_t version = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (failure != std::errc{} || end != text.data() + text.size())
    return unexpected{problem{problem_code::version_mismatch, "If-Match names no version of this execution", {}, {}}};
  return std::optional{version};
}

/// Finds or reads the plan that a new execution is of.
expected<std::shared_ptr<const domain::plan>, problem> plan_for(actors::environment& env,
                                                                const create_execution_request& wanted) {
  if (wanted.plan_json.empty()) {
    auto plan = projections::load_plan(env.log, wanted.plan);
    if (plan) return *plan;
    if (plan.error().code != errc::not_found) return unexpected{to_problem(plan.error())};
    return unexpected{problem{problem_code::validation_failed,
                              "the execution's plan is not known",
                              {{"plan_id", "no plan '" + wanted.plan.value + "'"}},
                              {}}};
  }
  auto plan = read_checked_plan(wanted.plan_json, plans::plan_format::json);
  if (!plan) return unexpected{plan.error()};
  (*plan)->id = domain::plan_id{env.ids.next_id("plan", env.time.now())};
  return std::shared_ptr<const domain::plan>{std::move(*plan)};
}

/// An inline plan becomes a plan like any other, but only together with its execution's success would be too strict: a
/// plan without an execution is harmless. Nobody waits for it.
class silent_plan_reply final : public actors::plan_reply {
 public:
  std::optional<eventstore::kept_answer> prepare(const domain::plan_id&, const domain::plan&,
                                                 const actors::command_outcome&) override {
    return std::nullopt;
  }
  void deliver() override {}
};

}  // namespace

void actor_bridge::core::bind_executions(router& routes) {
  bind(routes, "create_execution", [this](request request, responder answer) {
    work([this, asking = std::make_shared<request_and_answer>(std::move(request), std::move(answer))] {
      auto wanted = parse_create_execution(asking->asked.body, options.defaults);
      if (!wanted) return asking->answer.fail(wanted.error());
      const std::shared_ptr<keyed_request> shared =
          answers.begin(asking->asked, std::move(asking->answer), env.time.now());
      if (!shared) return;
      auto plan = plan_for(env, *wanted);
      if (!plan) return shared->send(to_response(plan.error()));
      if (!wanted->plan_json.empty())
        actors::import_plan(env, *plan, std::string(person), std::make_unique<silent_plan_reply>());
      auto order = std::make_shared<actors::execution_request>();
      wanted->command.source = std::move(*plan);
      order->command = std::move(wanted->command);
      order->actor = person;
      order->reply = execution_reply_with(shared, commands,
                                          [](const domain::execution_id& id, const domain::execution_state& state,
                                             const actors::command_outcome& outcome) {
                                            return outcome.rejection ? to_response(to_problem(*outcome.rejection))
                                                                     : execution_response(201, id, state);
                                          });
      const domain::execution_id id{env.ids.next_id("exec", env.time.now())};
      env.directory.tell(id, actors::command_atom_v, std::move(order));
    });
  });

  bind(routes, "patch_execution", [this](request request, responder answer) {
    auto wanted = parse_patch_execution(request.body);
    if (!wanted) return answer.fail(wanted.error());
    const auto version = wanted_version(request);
    if (!version) return answer.fail(version.error());
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    auto order = std::make_shared<actors::execution_request>();
    order->command = std::move(*wanted);
    order->actor = person;
    order->expected_version = *version;
    order->reply = execution_reply_with(std::move(asked), commands,
                                        [](const domain::execution_id& id, const domain::execution_state& state,
                                           const actors::command_outcome& outcome) {
                                          return outcome.rejection ? to_response(to_problem(*outcome.rejection))
                                                                   : execution_response(200, id, state);
                                        });
    const domain::execution_id id{std::string(request.param("execution_id"))};
    env.directory.tell(id, actors::command_atom_v, std::move(order));
  });

  bind(routes, "resolve_task", [this](request request, responder answer) {
    const domain::task_id task{std::string(request.param("task_id"))};
    auto wanted = parse_resolution(request.body, task);
    if (!wanted) return answer.fail(wanted.error());
    const auto version = wanted_version(request);
    if (!version) return answer.fail(version.error());
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    auto order = std::make_shared<actors::execution_request>();
    order->command = std::move(*wanted);
    order->actor = person;
    order->expected_version = *version;
    order->reply =
        execution_reply_with(std::move(asked), commands,
                             [this, task](const domain::execution_id&, const domain::execution_state& state,
                                          const actors::command_outcome& outcome) {
                               if (outcome.rejection) return to_response(to_problem(*outcome.rejection));
                               std::string text;
                               render_task(text, state, state.graph->find(task),
                                           [this](const domain::agent_id& agent) { return lease_expiry(agent); });
                               return json_response(200, std::move(text));
                             });
    const domain::execution_id id{std::string(request.param("execution_id"))};
    env.directory.tell(id, actors::command_atom_v, std::move(order));
  });
}

}  // namespace planexe::gateway
