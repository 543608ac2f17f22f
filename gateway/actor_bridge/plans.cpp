// Plans come in here: as an upload, or inside a new execution. Read and checked on the worker's thread.
#include "gateway/actor_bridge/plans.hpp"

#include <caf/send.hpp>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_plan.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

problem refused_plan(bool too_large, const std::vector<domain::plan_problem>& problems) {
  problem refused{
      too_large ? problem_code::payload_too_large : problem_code::validation_failed, "the plan cannot be read", {}, {}};
  for (const auto& reason : problems) refused.errors.push_back({reason.field, reason.message});
  return refused;
}

std::optional<plans::plan_format> format_of(const request& request) {
  const auto type = media_type(request);
  if (equals_ignoring_case(type, "application/json")) return plans::plan_format::json;
  if (equals_ignoring_case(type, "application/zip") || equals_ignoring_case(type, "application/x-zip-compressed"))
    return plans::plan_format::zip;
  return std::nullopt;
}

}  // namespace

expected<std::shared_ptr<domain::plan>, problem> read_checked_plan(std::string_view bytes, plans::plan_format format) {
  auto plan = plans::read_plan(bytes, format);
  if (!plan) return unexpected{refused_plan(plan.error().too_large, plan.error().problems)};
  auto shared = std::make_shared<domain::plan>(std::move(*plan));
  // Given dependencies that form a cycle can never be executed, whatever the sequencing.
  if (const auto graph = domain::plan_graph::build(shared, domain::sequencing::dependencies); !graph)
    return unexpected{refused_plan(false, graph.error())};
  return shared;
}

void actor_bridge::core::bind_plans(router& routes) {
  bind(routes, "create_plan", [this](request request, responder answer) {
    const auto format = format_of(request);
    if (!format)
      return answer.fail(
          {problem_code::unsupported_media_type, "a plan is application/json or application/zip", {}, {}});
    work([this, format = *format,
          asking = std::make_shared<request_and_answer>(std::move(request), std::move(answer))] {
      const std::shared_ptr<keyed_request> shared =
          answers.begin(asking->asked, std::move(asking->answer), env.time.now());
      if (!shared) return;
      auto plan = read_checked_plan(asking->asked.body, format);
      if (!plan) return shared->send(to_response(plan.error()));
      (*plan)->id = domain::plan_id{env.ids.next_id("plan", env.time.now())};
      const auto render = [threshold = options.review_threshold](const domain::plan_id& id, const domain::plan& kept,
                                                                 const actors::command_outcome& outcome) {
        std::string text;
        render_plan_row(text, projections::make_plan_row(kept, threshold, outcome.recorded_at));
        auto created = json_response(201, std::move(text));
        created.headers.emplace_back("Location", "/api/plans/" + id.value);
        return created;
      };
      using reply = rendered_reply<actors::plan_reply, domain::plan_id, domain::plan, decltype(render)>;
      actors::import_plan(env, std::move(*plan), person, std::make_unique<reply>(shared, commands, render));
    });
  });
}

}  // namespace planexe::gateway
