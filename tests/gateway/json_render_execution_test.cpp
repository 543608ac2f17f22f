// Executions and their tasks as clients see them, on an execution that really ran.
#include <doctest/doctest.h>

#include "domain/execution_status.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_plan.hpp"
#include "gateway/json/render_task.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using tests::json;
using tests::live_execution;
using tests::rendered;
using names = std::set<std::string>;

json execution(const live_execution& live) {
  return rendered([&](std::string& out) { render_execution(out, live.id, live.state, live.now()); });
}
json task(const live_execution& live, const char* id, const lease_expiry& expiry = {}) {
  return rendered([&](std::string& out) { render_task(out, live.state, live.now(), live.find(id), expiry); });
}
json list(const live_execution& live, domain::task_index first = 0, domain::task_index count = 100) {
  return rendered([&](std::string& out) { render_task_list(out, live.state, live.now(), first, count, {}); });
}

names members_of(const json& object) {
  names members;
  for (const auto& [name, value] : object.items()) members.insert(name);
  return members;
}

live_execution started() {
  live_execution live;
  live.run(domain::queue_execution{});
  return live;
}

domain::report_header from_holder(const char* task) {
  return {{"a1"}, {task}, {}};
}

}  // namespace

TEST_CASE("an execution that was only created shows its plan and nothing done") {
  const live_execution live;
  const auto body = execution(live);
  CHECK(members_of(body) == names{"execution_id", "plan_id", "title", "goal", "status", "status_message", "version",
                                  "progress", "agents", "priority", "options", "blockers", "forecast", "risks",
                                  "warnings", "created_at", "updated_at"});
  CHECK(body["execution_id"] == "e1");
  CHECK(body["plan_id"] == "plan-1");
  CHECK(body["title"] == "A plan");
  CHECK(body["goal"] == "Tea for \"all\"");
  CHECK(body["status"] == "CREATED");
  CHECK(body["version"] == 1);
  CHECK(body["created_at"] == "2026-01-31T09:05:08.250Z");
  CHECK(body["progress"] ==
        json{{"tasks_total", 4}, {"tasks_completed", 0}, {"tasks_skipped", 0}, {"percent", 0}, {"effort_percent", 0}});
  CHECK(body["options"] == json{{"sequencing", "phased"},
                                {"review_threshold", 0.7},
                                {"max_parallel", 0},
                                {"timeout_hours", 168},
                                {"task_timeout_hours", 24},
                                {"external_wait_hours", 48},
                                {"retry_policy", {{"max_attempts", 3}, {"backoff_seconds", 300}}},
                                {"escalation", json::array({{{"after_hours", 24}}})},
                                {"review_from_tier", 0},
                                {"human_from_tier", 0}});
  CHECK(body["agents"] == json::array());
  CHECK(body["blockers"] == json::array());
  CHECK(body["risks"] == json{{{"kind", "risk"},
                               {"title", "No water"},
                               {"description", "The tap may be dry"},
                               {"severity", "high"},
                               {"mitigation", "Buy some"}}});
  CHECK(body["warnings"] == json{{{"code", "no_dates"}, {"detail", "the plan has no dates"}}});
}

TEST_CASE("an execution that goes on tells when it may be done, and a final one tells nothing") {
  live_execution live;
  CHECK(!execution(live)["forecast"].contains("eta"));  // nobody works on it
  CHECK(execution(live)["forecast"]["critical_path"] == json{"t1.a", "t1.b", "t3"});
  live.run(domain::queue_execution{});
  const auto forecast = execution(live)["forecast"];
  CHECK(forecast["remaining_days"] == 3);  // a day each: t1.a by its estimate, the others as the mean of those given
  CHECK(forecast["pace"] == json{{"days_per_day", 1}, {"leaves", 0}});
  CHECK(forecast["eta"] == "2026-02-03T09:05:09.250Z");
  CHECK(forecast["earliest"] == "2026-02-02T21:05:09.250Z");
  CHECK(forecast["latest"] == "2026-02-04T09:05:09.250Z");
  live.run(domain::cancel_execution{});
  CHECK(!execution(live).contains("forecast"));
}

TEST_CASE("unfinished tasks of a list tell how much time they have") {
  auto live = started();
  auto tasks = list(live);
  const auto slack = [&](const char* id) {
    for (const auto& each : tasks)
      if (each["task_id"] == id) return each.value("slack_days", -1.0);
    return -2.0;
  };
  CHECK(slack("t1.a") == 0);
  CHECK(slack("t2") == 1);  // a day, beside two that follow each other
  CHECK(slack("t3") == 0);
  CHECK(slack("p1") == 0);
  const auto tree = rendered([&](std::string& out) { render_task_tree(out, live.state, live.now(), {}); });
  CHECK(tree[0]["children"][1]["slack_days"] == 1);
  live.run(domain::resolve_review{.task = {"t2"}, .action = domain::review_action::skip});
  tasks = list(live);
  CHECK(slack("t2") == -1);
  CHECK(task(live, "t3")["slack_days"] == 0);
  live.run(domain::cancel_execution{});
  tasks = list(live);
  CHECK(slack("t3") == -1);
}

TEST_CASE("an order that had to be left out is among the warnings") {
  auto plan = tests::small_plan();
  plan.dependencies = {{6, 4, ""}};
  const live_execution live(plan);
  REQUIRE(!live.state.graph->dropped().empty());
  CHECK(execution(live)["warnings"].size() == 1 + live.state.graph->dropped().size());
}

TEST_CASE("an execution at work shows who does what, and how far it is") {
  auto live = started();
  live.assign("t1.a");
  auto body = execution(live);
  CHECK(body["status"] == "RUNNING");
  CHECK(body["agents"] == json{"a1"});
  CHECK(body["progress"]["current_task_id"] == "t1.a");
  CHECK(body["progress"]["current_task_title"] == "Fill");
  CHECK(body["started_at"] == "2026-01-31T09:05:10.250Z");
  CHECK(body.contains("deadline_at"));
  live.run(domain::complete_task{from_holder("t1.a"), "{\"ok\":true}", ""});
  body = execution(live);
  CHECK(body["progress"]["percent"] == 25);
  CHECK(!body["progress"].contains("current_task_id"));
  live.run(domain::resolve_review{.task = {"t2"}, .action = domain::review_action::skip});
  CHECK(execution(live)["progress"]["tasks_skipped"] == 1);
  CHECK(execution(live)["progress"]["percent"] == 50);
}

TEST_CASE("a blocker says what it waits for and what can be done") {
  auto live = started();
  const auto blockers = execution(live)["blockers"];
  REQUIRE(blockers.size() == 1);
  const auto& review = blockers[0];
  CHECK(review["task_id"] == "t2");
  CHECK(review["title"] == "Choose");
  CHECK(review["kind"] == "review");
  CHECK(review["review_kind"] == "approval");
  CHECK(review["since"] == "2026-01-31T09:05:09.250Z");
  CHECK(!review.contains("escalated_at"));
  CHECK(review["options"] == json{"approve", "reject", "skip", "complete", "choose", "reassign", "decompose"});
  CHECK(rendered([&](std::string& out) { render_blockers(out, live.state); }) == blockers);
}

TEST_CASE("the options of a blocker are those that the domain takes") {
  auto live = started();
  live.assign("t1.a");
  live.run(domain::block_task{from_holder("t1.a"), "a key", {}, false});
  const auto body = execution(live);
  REQUIRE(body["blockers"].size() == 2);
  for (const auto& blocker : body["blockers"]) {
    using enum domain::review_action;
    for (const auto action : {approve, reject, retry, skip, complete, unblock, choose, reassign, decompose}) {
      const domain::resolve_review command{.task = {blocker["task_id"]}, .action = action};
      const auto refused = domain::decide(live.state, command, live.state.updated_at).rejection;
      const bool taken = !refused || action == decompose;  // which lacks its subtasks here
      bool offered = false;
      for (const auto& option : blocker["options"]) offered = offered || option == domain::name_of(action);
      CHECK_MESSAGE(offered == taken, blocker.dump() << domain::name_of(action));
    }
  }
}

TEST_CASE("something outside, and what waited too long for it, are blockers") {
  auto live = started();
  live.assign("t1.a");
  live.run(domain::block_task{from_holder("t1.a"), "a key", domain::milliseconds(1), false});
  auto blocker = execution(live)["blockers"][0];
  CHECK(blocker["task_id"] == "t1.a");
  CHECK(blocker["kind"] == "external");
  CHECK(blocker["reason"] == "a key");
  CHECK(blocker.contains("wake_at"));
  CHECK(blocker["options"] == json{"skip", "complete", "unblock", "reassign", "decompose"});
  live.run(domain::escalate_wait{live.find("t1.a")});
  blocker = execution(live)["blockers"][0];
  CHECK(blocker["kind"] == "review");
  CHECK(blocker["review_kind"] == "escalated");
  CHECK(blocker["escalated_at"] == blocker["since"]);
}

TEST_CASE("ready work that nobody within reach can do is a blocker") {
  auto live = started();
  live.assign("t1.a");
  live.run(domain::complete_task{from_holder("t1.a"), "{}", {}});
  live.run(domain::note_staffing{false, "no agent within reach can 'dig'"});
  REQUIRE(live.state.unstaffed);
  json blocker;
  const auto body = execution(live);
  for (const auto& each : body["blockers"])
    if (each["kind"] == "agent") blocker = each;
  REQUIRE(blocker.is_object());
  CHECK(blocker["reason"] == "no agent within reach can 'dig'");
  CHECK(blocker.contains("wake_at"));
  CHECK_FALSE(blocker.contains("escalated_at"));
  CHECK(blocker["options"] == json{"skip", "complete", "reassign", "decompose"});
}

TEST_CASE("a task that failed for good is a blocker") {
  auto live = started();
  live.run(domain::resolve_review{.task = {"t2"}, .action = domain::review_action::reject, .note = "too \"hot\""});
  const auto blocker = execution(live)["blockers"][0];
  CHECK(blocker["task_id"] == "t2");
  CHECK(blocker["kind"] == "failed");
  CHECK(blocker["reason"] == "too \"hot\"");
  CHECK(blocker["options"] == json{"retry", "skip", "complete", "reassign", "decompose"});
}

TEST_CASE("a status tells an agent whether to go on") {
  auto live = started();
  const auto status = [&] { return rendered([&](std::string& out) { render_status(out, live.state); }); };
  CHECK(status() == json{{"status", "QUEUED"}, {"force_pause", false}, {"force_cancel", false}, {"version", 3}});
  live.run(domain::pause_execution{"lunch"});
  CHECK(status()["force_pause"] == true);
  CHECK(status()["force_cancel"] == false);
  live.run(domain::cancel_execution{"enough"});
  CHECK(status()["status"] == "CANCELLED");
  CHECK(status()["force_pause"] == false);
  CHECK(status()["force_cancel"] == true);
}

TEST_CASE("a leaf shows everything the contract names") {
  auto live = started();
  const auto leaf = task(live, "t1.a");
  CHECK(members_of(leaf) == names{"task_id",
                                  "parent_id",
                                  "level",
                                  "title",
                                  "description",
                                  "status",
                                  "ready",
                                  "waiting_for",
                                  "attempt",
                                  "max_attempts",
                                  "action",
                                  "params",
                                  "assignee_role",
                                  "progress_percent",
                                  "prerequisites",
                                  "slack_days",
                                  "estimate",
                                  "timeout_hours",
                                  "retry_policy",
                                  "priority",
                                  "agent_executable",
                                  "decomposition_confidence",
                                  "autonomy_tier",
                                  "required_capabilities",
                                  "role_certainty",
                                  "why",
                                  "human_review_required"});
  CHECK(leaf["task_id"] == "t1.a");
  CHECK(leaf["parent_id"] == "t1");
  CHECK(leaf["level"] == "subtask");
  CHECK(leaf["status"] == "QUEUED");
  CHECK(leaf["ready"] == true);
  CHECK(leaf["waiting_for"]["kind"] == "agent");
  CHECK(leaf["attempt"] == 0);
  CHECK(leaf["max_attempts"] == 3);
  CHECK(leaf["params"] == json{{"litres", 1.5}});
  CHECK(leaf["assignee_role"] == "cook");
  CHECK(leaf["estimate"] == json{{"days_min", 0.5}, {"days_realistic", 1}, {"days_max", 2}});
  CHECK(leaf["timeout_hours"] == 24);
  CHECK(leaf["autonomy_tier"] == 1);
  CHECK(leaf["human_review_required"] == false);
  const auto last = task(live, "t3");
  CHECK(last["ready"] == false);
  CHECK(last["params"] == json::object());
  CHECK(last["timeout_hours"] == 2);
  CHECK(last["retry_policy"] == json{{"max_attempts", 2}, {"backoff_seconds", 0.5}});
  CHECK(last["prerequisites"] == json{"t2"});
  CHECK(!last.contains("assignee_role"));
  CHECK(!last.contains("estimate"));
}

TEST_CASE("a leaf shows what its doer must be able to do, and why its confidence is what it is") {
  live_execution live;
  const auto before = task(live, "t1.a");
  CHECK(before["required_capabilities"] == json::array());
  CHECK(before["why"] == json::array());
  CHECK(!before.contains("success_criteria"));
  auto plan = live.state.graph->plan();
  auto& leaf = plan.tasks[live.find("t1.a")];
  leaf.required_capabilities = {"research", "procure"};
  leaf.role_certainty = 0.45;
  leaf.why = {{"base", 0.84}, {"person_led", -0.09}};
  leaf.success_criteria = "A kettle stands there.";
  const auto shown = [&](const json& body) {
    CHECK(body["required_capabilities"] == json{"research", "procure"});
    CHECK(body["role_certainty"] == 0.45);
    CHECK(body["why"] == json{{{"feature", "base"}, {"weight", 0.84}}, {{"feature", "person_led"}, {"weight", -0.09}}});
    CHECK(body["success_criteria"] == "A kettle stands there.");
  };
  const auto tree = rendered([&](std::string& out) { render_plan_tasks(out, plan); });
  std::size_t found = 0;
  for (const auto& phase : tree)
    for (const auto& child : phase.value("children", json::array()))
      for (const auto& grandchild : child.value("children", json::array()))
        if (grandchild["task_id"] == "t1.a") {
          shown(grandchild);
          ++found;
        }
  CHECK(found == 1);
  auto graph = domain::plan_graph::build(std::make_shared<const domain::plan>(plan), domain::sequencing::phased);
  REQUIRE(graph.has_value());
  live.state.graph = *graph;
  shown(task(live, "t1.a"));
}

TEST_CASE("a leaf under review says so, before the start too") {
  live_execution live;
  CHECK(task(live, "t2")["human_review_required"] == true);
  CHECK(task(live, "t1.a")["ready"] == false);
  CHECK(task(live, "t1.a")["waiting_for"]["kind"] == "paused");
  live.run(domain::queue_execution{});
  CHECK(task(live, "t2")["waiting_for"]["kind"] == "review");
  CHECK(task(live, "t2")["human_review_required"] == true);
  live.run(domain::resolve_review{.task = {"t2"}, .action = domain::review_action::approve});
  CHECK(task(live, "t2")["human_review_required"] == false);
  CHECK(task(live, "t2")["ready"] == true);
}

TEST_CASE("a held leaf shows its holder and when the lease ends") {
  auto live = started();
  live.assign("t1.a");
  live.run(domain::report_progress{from_holder("t1.a"), 100.0 / 3, ""});
  const lease_expiry expiry = [](const domain::agent_id& agent) -> std::optional<domain::timestamp> {
    if (agent.value != "a1") return std::nullopt;
    return tests::first_moment();
  };
  const auto held = task(live, "t1.a", expiry);
  CHECK(held["status"] == "RUNNING");
  CHECK(held["ready"] == false);
  CHECK(held["agent_id"] == "a1");
  CHECK(held["lease_expires_at"] == "2026-01-31T09:05:07.250Z");
  CHECK(held["attempt"] == 1);
  CHECK(held["progress_percent"] == 33.33);
  CHECK(!held.contains("waiting_for"));
  CHECK(held.dump().find("token-1") == std::string::npos);
  CHECK(!task(live, "t1.a").contains("lease_expires_at"));
}

TEST_CASE("a leaf that failed shows the error until it is done") {
  auto live = started();
  live.assign("t1.a");
  live.run(domain::fail_task{from_holder("t1.a"), "net", "no route", true, false});
  const auto failed = task(live, "t1.a");
  CHECK(failed["error"] == json{{"error_type", "net"}, {"error_message", "no route"}});
  CHECK(failed["waiting_for"]["kind"] == "retry");
  CHECK(failed["waiting_for"].contains("wake_at"));
  CHECK(!failed.contains("result"));
  live.run(
      domain::resolve_review{.task = {"t1.a"}, .action = domain::review_action::complete, .output_json = "[1, 2]"});
  const auto done = task(live, "t1.a");
  CHECK(done["status"] == "COMPLETE");
  CHECK(done["result"] == json{1, 2});
  CHECK(done.contains("completed_at"));
  CHECK(!done.contains("error"));
}

TEST_CASE("a task with children follows from its leaves") {
  auto live = started();
  live.assign("t1.a");
  live.run(domain::complete_task{from_holder("t1.a"), "{}", ""});
  const auto half = task(live, "t1");
  CHECK(half["status"] == "RUNNING");
  CHECK(half["progress_percent"] == 50);
  CHECK(half["ready"] == false);
  CHECK(half.contains("started_at"));
  CHECK(!half.contains("completed_at"));
  CHECK(!half.contains("waiting_for"));
  live.assign("t1.b");
  live.run(domain::complete_task{from_holder("t1.b"), "{}", ""});
  const auto whole = task(live, "t1");
  CHECK(whole["status"] == "COMPLETE");
  CHECK(whole["started_at"] == task(live, "t1.a")["started_at"]);
  CHECK(whole["completed_at"] == task(live, "t1.b")["completed_at"]);
}

TEST_CASE("the tree and the list hold the same tasks") {
  const auto live = started();
  auto tree = rendered([&](std::string& out) { render_task_tree(out, live.state, live.now(), {}); });
  REQUIRE(tree.size() == 2);
  CHECK(tree[0]["task_id"] == "p1");
  CHECK(tree[0]["children"][0]["children"][1]["task_id"] == "t1.b");
  CHECK(tree[1]["children"][0]["task_id"] == "t3");
  CHECK(!tree[1]["children"][0].contains("children"));
  json flat = json::array();
  const auto collect = [&](const auto& self, json tasks) -> void {
    for (auto& each : tasks) {
      const json children = each.value("children", json::array());
      each.erase("children");
      flat.push_back(each);
      self(self, children);
    }
  };
  collect(collect, tree);
  CHECK(list(live) == flat);
}

TEST_CASE("the list of tasks comes in pages") {
  const auto live = started();
  const auto all = list(live);
  REQUIRE(all.size() == 7);
  CHECK(list(live, 0, 3).size() == 3);
  CHECK(list(live, 3, 3)[0] == all[3]);
  CHECK(list(live, 6, 3).size() == 1);
  CHECK(list(live, 7, 3).empty());
  CHECK(list(live, 4'000'000'000U, 1000).empty());
}

TEST_CASE("a line of the list of executions") {
  projections::execution_row row{.id = {"e1"},
                                 .plan = {"plan-1"},
                                 .title = "T",
                                 .goal = "G",
                                 .status = domain::execution_status::running,
                                 .version = 9,
                                 .agent = {"a1"},
                                 .priority = 2,
                                 .tasks_total = 3,
                                 .tasks_completed = 1,
                                 .effort_percent = 33.333333,
                                 .waiting_for_people = 1,
                                 .current_task = {"t1"},
                                 .current_task_title = "Boil",
                                 .agents = {{"a1"}, {"a2"}},
                                 .created_at = tests::first_moment(),
                                 .updated_at = tests::first_moment(),
                                 .started_at = tests::first_moment()};
  const auto body = rendered([&](std::string& out) { render_execution_row(out, row); });
  CHECK(body["execution_id"] == "e1");
  CHECK(body["status"] == "RUNNING");
  CHECK(body["agent_id"] == "a1");
  CHECK(body["agents"] == json{"a1", "a2"});
  CHECK(body["progress"] == json{{"tasks_total", 3},
                                 {"tasks_completed", 1},
                                 {"tasks_skipped", 0},
                                 {"percent", 33.33},
                                 {"effort_percent", 33.33},
                                 {"current_task_id", "t1"},
                                 {"current_task_title", "Boil"}});
  CHECK(body["waiting_for_people"] == 1);
  CHECK(body["started_at"] == "2026-01-31T09:05:07.250Z");
  CHECK(!body.contains("completed_at"));
  const std::vector rows{row, row};
  const auto rows_body = rendered([&](std::string& out) { render_execution_rows(out, rows); });
  CHECK(rows_body == json{body, body});
  CHECK(rendered([&](std::string& out) { render_execution_rows(out, {}); }) == json::array());
}

}  // namespace planexe::gateway
