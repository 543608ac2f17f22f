// What is read from the views of a real server: the plan against reality, and what happened lately.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

json get(api_client& api, const std::string& path) {
  const auto answer = api.get(path);
  REQUIRE_MESSAGE(answer.status == 200, answer.text);
  return answer.body;
}

/// b comes after a; both have estimates.
json two_in_a_row() {
  auto plan = plan_of({"a", "b"}, {{"estimated_hours", 8}, {"assignee_role", "Mason"}});
  plan.at("phases").at(0).at("tasks").at(1)["prerequisites"] = json::array({"a"});
  return plan;
}

const json& row(const json& report, const std::string& task) {
  for (const auto& each : report.at("tasks"))
    if (each.at("task_id") == task) return each;
  FAIL("no row of " << task);
  return report;
}

std::vector<std::string> types(const json& activity) {
  std::vector<std::string> names;
  for (const auto& entry : activity) names.push_back(entry.at("event_type"));
  return names;
}

}  // namespace

TEST_CASE("the report compares the plan with what became of it, now and at any point before") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, two_in_a_row());
  const auto path = "/api/executions/" + id + "/report";
  auto report = get(api, path);
  CHECK(report.at("execution_id") == id);
  CHECK(report.at("tasks").size() == 3);
  CHECK(row(report, "b").at("planned_start_days") == row(report, "a").at("planned_end_days"));
  CHECK(!row(report, "a").contains("planned_start"));
  CHECK(report.at("totals").at("tasks_completed") == 0);
  REQUIRE(report.at("roles").size() == 1);
  CHECK(report.at("roles").at(0).at("role") == "Mason");
  CHECK(report.at("roles").at(0).at("ready") == 1);
  CHECK(report.at("roles").at(0).at("agents") == 1);
  CHECK(report.at("roles").at(0).at("agents_active") == 0);
  const auto before = report.at("seq");

  const auto held = poll(api, "ann");
  REQUIRE(held.at("task_id") == "a");
  CHECK(get(api, path).at("roles").at(0).at("agents_active") == 1);
  REQUIRE(tests::report(api, "ann", held, "task_complete").status == 201);
  report = get(api, path);
  const auto& done = row(report, "a");
  CHECK(done.at("status") == "COMPLETE");
  CHECK(done.at("actual_start") == report.at("started_at"));
  CHECK(done.at("actual_end") >= done.at("actual_start"));
  CHECK(done.at("slip_days") < 0);  // in no time, where the plan says hours
  CHECK(!done.contains("expected_end"));
  CHECK(row(report, "b").at("expected_end") == report.at("forecast").at("eta"));
  CHECK(row(report, "a").at("attempts") == 1);
  CHECK(report.at("totals").at("tasks_completed") == 1);
  CHECK(report.at("pace").at("leaves") == 1);

  const auto past = get(api, path + "?at_seq=" + before.dump());
  CHECK(past.at("seq") == before);
  CHECK(past.at("totals").at("tasks_completed") == 0);
  CHECK(!past.at("roles").at(0).contains("agents"));  // who there was then is not told
  CHECK(api.get(path + "?at_seq=0").status == 404);
  CHECK(api.get(path + "?at_seq=x").status == 400);
  CHECK(api.get("/api/executions/nobody/report").status == 404);
}

TEST_CASE("the activity is newest first, in pages, and can be narrowed") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto first = start_execution(api, plan_of({"a"}));
  const auto second = start_execution(api, plan_of({"b", "c"}));
  for (auto task = poll(api, "ann"); !task.is_null(); task = poll(api, "ann"))
    REQUIRE(report(api, "ann", task, "task_complete", {{"message", "well done"}}).status == 201);

  const auto all = get(api, "/api/activity?limit=1000");
  REQUIRE(all.size() > 8);
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all.at(i).at("position") < all.at(i - 1).at("position"));
  CHECK(all.back().at("event_type") == "agent_registered");
  const auto completed = get(api, "/api/activity?type=task_complete&execution_id=" + first);
  REQUIRE(completed.size() == 1);
  const auto& entry = completed.at(0);
  CHECK(entry.at("task_id") == "a");
  CHECK(entry.at("agent_id") == "ann");
  CHECK(entry.at("message") == "well done");
  CHECK(entry.at("execution_id") == first);
  CHECK(entry.at("title") == execution(api, first).at("title"));
  CHECK(entry.contains("task_title"));
  for (const auto& each : get(api, "/api/activity?agent_id=ann")) CHECK(each.at("agent_id") == "ann");

  // The pages together are the whole.
  json together = json::array();
  std::string path = "/api/activity?limit=3";
  while (!path.empty()) {
    const auto page = api.get(path);
    REQUIRE(page.status == 200);
    CHECK(page.body.size() <= 3);
    for (const auto& each : page.body) together.push_back(each);
    const auto link = page.header("Link");
    path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  CHECK(together == all);

  CHECK(api.get("/api/activity?type=heartbeat").status == 400);
  CHECK(api.get("/api/activity?limit=0").status == 400);
  CHECK(api.get("/api/activity?cursor=none").status == 400);

  // After a restart it is the same.
  REQUIRE(server.terminate() == 0);
  server.start();
  api_client again(server.address());
  CHECK(get(again, "/api/activity?limit=1000") == all);
  CHECK(types(all).front() == "execution_completed");
}

}  // namespace planexe::tests
