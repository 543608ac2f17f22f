// Risks, failure modes and assumptions: whole beside a plan, in short beside a blocker.
#include <doctest/doctest.h>

#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_plan.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using tests::json;
using tests::live_execution;
using tests::rendered;

/// The fixture's t2 ("Choose", index 4, below p1, index 0) waits for an approval once the execution is queued.
domain::plan worried_plan() {
  auto plan = tests::small_plan();
  domain::plan_risk mode;
  mode.title = "The Dry Kettle";
  mode.description = "Nobody filled it.";
  mode.severity = "very high";
  mode.mitigation = "Contain: stop.\nRespond: fill it.";
  mode.id = "FM1";
  mode.kind = domain::risk_kind::failure_mode;
  mode.likelihood = "medium";
  mode.owner = "The cook";
  mode.early_warnings = {"no steam"};
  mode.tripwires = {"less than 1 l", "red light"};
  mode.stop_rule = "No water in the whole town.";
  mode.tasks = {0, 4};
  plan.risks.push_back(mode);
  plan.risks[0].tasks = {0};
  plan.assumptions = {{"A1", "Everybody likes tea.", "Ask ten people.", "Six say no.", {4}},
                      {"A2", "The cups are clean.", "", "", {}}};
  return plan;
}

json plan_body(const domain::plan& plan) {
  return rendered([&](std::string& out) { render_plan(out, projections::plan_row{}, plan); });
}

json blocker_of(const live_execution& live, const std::string& task) {
  const auto blockers = rendered([&](std::string& out) { render_blockers(out, live.state); });
  for (const auto& blocker : blockers)
    if (blocker["task_id"] == task) return blocker;
  return nullptr;
}

}  // namespace

TEST_CASE("a plan shows its risks whole, with the ids of the tasks they speak of") {
  const auto body = plan_body(worried_plan());
  REQUIRE(body["risks"].size() == 2);
  CHECK(body["risks"][0] == json{{"kind", "risk"},
                                 {"title", "No water"},
                                 {"description", "The tap may be dry"},
                                 {"severity", "high"},
                                 {"mitigation", "Buy some"},
                                 {"tasks", {"p1"}}});
  CHECK(body["risks"][1] == json{{"id", "FM1"},
                                 {"kind", "failure_mode"},
                                 {"title", "The Dry Kettle"},
                                 {"description", "Nobody filled it."},
                                 {"severity", "very high"},
                                 {"likelihood", "medium"},
                                 {"owner", "The cook"},
                                 {"mitigation", "Contain: stop.\nRespond: fill it."},
                                 {"early_warnings", {"no steam"}},
                                 {"tripwires", {"less than 1 l", "red light"}},
                                 {"stop_rule", "No water in the whole town."},
                                 {"tasks", {"p1", "t2"}}});
}

TEST_CASE("a plan shows what it takes for granted") {
  CHECK(plan_body(worried_plan())["assumptions"] == json{{{"id", "A1"},
                                                          {"statement", "Everybody likes tea."},
                                                          {"test", "Ask ten people."},
                                                          {"falsifier", "Six say no."},
                                                          {"tasks", {"t2"}}},
                                                         {{"id", "A2"}, {"statement", "The cups are clean."}}});
  CHECK(plan_body(tests::small_plan())["assumptions"] == json::array());
}

TEST_CASE("a plan shows its dependencies with their reasons") {
  auto plan = tests::small_plan();
  plan.dependencies.push_back({2, 6, ""});
  CHECK(plan_body(plan)["edges"] == json{{{"from", "t2"}, {"to", "t3"}, {"explanation", "the kind decides the cup"}},
                                         {{"from", "t1.a"}, {"to", "t3"}}});
}

TEST_CASE("an execution shows the same risks as its plan") {
  const live_execution live(worried_plan());
  const auto body = rendered([&](std::string& out) { render_execution(out, live.id, live.state, live.now()); });
  CHECK(body["risks"] == plan_body(worried_plan())["risks"]);
}

TEST_CASE("a blocker shows what concerns its task, its own first and then that of the tasks above") {
  live_execution live(worried_plan());
  live.run(domain::queue_execution{});
  const auto blocker = blocker_of(live, "t2");
  CHECK(blocker["risks"] == json{{{"id", "FM1"},
                                  {"kind", "failure_mode"},
                                  {"title", "The Dry Kettle"},
                                  {"severity", "very high"},
                                  {"likelihood", "medium"},
                                  {"owner", "The cook"},
                                  {"task_id", "t2"}},
                                 {{"kind", "risk"}, {"title", "No water"}, {"severity", "high"}, {"task_id", "p1"}}});
  CHECK(blocker["assumptions"] == json{{{"id", "A1"}, {"statement", "Everybody likes tea."}, {"task_id", "t2"}}});
}

TEST_CASE("a blocker that nothing concerns says nothing of it") {
  live_execution live;
  live.run(domain::queue_execution{});
  CHECK(!blocker_of(live, "t2").contains("risks"));
  CHECK(!blocker_of(live, "t2").contains("assumptions"));
}

TEST_CASE("a blocker shows a handful at most") {
  auto plan = worried_plan();
  plan.risks.clear();
  plan.assumptions.clear();
  for (int i = 0; i < 20; ++i) {
    plan.risks.push_back({"Risk " + std::to_string(i), "", "", ""});
    plan.risks.back().tasks = {i % 2 == 0 ? 0U : 4U};
    plan.assumptions.push_back({std::to_string(i), "so", "", "", {0}});
  }
  live_execution live(plan);
  live.run(domain::queue_execution{});
  const auto blocker = blocker_of(live, "t2");
  REQUIRE(blocker["risks"].size() == 5);
  for (const auto& risk : blocker["risks"]) CHECK(risk["task_id"] == "t2");
  CHECK(blocker["assumptions"].size() == 5);
}

}  // namespace planexe::gateway
