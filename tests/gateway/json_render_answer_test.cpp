// Receipts, work, agents, plans and problems as clients see them.
#include <doctest/doctest.h>

#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_agent.hpp"
#include "gateway/json/render_answer.hpp"
#include "gateway/json/render_plan.hpp"
#include "gateway/json/writer.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using tests::json;
using tests::live_execution;
using tests::rendered;

domain::report_receipt receipt() {
  return {.execution = {"e1"},
          .seq = 7,
          .recorded_at = tests::first_moment(),
          .status = domain::execution_status::running,
          .task = domain::task_status::complete,
          .status_message = "all \"well\""};
}

json shown(const domain::report_receipt& receipt) {
  return rendered([&](std::string& out) { render_receipt(out, receipt); });
}

json outcome(const auto& of) {
  return rendered([&](std::string& out) {
    json_writer writer(out);
    append_report_outcome(writer, of);
  });
}

}  // namespace

TEST_CASE("a receipt says what was recorded and how things stand") {
  CHECK(shown(receipt()) == json{{"event_id", "e1:7"},
                                 {"execution_id", "e1"},
                                 {"seq", 7},
                                 {"recorded_at", "2026-01-31T09:05:07.250Z"},
                                 {"status", "RUNNING"},
                                 {"task_status", "COMPLETE"},
                                 {"status_message", "all \"well\""},
                                 {"force_pause", false},
                                 {"force_cancel", false}});
  CHECK(http_status_of(receipt()) == 201);
}

TEST_CASE("a receipt tells a repetition, a review and a stop") {
  auto repeated = receipt();
  repeated.duplicate = repeated.review_required = repeated.force_pause = repeated.force_cancel = true;
  const auto body = shown(repeated);
  for (const auto* flag : {"duplicate", "human_review_required", "force_pause", "force_cancel"})
    CHECK(body[flag] == true);
  CHECK(http_status_of(repeated) == 200);
}

TEST_CASE("a heartbeat's receipt names no event") {
  auto heartbeat = receipt();
  heartbeat.seq = 0;
  CHECK(!shown(heartbeat).contains("event_id"));
  CHECK(!shown(heartbeat).contains("seq"));
  CHECK(http_status_of(heartbeat) == 200);
}

TEST_CASE("each of many reports has the status it would have had alone") {
  auto expected = shown(receipt());
  expected["execution_status"] = expected["status"];
  expected["status"] = 201;
  CHECK(outcome(receipt()) == expected);
  const auto refused = outcome(problem{problem_code::lease_lost, "not yours", {}, {}});
  CHECK(refused["status"] == 409);
  CHECK(refused["code"] == "lease_lost");
}

TEST_CASE("work comes with everything its holder should know") {
  live_execution live;
  live.run(domain::queue_execution{});
  live.assign("t1.a");
  live.run(domain::complete_task{{{"a1"}, {"t1.a"}, {}}, R"({"litres":2})", ""});
  live.assign("t1.b");
  const auto item =
      std::make_shared<const domain::work_item>(domain::describe_work(live.id, live.state, live.find("t1.b")));
  domain::work_answer answer{
      .tasks = {item, item}, .lease_expires_at = tests::first_moment(), .poll_after_seconds = 2.5};
  answer.revoked.push_back({{"e2"}, {"t9"}, "paused"});
  const auto body = rendered([&](std::string& out) { render_work_answer(out, answer); });
  CHECK(body["work_available"] == true);
  CHECK(body["execution_id"] == "e1");
  CHECK(body["plan_id"] == "plan-1");
  CHECK(body["tasks"].size() == 2);
  CHECK(body["tasks"][0] == body["next_task"]);
  CHECK(body["tasks"][1] == body["next_task"]);
  CHECK(body["revoked"] == json{{{"execution_id", "e2"}, {"task_id", "t9"}, {"reason", "paused"}}});
  CHECK(body["force_pause"] == false);
  CHECK(body["force_cancel"] == false);
  CHECK(body["poll_after_seconds"] == 2.5);
  CHECK(body["next_task"] == json{{"execution_id", "e1"},
                                  {"plan_id", "plan-1"},
                                  {"task_id", "t1.b"},
                                  {"title", "Heat"},
                                  {"description", "About Heat"},
                                  {"action", "write"},
                                  {"params", json::object()},
                                  {"attempt", 1},
                                  {"timeout_hours", 24},
                                  {"retry_policy", {{"max_attempts", 3}, {"backoff_seconds", 300}}},
                                  {"lease_token", "token-2"},
                                  {"lease_expires_at", "2026-01-31T09:05:07.250Z"},
                                  {"context",
                                   {{"plan_goal", "Tea for \"all\""},
                                    {"phase", "First"},
                                    {"previous_tasks", {{{"task_id", "t1.a"}, {"title", "Fill"}}}},
                                    {"upcoming_tasks", {{{"task_id", "p2"}, {"title", "Second"}}}},
                                    {"prerequisite_results",
                                     {{{"task_id", "t1.a"}, {"title", "Fill"}, {"output_data", {{"litres", 2}}}}}}}}});
}

TEST_CASE("work tells its holder what a person said") {
  live_execution live;
  live.run(domain::queue_execution{});
  live.run(domain::resolve_review{.task = {"t2"}, .action = domain::review_action::approve, .note = "green tea"});
  live.assign("t2");
  domain::work_answer answer;
  answer.tasks.push_back(
      std::make_shared<const domain::work_item>(domain::describe_work(live.id, live.state, live.find("t2"))));
  const auto body = rendered([&](std::string& out) { render_work_answer(out, answer); });
  CHECK(body["next_task"]["context"]["resolution"] == "green tea");
}

TEST_CASE("an answer without work still tells what was revoked") {
  domain::work_answer answer{.force_cancel = true};
  answer.revoked.push_back({{"e1"}, {"t1"}, "cancelled"});
  const auto body = rendered([&](std::string& out) { render_work_answer(out, answer); });
  CHECK(body["work_available"] == false);
  CHECK(body["next_task"].is_null());
  CHECK(body["tasks"] == json::array());
  CHECK(body["revoked"].size() == 1);
  CHECK(body["force_cancel"] == true);
}

TEST_CASE("an agent shows who it is, what it holds and what it has done") {
  projections::agent_row row{.id = {"a1"}};
  row.state.version = 3;
  row.state.profile = {"Ann", domain::agent_kind::human, {"cook"}, {{"*", ""}, {"write", R"({"lang":"en"})"}}, 2, ""};
  row.state.registered_at = row.state.updated_at = tests::first_moment();
  row.held.push_back({{"e1"}, {"t1"}, tests::first_moment()});
  row.completed = 5;
  row.failed = 1;
  const std::string time = "2026-01-31T09:05:07.250Z";
  const auto body = rendered([&](std::string& out) { render_agent(out, row, {"unreachable", tests::first_moment()}); });
  CHECK(body == json{{"agent_id", "a1"},
                     {"name", "Ann"},
                     {"kind", "human"},
                     {"roles", {"cook"}},
                     {"capabilities", {{{"action", "*"}}, {{"action", "write"}, {"params", {{"lang", "en"}}}}}},
                     {"max_concurrent_tasks", 2},
                     {"status", "unreachable"},
                     {"last_seen_at", time},
                     {"held_tasks", {{{"execution_id", "e1"}, {"task_id", "t1"}, {"since", time}}}},
                     {"completed", 5},
                     {"failed", 1},
                     {"version", 3},
                     {"registered_at", time},
                     {"updated_at", time}});
  CHECK(!rendered([&](std::string& out) { render_agent(out, row, {"idle", {}}); }).contains("last_seen_at"));
  CHECK(rendered([&](std::string& out) { render_capabilities(out, row.id, row.state.profile); }) ==
        json{{"agent_id", "a1"}, {"capabilities", body["capabilities"]}});
}

TEST_CASE("a registration shows its key once, where there is one") {
  domain::agent_state state{.registered = true, .version = 1};
  state.profile.name = "Bot";
  const auto with = rendered([&](std::string& out) { render_registration(out, {"a1"}, state, "pxk_1"); });
  CHECK(with["agent_id"] == "a1");
  CHECK(with["name"] == "Bot");
  CHECK(with["kind"] == "ai");
  CHECK(with["status"] == "active");
  CHECK(with["api_key"] == "pxk_1");
  CHECK(!rendered([&](std::string& out) { render_registration(out, {"a1"}, state, ""); }).contains("api_key"));
}

TEST_CASE("a plan's summary and the plan itself") {
  const auto plan = tests::small_plan();
  projections::plan_row row{.id = {"plan-1"},
                            .title = "A plan",
                            .goal = "G",
                            .phases = 2,
                            .tasks = 3,
                            .tasks_total = 4,
                            .dependencies = 1,
                            .roles = {"cook"},
                            .warnings = plan.warnings,
                            .agent_executable = 3,
                            .needs_review = 1,
                            .human = 0,
                            .mean_confidence = 0.85,
                            .redline = domain::redline_verdict::allow_with_safety_framing,
                            .imported_at = tests::first_moment()};
  const auto body = rendered([&](std::string& out) { render_plan_row(out, row); });
  CHECK(body ==
        json{{"plan_id", "plan-1"},
             {"title", "A plan"},
             {"goal", "G"},
             {"phases", 2},
             {"tasks", 3},
             {"tasks_total", 4},
             {"dependencies", 1},
             {"roles", {"cook"}},
             {"warnings", {{{"code", "no_dates"}, {"detail", "the plan has no dates"}}}},
             {"decomposition", {{"agent_executable", 3}, {"needs_review", 1}, {"human", 0}, {"mean_confidence", 0.85}}},
             {"redline", "ALLOW_WITH_SAFETY_FRAMING"},
             {"imported_at", "2026-01-31T09:05:07.250Z"}});
  const std::vector rows{row};
  CHECK(rendered([&](std::string& out) { render_plan_rows(out, rows); }) == json::array({body}));
  auto whole = rendered([&](std::string& out) { render_plan(out, row, plan); });
  CHECK(whole["team"] == json{{{"name", "cook"}, {"description", "boils water"}}});
  CHECK(whole["risks"][0]["title"] == "No water");
  whole.erase("team");
  for (const auto* only_here : {"risks", "assumptions", "edges"}) {
    CHECK(whole.contains(only_here));
    whole.erase(only_here);
  }
  CHECK(whole == body);
  row.redline = domain::redline_verdict::none;
  row.start_warning = "Do Not Execute";
  const auto warned = rendered([&](std::string& out) { render_plan_row(out, row); });
  CHECK(!warned.contains("redline"));
  CHECK(warned["start_warning"] == "Do Not Execute");
}

TEST_CASE("a plan's tasks stand as its author arranged them") {
  const auto tree = rendered([](std::string& out) { render_plan_tasks(out, tests::small_plan()); });
  REQUIRE(tree.size() == 2);
  CHECK(tree[0]["task_id"] == "p1");
  CHECK(tree[0]["level"] == "phase");
  const auto& leaf = tree[0]["children"][0]["children"][0];
  CHECK(leaf["task_id"] == "t1.a");
  CHECK(leaf["parent_id"] == "t1");
  CHECK(leaf["params"] == json{{"litres", 1.5}});
  CHECK(leaf["estimate"]["days_max"] == 2);
  CHECK(!leaf.contains("status"));
  const auto& last = tree[1]["children"][0];
  CHECK(last["prerequisites"] == json{"t2"});
  CHECK(last["timeout_hours"] == 2);
  CHECK(last["retry_policy"]["backoff_seconds"] == 0.5);
  CHECK(last["decomposition_confidence"] == 1);
}

TEST_CASE("a refusal becomes the problem of its name") {
  using code = domain::rejection_code;
  const std::vector<std::tuple<code, std::string_view, unsigned>> cases{
      {code::not_found, "not_found", 404},
      {code::invalid_transition, "invalid_transition", 409},
      {code::lease_lost, "lease_lost", 409},
      {code::already_exists, "already_exists", 409},
      {code::task_not_held, "task_not_held", 409},
      {code::plan_refused, "plan_refused", 409},
      {code::confirmation_required, "confirmation_required", 409},
      {code::version_mismatch, "version_mismatch", 412},
      {code::validation_failed, "validation_failed", 422},
      {code::idempotency_key_reused, "idempotency_key_reused", 422},
      {code::unavailable, "unavailable", 503}};
  for (const auto& [from, name, status] : cases) {
    const auto answer = to_response(to_problem(domain::rejection{from, "why", {{"f", "wrong"}}}));
    CHECK(answer.status == status);
    CHECK(json::parse(answer.body)["code"] == name);
    CHECK(json::parse(answer.body)["detail"] == "why");
  }
  const auto refused = to_problem(domain::rejection{code::validation_failed, "why", {{"f", "wrong"}}});
  CHECK(tests::fields_of(refused) == std::set<std::string>{"f"});
  CHECK(to_problem(domain::rejection{code::unavailable, "full", {}}).headers.front().first == "Retry-After");
}

TEST_CASE("what fails below never tells the client its internals") {
  CHECK(to_problem(error{errc::not_found, "no such plan"}).code == problem_code::not_found);
  CHECK(to_problem(error{errc::too_large, "big"}).code == problem_code::payload_too_large);
  for (const auto code : {errc::io, errc::corrupt, errc::newer_version, errc::locked}) {
    const auto problem = to_problem(error{code, "/var/secret"});
    CHECK(problem.code == problem_code::unavailable);
    CHECK(problem.detail.find("secret") == std::string::npos);
  }
}

}  // namespace planexe::gateway
