// Plans come in here: as an upload, or inside a new execution. Read and checked on the worker's thread.
#include "gateway/actor_bridge/plans.hpp"

#include <caf/send.hpp>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/body_fields.hpp"
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

// Under the gateway's own limit for an answer (120 s), the reading of the plan included.
constexpr std::chrono::seconds longest_fetch{100};
// A body that names a run holds nothing else; a longer one is a plan.
constexpr std::size_t longest_run_request = 4 * 1024;

/// The run that a body names instead of holding a plan, `{"planexe_run_id": "…"}`; nothing when it names none.
std::optional<expected<std::string, problem>> run_named_in(std::string_view body) {
  constexpr std::string_view member = "planexe_run_id";
  if (body.size() > longest_run_request || body.find(member) == std::string_view::npos) return std::nullopt;
  const auto document = json_document::parse(body);
  if (!document || !document->root().member(member)) return std::nullopt;
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  fields.require(member);
  auto run = fields.text(member, max_name_bytes);
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return run;
}

problem wrong_run(std::string message) {
  return {problem_code::validation_failed, message, {{"planexe_run_id", message}}, {}};
}

problem why_no_run(const run_refusal& refusal) {
  constexpr unsigned come_back_seconds = 30;
  switch (refusal.why) {
    case run_refusal::reason::unknown:
      return wrong_run(refusal.detail);
    case run_refusal::reason::too_large:
      return {problem_code::payload_too_large, refusal.detail, {{"planexe_run_id", refusal.detail}}, {}};
    case run_refusal::reason::unavailable:
      break;
  }
  return unavailable(refusal.detail, come_back_seconds);
}

std::optional<plans::plan_format> format_of(const request& request) {
  const auto type = media_type(request);
  if (equals_ignoring_case(type, "application/json")) return plans::plan_format::json;
  if (equals_ignoring_case(type, "application/zip") || equals_ignoring_case(type, "application/x-zip-compressed"))
    return plans::plan_format::zip;
  if (equals_ignoring_case(type, "text/markdown")) return plans::plan_format::markdown;
  if (equals_ignoring_case(type, "text/csv")) return plans::plan_format::csv;
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

void actor_bridge::core::keep_plan(const std::shared_ptr<keyed_request>& asked, std::string_view bytes,
                                   plans::plan_format format) {
  auto plan = read_checked_plan(bytes, format);
  if (!plan) return asked->send(to_response(plan.error()));
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
  actors::import_plan(env, std::move(*plan), asked->actor(), std::make_unique<reply>(asked, commands, render));
}

void actor_bridge::core::fetch_plan(const std::shared_ptr<keyed_request>& asked, const std::string& run) {
  if (!options.fetch_run)
    return asked->send(to_response(
        wrong_run("runs cannot be fetched: this server knows no worker of PlanExe's (PLANEXE_WORKER_PLAN_URL)")));
  const auto deadline = std::chrono::steady_clock::now() + longest_fetch;
  const bool queued = fetches.run_later([this, asked, run, deadline] {
    auto zip = options.fetch_run(run, deadline, ending.get_token());
    if (!zip) return asked->send(to_response(why_no_run(zip.error())));
    keep_plan(asked, *zip, plans::plan_format::zip);
  });
  if (!queued) asked->send(to_response(too_many_outside_calls("runs are being fetched")));
}

void actor_bridge::core::bind_plans(router& routes) {
  bind(routes, "create_plan", [this](request request, responder answer) {
    const auto format = format_of(request);
    if (!format)
      return answer.fail({problem_code::unsupported_media_type,
                          "a plan is application/json, application/zip, text/markdown or text/csv",
                          {},
                          {}});
    work(
        [this, format = *format, asking = std::make_shared<request_and_answer>(std::move(request), std::move(answer))] {
          const std::shared_ptr<keyed_request> asked =
              answers.begin(asking->asked, std::move(asking->answer), env.time.now());
          if (!asked) return;
          if (format == plans::plan_format::json)
            if (const auto run = run_named_in(asking->asked.body))
              return *run ? fetch_plan(asked, **run) : asked->send(to_response(run->error()));
          keep_plan(asked, asking->asked.body, format);
        });
  });
}

}  // namespace planexe::gateway
