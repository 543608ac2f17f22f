// Tasks taken apart while the server runs: proposed by their holder, by a person's hand, by the server's templates.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

std::vector<std::string> ids_of(const json& tasks) {
  std::vector<std::string> ids;
  for (const auto& each : tasks) ids.push_back(each.at("task_id"));
  return ids;
}

json all_tasks(api_client& api, const std::string& id, const std::string& query = {}) {
  return api.get("/api/executions/" + id + "/tasks?flat=true" + query).body;
}

const json two_parts = {{{"subtask_id", "a-look"}, {"title", "Look around"}, {"action", "research"}},
                        {{"subtask_id", "a-write"},
                         {"title", "Write it down"},
                         {"depends_on", {"a-look"}},
                         {"success_criteria", "One page"}}};

}  // namespace

TEST_CASE("an agent proposes subtasks and the work goes on with them, also after a crash") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a", "b"}));
  const auto held = poll(api, "ann");
  REQUIRE(held.at("task_id") == "a");
  const auto proposed = report(api, "ann", held, "subtasks_proposed", {{"subtasks", two_parts}, {"message", "two"}});
  REQUIRE(proposed.status == 201);
  CHECK(proposed.body.at("task_status") == "QUEUED");
  const auto again = report(api, "ann", held, "subtasks_proposed", {{"subtasks", two_parts}, {"message", "two"}});
  CHECK(again.status == 200);
  CHECK(again.body.at("duplicate") == true);
  CHECK(again.body.at("seq") == proposed.body.at("seq"));

  CHECK(ids_of(all_tasks(api, id)) == std::vector<std::string>{"P", "a", "a-look", "a-write", "b"});
  CHECK(execution(api, id).at("progress").at("tasks_total") == 3);
  const auto before = std::to_string(proposed.body.at("seq").get<int>() - 1);
  CHECK(ids_of(all_tasks(api, id, "&at_seq=" + before)) == std::vector<std::string>{"P", "a", "b"});
  CHECK(report(api, "ann", held, "task_complete").code() == "lease_lost");

  server.kill();
  server.start();
  api_client after(server.address());
  REQUIRE(ids_of(all_tasks(after, id)) == std::vector<std::string>{"P", "a", "a-look", "a-write", "b"});
  const auto events = after.get("/api/executions/" + id + "/events?type=subtasks_added").body;
  REQUIRE(events.size() == 1);
  CHECK(events[0].at("source") == "agent");
  CHECK(events[0].at("message") == "two");
  CHECK(events[0].at("subtasks")[1].at("depends_on") == json{"a-look"});
  std::vector<std::string> done;
  for (auto next = poll(after, "ann"); !next.is_null(); next = poll(after, "ann")) {
    done.push_back(next.at("task_id"));
    CHECK(next.value("success_criteria", "") == (done.back() == "a-write" ? "One page" : ""));
    REQUIRE(report(after, "ann", next, "task_complete", {{"output_data", {{"by", done.back()}}}}).status == 201);
  }
  CHECK(done == std::vector<std::string>{"a-look", "a-write", "b"});
  CHECK(status(after, id) == "COMPLETED");
  check_gapless(history(after, id));
}

TEST_CASE("subtasks that do not fit are refused with every reason and change nothing") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a", "b"}));
  const auto held = poll(api, "ann");
  const auto version = execution(api, id).at("version");
  const auto refused = [&](const json& subtasks) {
    const auto answer = report(api, "ann", held, "subtasks_proposed", {{"subtasks", subtasks}});
    CHECK(answer.status == 422);
    CHECK(answer.code() == "validation_failed");
    return answer.fields_named();
  };
  using fields = std::vector<std::string>;
  CHECK(refused(json::array()) == fields{"subtasks"});
  CHECK(refused(json(std::vector<json>(65, {{"title", "x"}}))) == fields{"subtasks"});
  CHECK(refused({{{"title", ""}}, {{"subtask_id", "no good"}, {"title", "x"}}}) ==
        fields{"subtasks[0].title", "subtasks[1].subtask_id"});
  CHECK(refused({{{"subtask_id", "b"}, {"title", "taken"}}, {{"title", "x"}, {"depends_on", {"nobody"}}}}).size() == 2);
  CHECK(refused({{{"subtask_id", "c"}, {"title", "x"}, {"depends_on", {"d"}}},
                 {{"subtask_id", "d"}, {"title", "y"}, {"depends_on", {"c"}}}}) == fields{"c", "d"});
  CHECK(execution(api, id).at("version") == version);
  CHECK(task(api, id, "a").at("status") == "RUNNING");
}

TEST_CASE("a task that an agent cannot take apart is taken apart by hand") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a"}));
  const auto held = poll(api, "ann");
  REQUIRE(report(api, "ann", held, "task_error", {{"error_type", "decomposition_failed"}, {"error_message", "vague"}})
              .status == 201);
  CHECK(status(api, id) == "BLOCKED");
  const auto apart = resolve(api, id, "a", "decompose", {{"subtasks", {{{"title", "First"}}, {{"title", "Second"}}}}});
  REQUIRE(apart.status == 200);
  CHECK(apart.body.at("status") == "QUEUED");
  CHECK(status(api, id) == "RUNNING");
  CHECK(ids_of(all_tasks(api, id)) == std::vector<std::string>{"P", "a", "a.1", "a.2"});
  CHECK(resolve(api, id, "a", "decompose", {{"subtasks", two_parts}}).code() == "invalid_transition");
  for (const char* expected : {"a.1", "a.2"}) {
    const auto next = poll(api, "ann");
    REQUIRE(next.at("task_id") == expected);
    REQUIRE(report(api, "ann", next, "task_complete").status == 201);
  }
  CHECK(status(api, id) == "COMPLETED");
}

TEST_CASE("without subtasks of their own, people get the server's") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}, {{"action", "make_phone_call"}}));
  const auto apart = resolve(api, id, "a", "decompose");
  REQUIRE_MESSAGE(apart.status == 200, apart.text);
  const auto events = api.get("/api/executions/" + id + "/events?type=subtasks_added").body;
  REQUIRE(events.size() == 1);
  CHECK(events[0].at("source") == "rules");
  CHECK(events[0].at("subtasks").size() >= 2);
  CHECK(all_tasks(api, id).size() == 2 + events[0].at("subtasks").size());
  CHECK(resolve(api, id, "a", "decompose").code() == "invalid_transition");
  CHECK(resolve(api, id, "nobody", "decompose").status == 404);
  CHECK(resolve(api, "exec-none", "a", "decompose").status == 404);
}

}  // namespace planexe::tests
