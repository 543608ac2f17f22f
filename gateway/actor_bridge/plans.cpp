// Plans come in here: as an upload, or inside a new execution. Read and checked on the worker's thread.
#include "gateway/actor_bridge/plans.hpp"

#include <caf/send.hpp>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_plan.hpp"
#include "gateway/json/render_preview.hpp"
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

/// A plan that is only tried is answered anew each time: its key, if it has one, stays free for the real upload.
std::shared_ptr<keyed_request> plan_request(actor_bridge::core& core, request_and_answer& asking, bool dry_run) {
  if (dry_run) return std::make_shared<keyed_request>(nullptr, "", "", std::move(asking.answer), asking.asked.caller);
  return core.answers.begin(asking.asked, std::move(asking.answer), core.env.time.now());
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

void actor_bridge::core::read_plan(const std::shared_ptr<keyed_request>& asked, std::string_view bytes,
                                   plans::plan_format format, const plan_taker& take) {
  auto plan = read_checked_plan(bytes, format);
  if (!plan) return asked->send(to_response(plan.error()));
  take(std::move(*plan), asked);
}

void actor_bridge::core::preview_plan(const std::shared_ptr<domain::plan>& plan,
                                      const std::shared_ptr<keyed_request>& asked) const {
  std::string text;
  render_plan_preview(text, projections::make_plan_row(*plan, options.review_threshold, {}), plan);
  asked->send(json_response(200, std::move(text)));
}

void actor_bridge::core::keep_plan(std::shared_ptr<domain::plan> plan, const std::shared_ptr<keyed_request>& asked) {
  plan->id = domain::plan_id{env.ids.next_id("plan", env.time.now())};
  const auto render = [threshold = options.review_threshold](const domain::plan_id& id, const domain::plan& kept,
                                                             const actors::command_outcome& outcome) {
    std::string text;
    render_plan_row(text, projections::make_plan_row(kept, threshold, outcome.recorded_at));
    auto created = json_response(201, std::move(text));
    created.headers.emplace_back("Location", "/api/plans/" + id.value);
    return created;
  };
  using reply = rendered_reply<actors::plan_reply, domain::plan_id, domain::plan, decltype(render)>;
  actors::import_plan(env, std::move(plan), asked->actor(), std::make_unique<reply>(asked, commands, render));
}

void actor_bridge::core::fetch_plan(const std::shared_ptr<keyed_request>& asked, const std::string& run,
                                    plan_taker take) {
  if (!options.fetch_run)
    return asked->send(to_response(
        wrong_run("runs cannot be fetched: this server knows no worker of PlanExe's (PLANEXE_WORKER_PLAN_URL)")));
  const auto deadline = std::chrono::steady_clock::now() + longest_fetch;
  const bool queued = fetches.run_later([this, asked, run, deadline, take = std::move(take)] {
    auto zip = options.fetch_run(run, deadline, ending.get_token());
    if (!zip) return asked->send(to_response(why_no_run(zip.error())));
    read_plan(asked, *zip, plans::plan_format::zip, take);
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
    query_reader query{request};
    const bool dry_run = query.flag("dry_run");
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    work([this, format = *format, dry_run,
          asking = std::make_shared<request_and_answer>(std::move(request), std::move(answer))] {
      const auto asked = plan_request(*this, *asking, dry_run);
      if (!asked) return;
      const plan_taker take = [this, dry_run](std::shared_ptr<domain::plan> plan,
                                              const std::shared_ptr<keyed_request>& by) {
        dry_run ? preview_plan(plan, by) : keep_plan(std::move(plan), by);
      };
      if (format == plans::plan_format::json)
        if (const auto run = run_named_in(asking->asked.body))
          return *run ? fetch_plan(asked, **run, take) : asked->send(to_response(run->error()));
      read_plan(asked, asking->asked.body, format, take);
    });
  });
}

}  // namespace planexe::gateway
