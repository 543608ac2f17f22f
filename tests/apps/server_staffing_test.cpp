// Scenario 1 of the contract: an agent becomes unreachable, the execution says so, and goes on when one can.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {

TEST_CASE("an execution whose agent is lost is blocked, is escalated, and goes on by itself when one comes") {
  server_under_test server(
      environment{{"PLANEXE_AGENT_TIMEOUT_SECONDS", "1.5"}, {"PLANEXE_ESCALATION_HOURS", "0.0002"}});
  std::string id;
  {
    api_client api(server.address());
    register_agent(api, "ann");
    id = start_execution(api, plan_of({"a"}));
    REQUIRE(poll(api, "ann").at("task_id") == "a");
  }
  server.kill();  // a silence is noticed also by a server that was not there when it began
  server.start();
  api_client api(server.address());
  REQUIRE(reaches(api, id, "BLOCKED"));
  const auto waits = task(api, id, "a");
  CHECK(waits.at("status") == "QUEUED");
  CHECK(waits.at("attempt") == 1);
  CHECK(waits.at("waiting_for").at("kind") == "agent");
  CHECK(waits.at("waiting_for").at("detail") == "no agent within reach can 'work'");
  REQUIRE(eventually([&] { return count_events(api, id, "task_escalated", "a") == 1; }));
  const auto blockers = api.get("/api/executions/" + id + "/blockers").body;
  REQUIRE(blockers.size() == 1);
  CHECK(blockers[0].at("kind") == "agent");
  CHECK(blockers[0].contains("escalated_at"));
  CHECK(blockers[0].at("escalated_to") == "owner");

  register_agent(api, "bob");
  const auto taken = poll(api, "bob");
  REQUIRE(taken.at("task_id") == "a");
  CHECK(status(api, id) == "RUNNING");
  REQUIRE(report(api, "bob", taken, "task_complete").status == 201);
  CHECK(status(api, id) == "COMPLETED");
  check_gapless(history(api, id));
}

}  // namespace planexe::tests
