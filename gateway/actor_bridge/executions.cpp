// Executions are created, steered and resolved here.
#include "gateway/actor_bridge/executions.hpp"

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

/// Nobody waits for an inline plan by itself.
class silent_plan_reply final : public actors::plan_reply {
 public:
  std::optional<eventstore::kept_answer> prepare(const domain::plan_id&, const domain::plan&,
                                                 const actors::command_outcome&) override {
    return std::nullopt;
  }
  void deliver() override {}
};

}  // namespace

response execution_response(unsigned status, const domain::execution_id& id, const domain::execution_state& state,
                            domain::timestamp now) {
  std::string text;
  render_execution(text, id, state, now);
  auto answer = json_response(status, std::move(text));
  answer.headers.emplace_back("ETag", '"' + std::to_string(state.version) + '"');
  if (status == 201) answer.headers.emplace_back("Location", "/api/executions/" + id.value);
  return answer;
}

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

void actor_bridge::core::bind_executions(router& routes) {
  bind(routes, "create_execution", [this](request request, responder answer) {
    work([this, asking = std::make_shared<request_and_answer>(std::move(request), std::move(answer))] {
      auto wanted = parse_create_execution(asking->asked.body, options.defaults);
      if (!wanted) return asking->answer.fail(wanted.error());
      const auto& who = asking->asked.caller;
      if (!wanted->command.options.refusal_override.empty() && !(who && who->is_admin()))
        return asking->answer.fail({problem_code::forbidden, "only an admin overrides a refused plan", {}, {}});
      const std::shared_ptr<keyed_request> shared =
          answers.begin(asking->asked, std::move(asking->answer), env.time.now());
      if (!shared) return;
      auto plan = plan_for(env, *wanted);
      if (!plan) return shared->send(to_response(plan.error()));
      // An inline plan is kept as a plan of its own, but only where the execution was not refused.
      const auto inline_plan = wanted->plan_json.empty() ? nullptr : *plan;
      wanted->command.source = std::move(*plan);
      ask(domain::execution_id{env.ids.next_id("exec", env.time.now())}, std::move(wanted->command), {}, shared,
          [this, inline_plan, actor = shared->actor()](
              const domain::execution_id& id, const domain::execution_state& after, const actors::command_outcome&) {
            if (inline_plan) actors::import_plan(env, inline_plan, actor, std::make_unique<silent_plan_reply>());
            return execution_response(201, id, after, env.time.now());
          });
    });
  });

  bind(routes, "patch_execution", [this](request request, responder answer) {
    auto wanted = parse_patch_execution(request.body);
    if (!wanted) return answer.fail(wanted.error());
    const auto version = wanted_version(request);
    if (!version) return answer.fail(version.error());
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    ask(domain::execution_id{std::string(request.param("execution_id"))}, std::move(*wanted), *version,
        std::move(asked),
        [this](const domain::execution_id& id, const domain::execution_state& after, const actors::command_outcome&) {
          return execution_response(200, id, after, env.time.now());
        });
  });

  bind(routes, "resolve_task", [this](request request, responder answer) {
    const domain::task_id task{std::string(request.param("task_id"))};
    auto wanted = parse_resolution(request.body, task);
    if (!wanted) return answer.fail(wanted.error());
    const auto version = wanted_version(request);
    if (!version) return answer.fail(version.error());
    const std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    const domain::execution_id id{std::string(request.param("execution_id"))};
    const auto resolve = [this, id, task, version = *version, asked](domain::resolve_review decision) {
      ask(id, std::move(decision), version, asked,
          [this, task](const domain::execution_id&, const domain::execution_state& after,
                       const actors::command_outcome&) {
            std::string text;
            render_task(text, after, env.time.now(), after.graph->find(task),
                        [this](const domain::agent_id& agent) { return lease_expiry(agent); });
            return json_response(200, std::move(text));
          });
    };
    if (wanted->action != domain::review_action::decompose || wanted->parts) return resolve(std::move(*wanted));
    read([this, id, asked, resolve, decision = std::move(*wanted)]() mutable {
      const auto state = views.executions.peek(id);
      if (!state) return asked->send(to_response(to_problem(state.error())));
      const auto whole = *state ? (*state)->graph->find(decision.task) : domain::no_task;
      // What cannot be taken apart is the execution's to refuse; a decomposer need not be asked.
      if (whole == domain::no_task || !(*state)->graph->is_leaf(whole)) return resolve(std::move(decision));
      const bool queued =
          decompose_later(decomposition_of((*state)->graph, whole), [asked, resolve, decision](decomposed outcome) {
            if (!outcome) return asked->send(to_response(why_not_decomposed(outcome.error())));
            auto by_decomposer = decision;
            by_decomposer.parts = std::make_shared<const domain::decomposition>(std::move(outcome->decomposition));
            resolve(std::move(by_decomposer));
          });
      if (!queued) asked->send(to_response(too_many_outside_calls()));
    });
  });
}

}  // namespace planexe::gateway
