// The same key and payload get the first answer again, whatever happens in between.
#include <doctest/doctest.h>

#include <array>
#include <set>
#include <thread>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

headers with_key(const std::string& key) {
  return {{"Idempotency-Key", key}};
}

void check_same(const reply& again, const reply& first) {
  CHECK(again.status == first.status);
  CHECK(again.text == first.text);
  CHECK(again.header("Location") == first.header("Location"));
  CHECK(again.header("ETag") == first.header("ETag"));
}

/// One request of each kind of POST that does something, and what it answered.
struct told {
  std::string path;
  json body;
  std::string key;
  reply answer;
};

}  // namespace

TEST_CASE("every POST gives its first answer again, also after a crash") {
  server_under_test server;
  std::vector<told> all;
  {
    api_client api(server.address());
    const auto tell = [&](const std::string& path, const json& body) {
      told one{path, body, "key-" + std::to_string(all.size()), {}};
      one.answer = api.post(path, body, with_key(one.key));
      REQUIRE_MESSAGE(one.answer.status < 300, one.answer.text);
      check_same(api.post(path, body, with_key(one.key)), one.answer);
      all.push_back(one);
      return one.answer.body;
    };
    const auto plan = tell("/api/plans", plan_of({"a", "b", "c", "d"}));
    const auto created = tell("/api/executions", {{"plan_id", plan["plan_id"]}, {"start", true}});
    const std::string id = created["execution_id"], path = "/api/executions/" + id;
    tell("/api/agents", {{"agent_id", "ann"}, {"name", "Ann"}, {"role", "r"}, {"capabilities", {{{"action", "*"}}}}});
    auto held = poll(api, "ann");
    tell(path + "/events", report_of("ann", held, "task_progress", {{"progress_percent", 10}}));
    tell(path + "/events", report_of("ann", held, "task_complete", {{"output_data", 1}}));
    tell(path + "/tasks/b/resolution", {{"action", "skip"}});
    held = poll(api, "ann");
    tell(path + "/events", json::array({report_of("ann", held, "task_started"),
                                        report_of("ann", held, "task_complete", {{"output_data", 2}}),
                                        report_of("ann", held, "task_complete", {{"output_data", 3}})}));
    held = poll(api, "ann");
    auto elsewhere = report_of("ann", held, "task_complete");
    elsewhere["execution_id"] = id;
    tell("/api/agents/ann/events", json::array({elsewhere}));
    CHECK(status(api, id) == "COMPLETED");
  }
  const auto id = all[1].answer.body.at("execution_id").get<std::string>();
  const auto whole = [&] {
    api_client api(server.address());
    return std::array{history(api, id), api.get("/api/plans").body, api.get("/api/executions").body};
  };
  const auto before = whole();
  server.kill();
  server.start();
  CHECK(whole() == before);
  api_client api(server.address());
  for (const auto& [path, body, key, answer] : all) {
    CAPTURE(path);
    check_same(api.post(path, body, with_key(key)), answer);
  }
  CHECK(whole() == before);
}

TEST_CASE("a key that comes back with another payload is refused") {
  server_under_test server;
  for (int run = 0; run < 2; ++run) {
    api_client api(server.address());
    if (run == 0) REQUIRE(api.post("/api/plans", plan_of({"a"}), with_key("k")).status == 201);
    const auto refused = api.post("/api/plans", plan_of({"b"}), with_key("k"));
    CHECK(refused.status == 422);
    CHECK(refused.code() == "idempotency_key_reused");
    CHECK(api.get("/api/plans").body.size() == 1);
    if (run > 0) break;
    server.kill();
    server.start();
  }
  api_client api(server.address());
  // Keys are told apart by where they are used.
  CHECK(api.post("/api/executions", {{"plan", plan_of({"c"})}}, with_key("k")).status == 201);
}

TEST_CASE("a request that was refused may be sent again under its key") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  register_agent(api, "ann");
  const json early = {{"agent_id", "ann"}, {"event_type", "task_complete"}, {"task_id", "a"}};
  const auto path = "/api/executions/" + id + "/events";
  CHECK(api.post(path, early, with_key("k")).status == 409);
  poll(api, "ann");
  CHECK(api.post(path, early, with_key("k")).status == 201);
}

TEST_CASE("an unusable key is 400") {
  server_under_test server;
  api_client api(server.address());
  CHECK(api.post("/api/plans", plan_of({"a"}), with_key(std::string(256, 'k'))).status == 400);
  CHECK(api.get("/api/plans").body.empty());
}

TEST_CASE("the same key sent many times at once acts once") {
  server_under_test server;
  constexpr int clients = 8, rounds = 10;
  std::vector<std::set<std::string>> answers(rounds);
  std::vector<std::vector<std::string>> got(clients);
  std::vector<std::thread> threads;
  for (int client = 0; client < clients; ++client)
    threads.emplace_back([&server, &mine = got[static_cast<std::size_t>(client)]] {
      api_client api(server.address());
      for (int round = 0; round < rounds; ++round) {
        const json body = {{"plan", plan_of({"a"})}, {"title", "Round " + std::to_string(round)}};
        mine.push_back(api.send("POST", "/api/executions", body.dump(), with_key(std::to_string(round))).text);
      }
    });
  for (auto& thread : threads) thread.join();
  for (const auto& mine : got)
    for (std::size_t round = 0; round < mine.size(); ++round) answers[round].insert(mine[round]);
  for (const auto& same : answers) {
    CHECK(same.size() == 1);
    CHECK(json::parse(*same.begin()).value("status", "") == "CREATED");
  }
  api_client api(server.address());
  CHECK(api.get("/api/executions").body.size() == rounds);
  CHECK(api.get("/api/plans").body.size() == rounds);
}

TEST_CASE("an array of reports is answered one by one, in order") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a", "b"}));
  register_agent(api, "ann", {{"max_concurrent_tasks", 2}});
  const auto path = "/api/executions/" + id + "/events";
  const auto tasks = api.get("/api/agents/ann/work?limit=2").body.at("tasks");
  REQUIRE(tasks.size() == 2);
  CHECK(api.post(path, json::array()).body == json::array());
  const auto answer = api.post(path, json::array({report_of("ann", tasks[0], "task_started"),
                                                  {{"event_type", "nonsense"}},
                                                  "not an object",
                                                  {{"event_type", "heartbeat"}, {"agent_id", "ann"}},
                                                  report_of("ann", tasks[1], "task_complete", {{"output_data", "b"}}),
                                                  report_of("ann", tasks[1], "task_complete", {{"output_data", "b"}}),
                                                  report_of("ann", tasks[0], "task_complete")}));
  REQUIRE_MESSAGE(answer.status == 200, answer.text);
  REQUIRE(answer.body.size() == 7);
  const std::vector<unsigned> expected = {201, 422, 422, 200, 201, 200, 201};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(answer.body[i].at("status") == expected[i]);
  CHECK(answer.body[1]["code"] == "validation_failed");
  CHECK(answer.body[5]["duplicate"] == true);
  CHECK(answer.body[5]["seq"] == answer.body[4]["seq"]);
  CHECK(answer.body[0]["seq"] < answer.body[4]["seq"]);
  CHECK(answer.body[4]["seq"] < answer.body[6]["seq"]);
  CHECK(answer.body[6]["execution_status"] == "COMPLETED");
  json many = json::array();
  for (int i = 0; i < 257; ++i) many.push_back({{"event_type", "heartbeat"}, {"agent_id", "ann"}});
  CHECK(api.post(path, many).status == 422);
  many.erase(0);
  CHECK(api.post(path, many).body.size() == 256);
}

TEST_CASE("one array may tell of several executions") {
  server_under_test server;
  api_client api(server.address());
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.insert(start_execution(api, plan_of({"a"})));
  register_agent(api, "ann", {{"max_concurrent_tasks", 3}});
  json reports = json::array();
  const auto tasks = api.get("/api/agents/ann/work?limit=3").body.at("tasks");
  for (const auto& held : tasks) {
    auto one = report_of("ann", held, "task_complete");
    one["execution_id"] = held.at("execution_id");
    one.erase("agent_id");  // the path says it
    reports.push_back(one);
  }
  REQUIRE(reports.size() == 3);
  const auto answer = api.post("/api/agents/ann/events", reports);
  REQUIRE(answer.status == 200);
  for (const auto& one : answer.body) {
    CHECK(one.at("status") == 201);
    CHECK(ids.erase(one.at("execution_id")) == 1);
  }
  CHECK(ids.empty());
}

}  // namespace planexe::tests
