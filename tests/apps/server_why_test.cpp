// Why something is not done, asked of a real server, and of its log beside it.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

json why(api_client& api, const std::string& id, const std::string& task = {}) {
  const auto answer = api.get("/api/executions/" + id + (task.empty() ? "" : "/tasks/" + task) + "/why");
  REQUIRE_MESSAGE(answer.status == 200, answer.text);
  return answer.body;
}

/// Each waits for the one before.
json four_in_a_row() {
  auto plan = plan_of({"a", "b", "c", "d"});
  auto& tasks = plan.at("phases").at(0).at("tasks");
  for (std::size_t i = 1; i < 4; ++i) tasks.at(i)["prerequisites"] = json{tasks.at(i - 1).at("task_id")};
  return plan;
}

json roots_of(const json& body) {
  json roots = json::array();
  for (const auto& root : body.at("roots"))
    roots.push_back({root.at("task_id"), root.at("kind"), root.at("detail"), root.at("since")});
  return roots;
}

}  // namespace

TEST_CASE("an agent holds a task and is named, falls silent and is out of reach, and the chain says so") {
  server_under_test server(environment{{"PLANEXE_AGENT_TIMEOUT_SECONDS", "2"}});
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, four_in_a_row());
  auto root = why(api, id, "d").at("chain").back();
  CHECK(root.at("kind") == "agent");
  CHECK(root.at("candidates").at(0).at("agent_id") == "ann");

  REQUIRE(poll(api, "ann").at("task_id") == "a");
  const auto held = why(api, id, "d");
  CHECK(held.at("chain").size() == 4);
  root = held.at("chain").back();
  CHECK(root.at("task_id") == "a");
  CHECK(root.at("kind") == "running");
  CHECK(root.at("agent").at("agent_id") == "ann");
  CHECK(root.at("agent").at("status") == "active");
  CHECK(root.at("agent").contains("lease_expires_at"));
  CHECK(held.at("say").get<std::string>().find("which is held by ann") != std::string::npos);

  REQUIRE(reaches(api, id, "BLOCKED"));
  const auto lost = why(api, id);
  CHECK(lost.at("status") == "BLOCKED");
  root = lost.at("chain").back();
  CHECK(root.at("kind") == "agent");
  REQUIRE(root.at("candidates").size() == 1);
  CHECK(root.at("candidates").at(0).at("status") == "unreachable");
  CHECK(root.at("candidates").at(0).at("reason").get<std::string>().starts_with("is out of reach, last heard of "));
}

TEST_CASE("a review three tasks upstream is at the root, for the server and for its log beside it") {
  server_under_test server;
  api_client api(server.address());
  auto plan = four_in_a_row();
  plan.at("phases").at(0).at("tasks").at(0)["decomposition_confidence"] = 0.1;
  const auto id = start_execution(api, plan, {{"review_threshold", 0.2}});
  register_agent(api, "ann");
  const auto told = why(api, id, "d");
  REQUIRE(told.at("chain").size() == 4);
  CHECK(told.at("chain").back().at("task_id") == "a");
  CHECK(told.at("chain").back().at("kind") == "review");
  CHECK(told.at("counts") == json{{"review", 1}});

  const auto by_server = run(server, {"why", id, "d", "--json", "--url", server.address().url()});
  const auto by_log = run(server, {"why", id, "d", "--json", "--data-dir", server.data_folder().string()});
  REQUIRE_MESSAGE(by_server.code == 0, by_server.said);
  REQUIRE_MESSAGE(by_log.code == 0, by_log.said);
  CHECK(roots_of(json::parse(by_server.said)) == roots_of(told));
  CHECK(roots_of(json::parse(by_log.said)) == roots_of(told));
  CHECK(json::parse(by_log.said).at("chain").size() == 4);

  const auto text = run(server, {"why", id, "d", "--data-dir", server.data_folder().string()});
  CHECK(text.code == 0);
  CHECK(text.said.starts_with(
      "'Do d' waits for 'Do c', which waits for 'Do b', which waits for 'Do a', which waits for a person"));
  CHECK(text.said.find('\x1b') == std::string::npos);

  // The log goes on under its server, and tells the same after it has gone.
  REQUIRE(resolve(api, id, "a", "approve").status == 200);
  REQUIRE(poll(api, "ann").at("task_id") == "a");
  const auto running = run(server, {"why", id, "--json", "--data-dir", server.data_folder().string()});
  REQUIRE_MESSAGE(running.code == 0, running.said);
  CHECK(json::parse(running.said).at("counts") == json{{"running", 1}});
  server.kill();
  const auto after = run(server, {"why", id, "--json", "--data-dir", server.data_folder().string()});
  REQUIRE_MESSAGE(after.code == 0, after.said);
  CHECK(json::parse(after.said).at("counts") == json{{"running", 1}});
  CHECK(json::parse(after.said).at("chain").back().at("agent").at("agent_id") == "ann");
  server.start();
  api_client again(server.address());
  CHECK(status(again, id) == "RUNNING");
}

TEST_CASE("a past moment is explained as it was, without what is known of agents only now") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a"}));
  const auto task = poll(api, "ann");
  REQUIRE(report(api, "ann", task, "task_complete").status == 201);
  CHECK(why(api, id, "a").at("say") == "'Do a' is complete");
  std::uint64_t assigned = 0;
  for (const auto& event : history(api, id))
    if (event.at("event_type") == "task_assigned") assigned = event.at("seq");
  const auto then = api.get("/api/executions/" + id + "/tasks/a/why?at_seq=" + std::to_string(assigned));
  REQUIRE(then.status == 200);
  const auto root = then.body.at("chain").at(0);
  CHECK(root.at("kind") == "running");
  CHECK(root.at("agent") == json{{"agent_id", "ann"}, {"attempt", 1}, {"progress_percent", 0}});
  const auto before = api.get("/api/executions/" + id + "/why?at_seq=" + std::to_string(assigned - 1));
  CHECK(!before.body.at("chain").at(0).contains("candidates"));
  CHECK(api.get("/api/executions/" + id + "/why?at_seq=999").status == 404);
  CHECK(api.get("/api/executions/" + id + "/why?at_seq=x").status == 400);

  const auto words = [&](const std::string& from, const std::string& where) {
    return run(server, {"why", id, "a", "--at", std::to_string(assigned), "--json", from, where});
  };
  CHECK(json::parse(words("--url", server.address().url()).said) == then.body);
  CHECK(json::parse(words("--data-dir", server.data_folder().string()).said) == then.body);
}

TEST_CASE("what does not exist is 404 and exit 1, and wrong use is exit 2") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  const auto url = server.address().url();
  const auto data = server.data_folder().string();
  CHECK(api.get("/api/executions/" + id + "/tasks/nope/why").status == 404);
  CHECK(api.get("/api/executions/nope/why").status == 404);
  for (const auto& [from, where] : {std::pair{"--url", url}, std::pair{"--data-dir", data}}) {
    const auto no_task = run(server, {"why", id, "nope", from, where});
    CHECK(no_task.code == 1);
    CHECK(no_task.said == "no task 'nope'\n");
    const auto no_execution = run(server, {"why", "nope", from, where});
    CHECK(no_execution.code == 1);
    CHECK(no_execution.said == "no execution 'nope'\n");
    CHECK(run(server, {"why", id, "--at", "99", from, where}).code == 1);
    CHECK(run(server, {"status", "nope", from, where}).code == 1);
  }
  const auto nowhere = run(server, {"why", id, "--data-dir", (server.folder() / "nowhere").string()});
  CHECK(nowhere.code == 1);
  CHECK_FALSE(std::filesystem::exists(server.folder() / "nowhere"));
  CHECK(run(server, {"why", id, "--url", "ftp://x"}).code == 2);
  CHECK(run(server, {"why", id, "--url", url, "--data-dir", data}).code == 2);
  CHECK(run(server, {"why", "../plans", "--url", url}).code == 2);
  CHECK(run(server, {"why"}).code == 2);
  CHECK(run(server, {"why", id, "--at", "0", "--url", url}).code == 2);
}

TEST_CASE("status lists executions and shows one, from the server and from its log") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto done = start_execution(api, plan_of({"a"}));
  REQUIRE(report(api, "ann", poll(api, "ann"), "task_complete").status == 201);
  const auto waiting = start_execution(api, plan_of({"a", "b"}));
  for (const auto& [from, where] :
       {std::pair{"--url", server.address().url()}, std::pair{"--data-dir", server.data_folder().string()}}) {
    const auto list = run(server, {"status", from, where});
    CHECK(list.code == 0);
    const auto newest = list.said.find(waiting), oldest = list.said.find(done);
    REQUIRE(newest != std::string::npos);
    REQUIRE(oldest != std::string::npos);
    CHECK(newest < oldest);
    CHECK(list.said.find("100 %") != std::string::npos);
    const auto one = run(server, {"status", waiting, "--json", from, where});
    REQUIRE(one.code == 0);
    CHECK(json::parse(one.said).at("progress").at("tasks_total") == 2);
    CHECK(json::parse(one.said).at("forecast").at("critical_path").size() == 1);
  }
}

}  // namespace planexe::tests
