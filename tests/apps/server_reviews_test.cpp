// Failures, retries, what waits for people or for something outside, and how each of these waits ends.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

const json quick_retries = {{"retry_policy", {{"max_attempts", 2}, {"backoff_seconds", 0.05}}}};

/// A server with an agent that takes anything.
struct stage {
  explicit stage(environment variables = {}) : server(std::move(variables)), api(server.address()) {
    register_agent(api, "ann", {{"max_concurrent_tasks", 10}});
  }

  /// Polls until there is something: a retry may be a moment away.
  json next(const std::string& agent = "ann") {
    json held;
    REQUIRE(eventually([&] {
      held = poll(api, agent);
      return !held.is_null();
    }));
    return held;
  }
  reply fail(const json& held, const json& extra = json::object()) {
    json members = {{"error_type", "broken"}, {"error_message", "it broke"}};
    members.update(extra);
    return report(api, "ann", held, "task_error", members);
  }
  /// Lets every allowed attempt of the next task fail.
  void fail_for_good() {
    fail(next());
    fail(next());
  }

  server_under_test server;
  api_client api;
};

json blocker_of(const json& execution, const std::string& task_id) {
  for (const auto& blocker : execution.at("blockers"))
    if (blocker.at("task_id") == task_id) return blocker;
  FAIL("no blocker " << task_id);
  return nullptr;
}

bool offers(const json& blocker, const char* action) {
  const auto& options = blocker.at("options");
  return std::find(options.begin(), options.end(), action) != options.end();
}

}  // namespace

TEST_CASE("a failed attempt is made again after its backoff, and the last one asks a person") {
  stage on;
  const auto id = start_execution(on.api, plan_of({"a"}), quick_retries);
  auto held = on.next();
  CHECK(held.at("attempt") == 1);
  CHECK(held.at("retry_policy") == json{{"max_attempts", 2}, {"backoff_seconds", 0.05}});
  const auto failed = on.fail(held);
  CHECK(failed.status == 201);
  const auto again = on.fail(held);
  CHECK(again.status == 200);
  CHECK(again.body.at("duplicate") == true);
  held = on.next();
  CHECK(held.at("attempt") == 2);
  const auto last = on.fail(held);
  CHECK(last.status == 201);
  CHECK(last.body.at("human_review_required") == true);
  CHECK(last.body.at("task_status") == "ERROR");
  CHECK(count_events(on.api, id, "task_retry_scheduled") == 1);
  const auto leaf = task(on.api, id, "a");
  CHECK(leaf.at("status") == "ERROR");
  CHECK(leaf.at("error") == json{{"error_type", "broken"}, {"error_message", "it broke"}});
  CHECK(leaf.at("waiting_for").at("kind") == "review");
  const auto seen = execution(on.api, id);
  CHECK(seen.at("status") == "BLOCKED");
  const auto blocker = blocker_of(seen, "a");
  CHECK(blocker.at("kind") == "review");
  CHECK(!blocker.at("reason").get<std::string>().empty());
  for (const char* action : {"retry", "skip", "complete", "reject", "reassign"}) CHECK(offers(blocker, action));
  CHECK(!offers(blocker, "approve"));
  CHECK(on.api.get("/api/executions/" + id + "/blockers").body == seen.at("blockers"));
}

TEST_CASE("a waiting retry says when it wakes") {
  stage on;
  const auto id = start_execution(on.api, plan_of({"a"}), {{"retry_policy", {{"backoff_seconds", 3600}}}});
  on.fail(on.next());
  const auto leaf = task(on.api, id, "a");
  CHECK(leaf.at("status") == "QUEUED");
  CHECK(leaf.at("waiting_for").at("kind") == "retry");
  CHECK(leaf.at("waiting_for").at("wake_at") > leaf.at("waiting_for").at("since"));
  CHECK(poll(on.api, "ann").is_null());
  CHECK(status(on.api, id) == "RUNNING");
}

TEST_CASE("a person ends a failure by every means there is") {
  stage on;
  const auto after = [&](const std::string& action, const json& extra = json::object()) {
    CAPTURE(action);
    const auto id = start_execution(on.api, plan_of({"a"}), quick_retries);
    on.fail_for_good();
    const auto resolved = resolve(on.api, id, "a", action, extra);
    CHECK_MESSAGE(resolved.status == 200, resolved.text);
    CHECK(task(on.api, id, "a") == without_forecasts(resolved.body));
    CHECK(count_events(on.api, id, "review_resolved") == 1);
    return id;
  };
  const auto retried = after("retry", {{"note", "try harder"}});
  CHECK(status(on.api, retried) == "RUNNING");
  const auto held = on.next();
  CHECK(held.at("attempt") == 3);
  CHECK(held.at("context").at("resolution") == "try harder");
  CHECK(report(on.api, "ann", held, "task_complete").status == 201);
  CHECK(status(on.api, retried) == "COMPLETED");

  const auto skipped = after("skip");
  CHECK(status(on.api, skipped) == "COMPLETED");
  CHECK(execution(on.api, skipped).at("progress").at("tasks_skipped") == 1);

  const auto completed = after("complete", {{"output_data", {{"by", "hand"}}}});
  CHECK(status(on.api, completed) == "COMPLETED");
  CHECK(task(on.api, completed, "a").at("result") == json{{"by", "hand"}});

  const auto rejected = after("reject", {{"note", "no"}});
  CHECK(status(on.api, rejected) == "FAILED");
  CHECK(blocker_of(execution(on.api, rejected), "a").at("kind") == "failed");
  REQUIRE(on.api.patch("/api/executions/" + rejected, {{"status", "QUEUED"}}).status == 200);
  CHECK(report(on.api, "ann", on.next(), "task_complete").status == 201);
  CHECK(status(on.api, rejected) == "COMPLETED");

  register_agent(on.api, "bob");
  const auto reassigned = after("reassign", {{"agent_id", "bob"}});
  CHECK(poll(on.api, "ann").is_null());
  CHECK(report(on.api, "bob", on.next("bob"), "task_complete").status == 201);
  CHECK(status(on.api, reassigned) == "COMPLETED");
}

TEST_CASE("a failure that cannot be retried or that asks for a person is not tried again") {
  stage on;
  for (const json& extra : {json{{"retryable", false}}, json{{"human_review_required", true}},
                            json{{"error_type", "decomposition_failed"}}}) {
    CAPTURE(extra.dump());
    const auto id = start_execution(on.api, plan_of({"a"}), quick_retries);
    CHECK(on.fail(on.next(), extra).body.at("human_review_required") == true);
    CHECK(status(on.api, id) == "BLOCKED");
    CHECK(count_events(on.api, id, "task_retry_scheduled") == 0);
    CHECK(resolve(on.api, id, "a", "skip").status == 200);
  }
}

TEST_CASE("doubtful tasks wait for approval, and one click approves a phase") {
  stage on;
  const auto doubtful = plan_of({"a", "b", "c"}, {{"decomposition_confidence", 0.4}});
  const auto id = start_execution(on.api, doubtful, {{"review_threshold", 0.7}});
  CHECK(poll(on.api, "ann").is_null());
  CHECK(status(on.api, id) == "BLOCKED");
  CHECK(execution(on.api, id).at("blockers").size() == 3);
  CHECK(offers(blocker_of(execution(on.api, id), "a"), "approve"));
  CHECK(resolve(on.api, id, "b", "approve", {{"note", "only this"}}).status == 200);
  CHECK(on.next().at("task_id") == "b");
  CHECK(resolve(on.api, id, "P", "approve").status == 200);
  CHECK(resolve(on.api, id, "P", "approve").status == 409);
  CHECK(execution(on.api, id).at("blockers").empty());
  CHECK(on.api.get("/api/agents/ann/work?limit=5").body.at("tasks").size() == 2);
  CHECK(count_events(on.api, id, "review_requested") == 3);
  CHECK(count_events(on.api, id, "review_resolved") == 3);
}

TEST_CASE("whole phases are skipped, completed and retried by hand") {
  stage on;
  for (const std::string action : {"skip", "complete", "retry"}) {
    CAPTURE(action);
    const auto id = start_execution(on.api, plan_of({"a", "b"}), {{"retry_policy", {{"max_attempts", 1}}}});
    const auto tasks = on.api.get("/api/agents/ann/work?limit=2").body.at("tasks");
    REQUIRE(tasks.size() == 2);
    for (const auto& held : tasks) on.fail(held);
    CHECK(execution(on.api, id).at("blockers").size() == 2);
    CHECK(resolve(on.api, id, "P", action).status == 200);
    CHECK(status(on.api, id) == (action == "retry" ? "RUNNING" : "COMPLETED"));
    if (action != "retry") continue;
    const auto again = on.api.get("/api/agents/ann/work?limit=2").body.at("tasks");
    for (const auto& held : again) CHECK(report(on.api, "ann", held, "task_complete").status == 201);
    CHECK(status(on.api, id) == "COMPLETED");
  }
}

TEST_CASE("an approval may be refused, and the execution comes back with the same question") {
  stage on;
  const auto id =
      start_execution(on.api, plan_of({"a"}, {{"decomposition_confidence", 0.1}}), {{"review_threshold", 0.7}});
  CHECK(resolve(on.api, id, "a", "reject").status == 200);
  CHECK(status(on.api, id) == "FAILED");
  REQUIRE(on.api.patch("/api/executions/" + id, {{"status", "QUEUED"}}).status == 200);
  CHECK(status(on.api, id) == "BLOCKED");
  CHECK(resolve(on.api, id, "a", "approve").status == 200);
  CHECK(report(on.api, "ann", on.next(), "task_complete").status == 201);
  CHECK(status(on.api, id) == "COMPLETED");
}

TEST_CASE("a person skips and completes tasks that somebody holds") {
  stage on;
  const auto id = start_execution(on.api, plan_of({"a", "b"}));
  const auto tasks = on.api.get("/api/agents/ann/work?limit=2").body.at("tasks");
  CHECK(resolve(on.api, id, "a", "skip").status == 200);
  CHECK(resolve(on.api, id, "b", "complete", {{"output_data", 1}}).status == 200);
  CHECK(status(on.api, id) == "COMPLETED");
  for (const auto& held : tasks) CHECK(report(on.api, "ann", held, "task_complete").code() == "lease_lost");
  CHECK(on.api.get("/api/agents/ann/work").body.at("revoked").size() == 2);
}

TEST_CASE("a task waits for something outside while others go on, until somebody says that it is there") {
  stage on;
  const auto id = start_execution(on.api, plan_of({"a", "b"}));
  const auto a = on.next(), b = on.next();
  const auto blocked = report(on.api, "ann", a, "task_blocked", {{"message", "a delivery"}, {"max_wait_hours", 5}});
  CHECK(blocked.status == 201);
  CHECK(blocked.body.at("task_status") == "BLOCKED");
  const auto leaf = task(on.api, id, "a");
  CHECK(leaf.at("waiting_for").at("kind") == "external");
  CHECK(leaf.at("waiting_for").contains("wake_at"));
  CHECK(status(on.api, id) == "RUNNING");  // b goes on
  CHECK(report(on.api, "ann", b, "task_complete").status == 201);
  CHECK(status(on.api, id) == "BLOCKED");
  CHECK(offers(blocker_of(execution(on.api, id), "a"), "unblock"));
  CHECK(report(on.api, "ann", a, "task_unblocked", {{"message", "it came"}}).status == 201);
  CHECK(status(on.api, id) == "RUNNING");
  const auto again = on.next();
  CHECK(again.at("attempt") == 2);
  report(on.api, "ann", again, "task_blocked");
  CHECK(resolve(on.api, id, "a", "unblock").status == 200);
  CHECK(report(on.api, "ann", on.next(), "task_complete").status == 201);
  CHECK(status(on.api, id) == "COMPLETED");
}

TEST_CASE("a wait that blocks everything stops all hand-outs") {
  stage on;
  const auto id = start_execution(on.api, plan_of({"a", "b"}));
  const auto held = on.next();
  report(on.api, "ann", held, "task_blocked", {{"message", "a strike"}, {"blocking", true}});
  CHECK(status(on.api, id) == "BLOCKED");
  CHECK(poll(on.api, "ann").is_null());
  CHECK(resolve(on.api, id, "a", "unblock").status == 200);
  CHECK(status(on.api, id) == "RUNNING");
  CHECK(on.api.get("/api/agents/ann/work?limit=2").body.at("tasks").size() == 2);
}

TEST_CASE("a wait that lasts too long is escalated to a person") {
  stage on;
  const auto id = start_execution(on.api, plan_of({"a"}));
  // The shortest wait that a report can ask for is still a wait.
  report(on.api, "ann", on.next(), "task_blocked", {{"message", "a letter"}, {"max_wait_hours", 0.00001}});
  REQUIRE(eventually([&] { return count_events(on.api, id, "task_escalated") == 1; }));
  const auto blocker = blocker_of(execution(on.api, id), "a");
  CHECK(blocker.contains("escalated_at"));
  CHECK(resolve(on.api, id, "a", "retry").status == 200);
  CHECK(report(on.api, "ann", on.next(), "task_complete").status == 201);
  CHECK(status(on.api, id) == "COMPLETED");
}

TEST_CASE("an attempt without a result in time counts as failed") {
  stage on;
  auto plan = plan_of({"a"});
  auto& quick = plan["phases"][0]["tasks"][0];
  quick["timeout_hours"] = 0.00003;  // a tenth of a second
  quick["retry_policy"] = {{"max_attempts", 1}};
  const auto id = start_execution(on.api, plan);
  const auto held = on.next();
  REQUIRE(eventually([&] { return count_events(on.api, id, "task_error") == 1; }));
  CHECK(task(on.api, id, "a").at("error").at("error_type") == "timeout");
  CHECK(report(on.api, "ann", held, "task_complete").code() == "lease_lost");
  CHECK(on.api.get("/api/agents/ann/work").body.at("revoked").size() == 1);
  CHECK(status(on.api, id) == "BLOCKED");
}

TEST_CASE("an execution fails when its own time is up, and can be taken up again") {
  stage on;
  const auto id = start_execution(on.api, plan_of({"a", "b"}), {{"timeout_hours", 0.0001}});  // a third of a second
  const auto held = poll(on.api, "ann");
  REQUIRE(reaches(on.api, id, "FAILED"));
  CHECK(execution(on.api, id).contains("completed_at"));
  if (!held.is_null()) CHECK(report(on.api, "ann", held, "task_complete").code() == "lease_lost");
  CHECK(on.api.get("/api/executions/" + id + "/status").body.at("force_cancel") == true);
  CHECK(on.api.patch("/api/executions/" + id, {{"status", "QUEUED"}}).status == 200);
  check_gapless(history(on.api, id));
}

TEST_CASE("every leaf that is neither finished nor running says why") {
  stage on;
  auto plan = plan_of({"done", "held", "ready", "later", "failed", "outside", "asked"});
  auto& tasks = plan["phases"][0]["tasks"];
  tasks[3]["prerequisites"] = {"held"};
  tasks[6]["decomposition_confidence"] = 0.1;
  for (std::size_t i = 0; i < 6; ++i) tasks[i]["decomposition_confidence"] = 0.9;
  const auto id = start_execution(on.api, plan, {{"review_threshold", 0.5}, {"retry_policy", {{"max_attempts", 1}}}});
  std::map<std::string, json> held;
  const auto answer = on.api.get("/api/agents/ann/work?limit=5");
  INFO(answer.text);
  for (const auto& each : answer.body.at("tasks")) held[each.at("task_id")] = each;
  REQUIRE(held.size() == 5);
  report(on.api, "ann", held.at("done"), "task_complete");
  on.fail(held.at("failed"));
  report(on.api, "ann", held.at("outside"), "task_blocked");
  resolve(on.api, id, "ready", "reassign", {{"agent_id", "nobody-yet"}});
  const std::map<std::string, std::string> expected = {{"later", "prerequisites"},
                                                       {"ready", "agent"},
                                                       {"failed", "review"},
                                                       {"outside", "external"},
                                                       {"asked", "review"}};
  for (const auto& leaf : on.api.get("/api/executions/" + id + "/tasks?flat=true").body) {
    const std::string name = leaf.at("task_id");
    CAPTURE(name);
    const auto reason = expected.find(name);
    CHECK(leaf.contains("waiting_for") == (reason != expected.end()));
    if (reason == expected.end()) continue;
    CHECK(leaf.at("waiting_for").at("kind") == reason->second);
    CHECK(leaf.at("waiting_for").contains("since"));
    CHECK(!leaf.at("waiting_for").at("detail").get<std::string>().empty());
  }
}

}  // namespace planexe::tests
