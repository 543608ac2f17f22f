// The contract's error scenarios over a real server with short waits: who is told and when, what the answers say of it,
// and that a server that is killed in the middle of a wait goes on with it. The same with their real lengths, on a
// clock of its own: tests/actors/scenarios_test.cpp. Scenario 1 alone: server_staffing_test.cpp.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

constexpr double moment = 0.0002;  // hours: 0.7 s
constexpr double while_ = 0.0005;  // 1.8 s, long enough to be killed in

/// A server with `ann`, who takes anything.
struct stage {
  stage() {
    api.emplace(server.address());
    register_agent(*api, "ann", {{"max_concurrent_tasks", 10}});
  }
  void crash() {
    api.reset();
    server.kill();
    server.start();
    api.emplace(server.address());
  }
  /// Polls until there is something: a retry may be a moment away.
  json next() {
    json held;
    REQUIRE(eventually([&] {
      held = poll(*api, "ann");
      return !held.is_null();
    }));
    return held;
  }
  reply says(const json& held, const std::string& type, const json& extra = json::object()) {
    return report(*api, "ann", held, type, extra);
  }
  /// Waits until `count` rungs have been climbed; gives the events.
  json escalated(const std::string& id, std::size_t count) {
    REQUIRE(eventually([&] { return count_events(*api, id, "task_escalated") >= count; }));
    auto events = api->get("/api/executions/" + id + "/events?order=asc&limit=1000&type=task_escalated").body;
    REQUIRE(events.size() >= count);
    return events;
  }
  json blocker(const std::string& id) {
    const auto blockers = api->get("/api/executions/" + id + "/blockers").body;
    REQUIRE(blockers.size() == 1);
    return blockers[0];
  }
  void ends_well(const std::string& id) {
    CHECK(status(*api, id) == "COMPLETED");
    CHECK(api->get("/api/executions/" + id + "/blockers").body.empty());
    check_gapless(history(*api, id));
  }

  server_under_test server;
  std::optional<api_client> api;
};

json ladder(std::vector<std::pair<double, std::string>> rungs) {
  json list = json::array();
  for (const auto& [after, to] : rungs) list.push_back({{"after_hours", after}, {"to", to}});
  return list;
}

}  // namespace

TEST_CASE("scenario 2: a task that cannot be taken apart is taken apart by a person and its parts are done") {
  stage on;
  const auto id = start_execution(*on.api, plan_of({"a"}), {{"escalation", ladder({{moment, "lead"}})}});
  const auto failed =
      on.says(on.next(), "task_error", {{"error_type", "decomposition_failed"}, {"error_message", "too vague"}});
  REQUIRE(failed.status == 201);
  CHECK(failed.body.at("human_review_required") == true);
  CHECK(failed.body.at("status") == "BLOCKED");
  CHECK(failed.body.at("task_status") == "BLOCKED");
  const auto leaf = task(*on.api, id, "a");
  CHECK(leaf.at("waiting_for").at("kind") == "review");
  CHECK(leaf.at("waiting_for").contains("wake_at"));
  CHECK(leaf.at("human_review_required") == true);
  on.escalated(id, 1);
  CHECK(on.blocker(id).at("escalated_to") == "lead");

  on.crash();
  CHECK(on.blocker(id).at("escalated_to") == "lead");
  const json parts = {{{"subtask_id", "a.1"}, {"title", "First"}},
                      {{"subtask_id", "a.2"}, {"title", "Second"}, {"depends_on", {"a.1"}}}};
  const auto apart = resolve(*on.api, id, "a", "decompose", {{"subtasks", parts}});
  REQUIRE_MESSAGE(apart.status == 200, apart.text);
  CHECK(status(*on.api, id) == "RUNNING");
  for (const char* part : {"a.1", "a.2"}) {
    const auto held = on.next();
    CHECK(held.at("task_id") == part);
    CHECK(on.says(held, "task_complete").status == 201);
  }
  on.ends_well(id);
}

TEST_CASE("scenario 2: a doubtful task climbs a ladder of two rungs, over a crash, until a person approves it") {
  stage on;
  const auto id =
      start_execution(*on.api, plan_of({"a"}, {{"decomposition_confidence", 0.4}}),
                      {{"review_threshold", 0.7}, {"escalation", ladder({{moment, "lead"}, {while_, "sponsor"}})}});
  CHECK(status(*on.api, id) == "BLOCKED");
  CHECK(!on.blocker(id).contains("escalated_at"));
  on.escalated(id, 1);
  const auto first = on.blocker(id);
  on.crash();  // the second rung is somebody else's to remember
  const auto events = on.escalated(id, 2);
  CHECK(events[0].at("escalated_to") == "lead");
  CHECK(events[0].at("level") == 1);
  CHECK(events[1].at("escalated_to") == "sponsor");
  CHECK(events[1].at("level") == 2);
  CHECK(first.at("escalation_level").get<int>() >= 1);
  const auto now = on.blocker(id);
  CHECK(now.at("escalated_to") == "sponsor");
  CHECK(now.at("escalated_at") > now.at("since"));
  CHECK(now.at("wake_at") > now.at("escalated_at"));

  const auto approved = resolve(*on.api, id, "a", "approve");
  REQUIRE(approved.status == 200);
  CHECK(!approved.body.contains("escalated_to"));
  CHECK(on.api->get("/api/executions/" + id + "/blockers").body.empty());
  const auto held = on.next();
  const auto done = on.says(held, "task_complete");
  REQUIRE(done.status == 201);
  CHECK(!done.body.contains("human_review_required"));
  CHECK(!done.body.contains("escalated_to"));
  on.ends_well(id);
}

TEST_CASE("scenario 3: a task that times out three times is escalated and goes on when a person says so") {
  stage on;
  auto plan = plan_of({"a"});
  plan["phases"][0]["tasks"][0]["timeout_hours"] = moment;
  const auto id = start_execution(*on.api, plan, {{"escalation", ladder({{1, "lead"}, {1, "sponsor"}})}});
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto held = on.next();
    CHECK(held.at("attempt") == attempt);
    if (attempt == 2) on.crash();  // its time runs on
    const auto errors = static_cast<std::size_t>(attempt);
    REQUIRE(eventually([&] { return count_events(*on.api, id, "task_error") == errors; }));
    CHECK(on.says(held, "task_complete").code() == "lease_lost");
  }
  CHECK(count_events(*on.api, id, "task_retry_scheduled") == 2);
  CHECK(count_events(*on.api, id, "task_retry_due") == 2);
  const auto leaf = task(*on.api, id, "a");
  CHECK(leaf.at("status") == "ERROR");
  CHECK(leaf.at("error").at("error_type") == "timeout");
  CHECK(leaf.at("waiting_for").at("kind") == "review");
  CHECK(leaf.at("waiting_for").contains("wake_at"));
  CHECK(on.escalated(id, 1)[0].at("escalated_to") == "lead");
  CHECK(on.blocker(id).at("escalated_to") == "lead");
  CHECK(on.blocker(id).at("escalation_level") == 1);
  CHECK(status(*on.api, id) == "BLOCKED");

  REQUIRE(resolve(*on.api, id, "a", "retry").status == 200);
  CHECK(on.api->get("/api/executions/" + id + "/blockers").body.empty());
  const auto held = on.next();
  CHECK(held.at("attempt") == 4);
  // Its time may be up before the answer is there; then a person completes it.
  if (on.says(held, "task_complete").status != 201) CHECK(resolve(*on.api, id, "a", "complete").status == 200);
  on.ends_well(id);
}

TEST_CASE("scenario 3: the answer to the last failure says that a person is asked and who is told") {
  stage on;
  const auto id =
      start_execution(*on.api, plan_of({"a"}),
                      {{"retry_policy", {{"max_attempts", 1}}}, {"escalation", ladder({{1, "lead"}, {1, "sponsor"}})}});
  const auto held = on.next();
  const json broken = {{"error_type", "broken"}, {"error_message", "it broke"}};
  const auto failed = on.says(held, "task_error", broken);
  REQUIRE(failed.status == 201);
  CHECK(failed.body.at("human_review_required") == true);
  CHECK(failed.body.at("escalated_to") == "lead");
  const auto again = on.says(held, "task_error", broken);  // the same answer to the same report
  CHECK(again.status == 200);
  CHECK(again.body.at("escalated_to") == "lead");
}

TEST_CASE("scenario 4: what waits too long for something outside is escalated while other branches go on") {
  stage on;
  auto plan = plan_of({"a", "b", "c"});
  plan["phases"][0]["tasks"][2]["prerequisites"] = {"a"};
  const auto id = start_execution(*on.api, plan, {{"escalation", ladder({{moment, "lead"}, {moment, "sponsor"}})}});
  const auto a = on.next(), b = on.next();
  REQUIRE(a.at("task_id") == "a");
  const auto blocked = on.says(a, "task_blocked", {{"message", "the permit"}, {"max_wait_hours", while_}});
  REQUIRE(blocked.status == 201);
  CHECK(blocked.body.at("task_status") == "BLOCKED");
  CHECK(blocked.body.at("status") == "RUNNING");
  CHECK(!blocked.body.contains("escalated_to"));
  on.crash();
  CHECK(on.says(b, "task_complete").status == 201);  // the other branch goes on
  const auto events = on.escalated(id, 2);
  CHECK(events[0].at("escalated_to") == "lead");
  CHECK(events[1].at("escalated_to") == "sponsor");
  CHECK(count_events(*on.api, id, "review_requested", "a") == 1);
  CHECK(on.blocker(id).at("escalated_to") == "sponsor");
  CHECK(task(*on.api, id, "c").at("waiting_for").at("kind") == "prerequisites");

  // The agent's word ends the escalation as well as a person's.
  const auto came = on.says(a, "task_unblocked", {{"message", "it came"}});
  REQUIRE(came.status == 201);
  CHECK(!came.body.contains("human_review_required"));
  CHECK(!came.body.contains("escalated_to"));
  for (const char* each : {"a", "c"}) {
    const auto held = on.next();
    CHECK(held.at("task_id") == each);
    CHECK(on.says(held, "task_complete").status == 201);
  }
  on.ends_well(id);
}

}  // namespace planexe::tests
