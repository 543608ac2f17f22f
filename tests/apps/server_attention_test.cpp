// What needs somebody's attention over all executions, a person's inbox, and the switch that pauses everything.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {

namespace {

const json ask_always{{"review_threshold", 1}};

json unsure(double confidence) {
  return {{"decomposition_confidence", confidence}};
}

std::vector<std::string> tasks_in(const json& list) {
  std::vector<std::string> ids;
  for (const auto& each : list) ids.push_back(each.at("task_id"));
  return ids;
}

}  // namespace

TEST_CASE("blockers of all executions come in one list, newest first, page by page") {
  server_under_test server;
  api_client api(server.address());
  const auto first = start_execution(api, plan_of({"a", "b", "c"}, unsure(0.2)), ask_always);
  start_execution(api, plan_of({"free"}));
  const auto second = start_execution(api, plan_of({"d"}, unsure(0.2)), ask_always);
  const auto all = api.get("/api/blockers").body;
  REQUIRE(tasks_in(all) == std::vector<std::string>{"d", "a", "b", "c"});
  CHECK(all[0].at("execution_id") == second);
  CHECK(all[1].at("execution_id") == first);
  CHECK(all[1].at("kind") == "review");
  CHECK(all[1].contains("wake_at"));

  std::vector<std::string> seen;
  std::string path = "/api/blockers?limit=2";
  for (int pages = 0; !path.empty() && pages < 5; ++pages) {
    const auto page = api.get(path);
    REQUIRE(page.status == 200);
    for (const auto& id : tasks_in(page.body)) seen.push_back(id);
    const auto link = page.header("link");
    path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  CHECK(seen == std::vector<std::string>{"d", "a", "b", "c"});
  REQUIRE(api.patch("/api/executions/" + second, {{"status", "CANCELLED"}}).status == 200);
  CHECK(tasks_in(api.get("/api/blockers").body) == std::vector<std::string>{"a", "b", "c"});
  CHECK(api.get("/api/blockers?cursor=!").status == 400);
}

TEST_CASE("a person finds in the inbox what they hold, what they are asked and what they could take") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann", {{"kind", "human"}, {"role", "Mason"}, {"max_concurrent_tasks", 2}});
  register_agent(api, "pia", {{"kind", "human"}, {"role", "Painter"}});
  json plan = plan_of({"wall", "door"}, unsure(0.2));
  plan["phases"][0]["tasks"][0]["assignee_role"] = "Masons";
  plan["phases"][0]["tasks"][1]["assignee_role"] = "Painter";
  const auto asked = start_execution(api, plan, ask_always);
  const auto ready = start_execution(api, plan_of({"dig", "lay"}));
  REQUIRE(poll(api, "ann").at("task_id") == "dig");
  const auto inbox = api.get("/api/agents/ann/inbox").body;
  REQUIRE(inbox.at("held").size() == 1);
  CHECK(inbox.at("held")[0].at("execution_id") == ready);
  CHECK(inbox.at("held")[0].at("task_id") == "dig");
  CHECK(inbox.at("held")[0].contains("lease_expires_at"));
  REQUIRE(tasks_in(inbox.at("decisions")) == std::vector<std::string>{"wall"});
  CHECK(inbox.at("decisions")[0].at("execution_id") == asked);
  CHECK(inbox.at("more_decisions") == false);
  REQUIRE(tasks_in(inbox.at("available")) == std::vector<std::string>{"lay"});
  CHECK(tasks_in(api.get("/api/agents/pia/inbox").body.at("decisions")) == std::vector<std::string>{"door"});
  CHECK(api.get("/api/agents/nobody/inbox").status == 404);
}

TEST_CASE("everything is paused at once, stays so over a restart, and goes on") {
  server_under_test server;
  std::string id, lunch;
  {
    api_client api(server.address());
    register_agent(api, "ann");
    CHECK(api.get("/api/admin/switch").body == json{{"paused", false}, {"reason", ""}});
    CHECK(api.post("/api/admin/pause", json::object()).fields_named() == std::vector<std::string>{"reason"});
    id = start_execution(api, plan_of({"a", "b"}));
    lunch = start_execution(api, plan_of({"c"}));
    REQUIRE(api.patch("/api/executions/" + lunch, {{"status", "PAUSED"}, {"reason", "lunch"}}).status == 200);
    const auto held = poll(api, "ann");
    REQUIRE(held.at("task_id") == "a");

    const auto thrown = api.post("/api/admin/pause", {{"reason", "smoke"}}, {{"Idempotency-Key", "k1"}});
    REQUIRE(thrown.status == 200);
    CHECK(thrown.body.at("paused") == true);
    CHECK(api.post("/api/admin/pause", {{"reason", "smoke"}}, {{"Idempotency-Key", "k1"}}).text == thrown.text);
    REQUIRE(reaches(api, id, "PAUSED"));
    CHECK(execution(api, id).at("status_message") == "smoke");
    CHECK(api.get("/api/agents/ann/work").body.at("force_pause") == true);
    const auto refused = api.patch("/api/executions/" + lunch, {{"status", "RUNNING"}});
    CHECK(refused.status == 409);
    CHECK(refused.code() == "invalid_transition");
    CHECK(api.post("/api/executions", {{"plan", plan_of({"x"})}, {"start", true}}).status == 409);
    CHECK(report(api, "ann", held, "task_complete").status == 201);  // what has been done is taken all the same
  }
  server.kill();
  server.start();
  api_client api(server.address());
  CHECK(api.get("/api/admin/switch").body.at("reason") == "smoke");
  const auto rows = api.get("/api/executions").body;
  REQUIRE(rows.size() == 2);
  for (const auto& row : rows) CHECK(row.at("status") == "PAUSED");
  REQUIRE(api.post("/api/admin/resume", {{"reason", "it was the bread"}}).status == 200);
  CHECK(reaches(api, id, "RUNNING"));
  CHECK(status(api, lunch) == "PAUSED");  // by a person, for lunch
  CHECK(poll(api, "ann").at("task_id") == "b");
}

}  // namespace planexe::tests
