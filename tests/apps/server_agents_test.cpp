// Agents and their leases: who gets which task, when it is told again, taken back, and what a late report comes to.
#include <doctest/doctest.h>

#include <future>
#include <set>
#include <thread>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

std::string work_path(const std::string& agent, const std::string& query = {}) {
  return "/api/agents/" + agent + "/work" + (query.empty() ? "" : "?" + query);
}

/// A poll that waits, on a connection and in a thread of its own.
std::future<reply> parked_poll(const server_under_test& server, const std::string& agent, const std::string& query) {
  return std::async(std::launch::async, [address = server.address(), path = work_path(agent, query)] {
    return api_client(address, std::chrono::seconds(90)).send("GET", path);
  });
}

/// Gives parked polls the time to reach the server. Nothing depends on it: one that comes later is answered as well,
/// by another way.
void let_polls_park() {
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
}

std::set<std::string> ids_of(const json& tasks) {
  std::set<std::string> ids;
  for (const auto& each : tasks) ids.insert(each.at("task_id"));
  return ids;
}

}  // namespace

TEST_CASE("a poll whose answer was lost costs nothing") {
  server_under_test server;
  api_client api(server.address());
  start_execution(api, plan_of({"a", "b", "c", "d"}));
  register_agent(api, "ann");
  const auto first = poll(api, "ann"), again = poll(api, "ann");
  for (const char* member : {"task_id", "attempt", "lease_token"}) CHECK(first.at(member) == again.at(member));

  register_agent(api, "bob", {{"max_concurrent_tasks", 3}});
  const auto three = api.get(work_path("bob", "limit=5")).body.at("tasks");
  CHECK(three.size() == 3);
  const auto repeated = api.get(work_path("bob", "limit=5")).body.at("tasks");
  REQUIRE(repeated.size() == 3);
  CHECK(ids_of(repeated) == ids_of(three));
  CHECK(!ids_of(three).contains(first.at("task_id")));
  for (const auto& held : repeated) {
    CHECK(held.at("attempt") == 1);
    CHECK(report(api, "bob", held, "task_complete").status == 201);
  }
}

TEST_CASE("an agent with room takes as many tasks as it asks for") {
  server_under_test server;
  api_client api(server.address());
  start_execution(api, plan_of({"a", "b", "c", "d"}));
  register_agent(api, "ann", {{"max_concurrent_tasks", 3}});
  const auto one = api.get(work_path("ann")).body.at("tasks");
  CHECK(one.size() == 1);
  const auto two = api.get(work_path("ann", "limit=10")).body.at("tasks");
  CHECK(two.size() == 2);  // what it has room for
  auto all = ids_of(one);
  all.merge(ids_of(two));
  CHECK(all.size() == 3);
  CHECK(api.get("/api/agents/ann").body.at("held_tasks").size() == 3);
}

TEST_CASE("the same request id gets the same tasks") {
  server_under_test server;
  api_client api(server.address());
  start_execution(api, plan_of({"a", "b", "c"}));
  register_agent(api, "ann", {{"max_concurrent_tasks", 3}});
  const auto first = poll(api, "ann", "request_id=r1");
  const auto again = api.post(work_path("ann"), {{"request_id", "r1"}}).body.at("next_task");
  CHECK(again.at("lease_token") == first.at("lease_token"));
  const auto other = poll(api, "ann", "request_id=r2");
  CHECK(other.at("task_id") != first.at("task_id"));
  CHECK(poll(api, "ann", "request_id=r1").at("lease_token") == first.at("lease_token"));
}

TEST_CASE("what was handed out and never told is told after a crash") {
  server_under_test server;
  std::string token;
  {
    api_client api(server.address());
    start_execution(api, plan_of({"a", "b"}));
    register_agent(api, "ann");
    register_agent(api, "bob");
    token = poll(api, "ann").at("lease_token");
  }
  server.kill();
  server.start();
  api_client api(server.address());
  CHECK(poll(api, "bob").at("task_id") == "b");
  const auto held = poll(api, "ann");
  CHECK(held.at("lease_token") == token);
  CHECK(held.at("attempt") == 1);
  CHECK(report(api, "ann", held, "task_complete").status == 201);
}

TEST_CASE("a poll waits for a task, and is answered empty in time") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto empty = api.get(work_path("ann", "wait=0.1"));
  CHECK(empty.status == 204);
  CHECK(std::stoi(empty.header("Retry-After")) > 0);
  CHECK(api.get(work_path("ann"), {{"Prefer", "wait=0.1"}}).status == 204);
  for (const std::string query : {"wait=60", "wait=60&limit=3"}) {
    auto parked = parked_poll(server, "ann", query);
    let_polls_park();
    start_execution(api, plan_of({"a"}));
    const auto served = parked.get();
    REQUIRE_MESSAGE(served.status == 200, served.text);
    CHECK(report(api, "ann", served.body.at("next_task"), "task_complete").status == 201);
  }
  // A task that a report unlocks goes to the poll that waits.
  auto plan = plan_of({"a", "b"});
  plan["phases"][0]["tasks"][1]["prerequisites"] = {"a"};
  start_execution(api, plan);
  const auto first = poll(api, "ann");
  register_agent(api, "bob");
  auto parked = parked_poll(server, "bob", "wait=60");
  let_polls_park();
  report(api, "ann", first, "task_complete");
  CHECK(parked.get().body.at("next_task").at("task_id") == "b");
}

TEST_CASE("HEAD hands out nothing") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  start_execution(api, plan_of({"a"}));
  const auto refused = api.send("HEAD", work_path("ann"));
  CHECK(refused.status == 405);
  CHECK(refused.header("Allow") == "GET, POST, OPTIONS");
  CHECK(api.send("OPTIONS", work_path("ann")).header("Allow") == "GET, POST, OPTIONS");
  CHECK(api.get("/api/agents/ann").body.at("held_tasks").empty());
}

TEST_CASE("tasks go to those who can and may") {
  server_under_test server;
  api_client api(server.address());
  auto plan = plan_of({"dig", "cook", "any"});
  auto& tasks = plan["phases"][0]["tasks"];
  tasks[0]["action"] = "dig";
  tasks[1]["action"] = "cook";
  tasks[1]["assignee_role"] = "Chef";
  tasks[2]["action"] = "other";
  start_execution(api, plan);
  const auto able = [&](const std::string& id, const std::string& action, const std::string& role) {
    register_agent(api, id, {{"capabilities", {{{"action", action}}}}, {"role", role}});
  };
  able("digger", "dig", "Gardener");
  able("baker", "cook", "Baker");
  able("chef", "cook", "chefs");
  able("all", "*", "anything");
  CHECK(poll(api, "baker").is_null());  // the right action, the wrong role
  CHECK(poll(api, "digger", "supported_actions=cook,other").is_null());
  CHECK(poll(api, "digger", "supported_actions=dig").at("task_id") == "dig");
  CHECK(poll(api, "chef").at("task_id") == "cook");
  CHECK(poll(api, "all", "supported_actions=other").at("task_id") == "any");
}

TEST_CASE("an execution may be one agent's alone") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  register_agent(api, "bob");
  const auto created =
      api.post("/api/executions", {{"plan", plan_of({"a", "b"})}, {"start", true}, {"agent_id", "ann"}});
  REQUIRE(created.status == 201);
  CHECK(created.body.at("agent_id") == "ann");
  CHECK(poll(api, "bob").is_null());
  CHECK(poll(api, "ann").at("task_id") == "a");
  CHECK(api.get("/api/executions?agent_id=ann").body.size() == 1);
  CHECK(api.get("/api/executions?agent_id=bob").body.empty());
}

TEST_CASE("a pause hands nothing out, tells the holders and still takes their reports") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a", "b"}));
  register_agent(api, "ann", {{"max_concurrent_tasks", 2}});
  register_agent(api, "bob");
  const auto held = poll(api, "ann");
  REQUIRE(api.patch("/api/executions/" + id, {{"status", "PAUSED"}, {"reason", "rain"}}).status == 200);
  CHECK(poll(api, "bob").is_null());
  const auto told = api.get(work_path("ann"));
  REQUIRE(told.status == 200);
  CHECK(told.body.at("force_pause") == true);
  CHECK(told.body.at("tasks").empty());
  const auto progress = report(api, "ann", held, "task_progress", {{"progress_percent", 50}});
  CHECK(progress.status == 201);
  CHECK(progress.body.at("force_pause") == true);
  CHECK(report(api, "ann", held, "task_complete").status == 201);
  CHECK(status(api, id) == "PAUSED");
  CHECK(task(api, id, "b").at("waiting_for").at("kind") == "paused");
  auto parked = parked_poll(server, "bob", "wait=60");
  let_polls_park();
  REQUIRE(api.patch("/api/executions/" + id, {{"status", "RUNNING"}}).status == 200);
  CHECK(parked.get().body.at("next_task").at("task_id") == "b");
  CHECK(poll(api, "ann").is_null());
}

TEST_CASE("a pause at the end is completed by its end") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  register_agent(api, "ann");
  const auto held = poll(api, "ann");
  api.patch("/api/executions/" + id, {{"status", "PAUSED"}});
  report(api, "ann", held, "task_complete");
  CHECK(status(api, id) == "PAUSED");
  CHECK(api.patch("/api/executions/" + id, {{"status", "RUNNING"}}).body.at("status") == "COMPLETED");
}

TEST_CASE("a cancel revokes what is held, at once, and late reports change nothing") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a", "b"}));
  register_agent(api, "ann", {{"max_concurrent_tasks", 3}});
  const auto tasks = api.get(work_path("ann", "limit=2")).body.at("tasks");
  REQUIRE(tasks.size() == 2);
  auto parked = parked_poll(server, "ann", "wait=60");
  let_polls_park();
  REQUIRE(api.patch("/api/executions/" + id, {{"status", "CANCELLED"}, {"reason", "no money"}}).status == 200);
  // Both are told, by the poll that waits and by the next one.
  std::set<std::string> revoked;
  auto told = parked.get();
  while (revoked.size() < 2) {
    REQUIRE_MESSAGE(told.status == 200, told.text);
    CHECK(told.body.at("force_cancel") == true);
    for (const auto& each : told.body.at("revoked")) {
      CHECK(each.at("execution_id") == id);
      CHECK(each.at("reason") == "no money");
      CHECK(revoked.insert(each.at("task_id")).second);
    }
    if (revoked.size() < 2) told = api.get(work_path("ann", "wait=20"));
  }
  CHECK(api.get(work_path("ann")).status == 204);
  for (int i = 0; i < 3; ++i) {
    const auto late = report(api, "ann", tasks[0], "task_complete");
    CHECK(late.status == 409);
    CHECK(late.code() == "lease_lost");
  }
  CHECK(count_events(api, id, "report_rejected_stale", tasks[0]["task_id"]) == 1);
  CHECK(status(api, id) == "CANCELLED");
  CHECK(task(api, id, "a").at("status") == "CANCELLED");
  CHECK(api.get("/api/agents/ann").body.at("held_tasks").empty());
}

TEST_CASE("a paused agent gets nothing, not even by a poll that waited already") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  auto parked = parked_poll(server, "ann", "wait=60");
  let_polls_park();
  REQUIRE(api.patch("/api/agents/ann", {{"status", "paused"}}).status == 200);
  const auto told = parked.get();
  REQUIRE(told.status == 200);
  CHECK(told.body.at("force_pause") == true);
  const auto id = start_execution(api, plan_of({"a"}));
  CHECK(api.get(work_path("ann", "wait=0.2")).body.at("tasks").empty());
  CHECK(count_events(api, id, "task_assigned") == 0);
  REQUIRE(api.patch("/api/agents/ann", {{"status", "active"}}).status == 200);
  CHECK(poll(api, "ann").at("task_id") == "a");
}

TEST_CASE("a retired agent gives everything back and is sent away") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  register_agent(api, "ann", {{"max_concurrent_tasks", 2}});
  register_agent(api, "bob");
  const auto held = poll(api, "ann");
  auto parked = parked_poll(server, "ann", "wait=60");
  auto waiting = parked_poll(server, "bob", "wait=60");
  let_polls_park();
  REQUIRE(api.patch("/api/agents/ann", {{"status", "retired"}}).status == 200);
  const auto sent_away = parked.get();
  CHECK(sent_away.status == 409);
  CHECK(api.get(work_path("ann")).status == 409);
  const auto taken = waiting.get();
  REQUIRE(taken.status == 200);
  CHECK(taken.body.at("next_task").at("task_id") == "a");
  CHECK(report(api, "ann", held, "task_complete").code() == "lease_lost");
  CHECK(report(api, "bob", taken.body.at("next_task"), "task_complete").status == 201);
  CHECK(status(api, id) == "COMPLETED");
}

TEST_CASE("a poll that waits while the server shuts down is told so and when to come back") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  auto parked = parked_poll(server, "ann", "wait=60");
  let_polls_park();
  CHECK(server.terminate() == 0);
  const auto told = parked.get();
  CHECK(told.status == 503);
  CHECK(told.code() == "unavailable");
  CHECK(told.body.at("detail") == "the server is shutting down");
  CHECK(!told.header("retry-after").empty());
}

TEST_CASE("a silent agent loses its task to another, and no attempt is charged") {
  server_under_test server(environment{{"PLANEXE_AGENT_TIMEOUT_SECONDS", "0.3"}, {"PLANEXE_TASK_MAX_ATTEMPTS", "2"}});
  std::string id;
  json lost;
  {
    api_client api(server.address());
    id = start_execution(api, plan_of({"a"}));
    register_agent(api, "ann");
    lost = poll(api, "ann");
    REQUIRE(!lost.is_null());
    REQUIRE(eventually([&] { return count_events(api, id, "lease_expired") == 1; }));
    CHECK(api.get("/api/agents/ann").body.at("status") == "unreachable");
    CHECK(task(api, id, "a").at("status") == "QUEUED");
  }
  // From here on nobody is silent for too long, however slow the machine is.
  CHECK(server.terminate() == 0);
  server.set("PLANEXE_AGENT_TIMEOUT_SECONDS", "1800");
  server.start();
  api_client api(server.address());
  register_agent(api, "bob");
  auto held = poll(api, "bob");
  CHECK(held.at("task_id") == "a");
  CHECK(held.at("attempt") == 2);
  for (int i = 0; i < 2; ++i) CHECK(report(api, "ann", lost, "task_complete").code() == "lease_lost");
  CHECK(count_events(api, id, "report_rejected_stale") == 1);
  // The first of two attempts that may fail: the one that came to nothing does not count.
  CHECK(report(api, "bob", held, "task_error").status == 201);
  CHECK(count_events(api, id, "task_retry_scheduled") == 1);
  REQUIRE(eventually([&] { return !(held = poll(api, "bob")).is_null(); }));

  const auto done = report(api, "bob", held, "task_complete", {{"output_data", {{"x", 1}}}});
  const auto again = report(api, "bob", held, "task_complete", {{"output_data", {{"x", 1}}}});
  CHECK(done.status == 201);
  CHECK(again.status == 200);
  CHECK(again.body.at("duplicate") == true);
  for (const char* member : {"seq", "event_id", "recorded_at", "task_status"})
    CHECK(again.body.at(member) == done.body.at(member));
  CHECK(report(api, "bob", held, "task_complete", {{"output_data", {{"x", 2}}}}).code() == "lease_lost");
  CHECK(count_events(api, id, "task_complete") == 1);
}

TEST_CASE("polls, heartbeats and reports keep a lease alive") {
  server_under_test server(environment{{"PLANEXE_AGENT_TIMEOUT_SECONDS", "2"}});
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  register_agent(api, "ann");
  const auto held = poll(api, "ann");
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(4500);
  for (int turn = 0; std::chrono::steady_clock::now() < end; ++turn) {
    if (turn % 3 == 0) poll(api, "ann");
    if (turn % 3 == 1) report(api, "ann", held, "heartbeat");
    if (turn % 3 == 2)
      api.post("/api/executions/" + id + "/events", {{"event_type", "heartbeat"}, {"agent_id", "ann"}});
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  CHECK(count_events(api, id, "lease_expired") == 0);
  CHECK(report(api, "ann", held, "task_complete").status == 201);
}

}  // namespace planexe::tests
