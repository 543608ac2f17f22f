// An execution live over a WebSocket: a subscriber sees a prefix of its history, in order, without a gap or a repeat.
#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "tests/apps/server_harness.hpp"
#include "tests/apps/server_stream_client.hpp"

namespace planexe::tests {
namespace {

std::string stream_path(const std::string& id, const std::string& query = {}) {
  return "/api/executions/" + id + "/stream" + query;
}

json must_come(stream_client& stream) {
  auto message = stream.next();
  REQUIRE(message);
  return *message;
}

/// What a subscriber has been told.
struct account {
  json events = json::array();
  json last_update;
  unsigned snapshots = 0, resyncs = 0;
};

/// Reads until an update tells of a final state, and checks the order of everything on the way. `seq` is the last that
/// is known.
account follow_to_the_end(stream_client& stream, std::uint64_t seq) {
  account seen;
  std::uint64_t told = seq;
  while (true) {
    const auto message = must_come(stream);
    const std::string type = message.at("type");
    if (type == "event") {
      REQUIRE(message.at("seq") == seq + 1);
      ++seq;
      auto event = message;
      event.erase("type");
      seen.events.push_back(event);
      continue;
    }
    if (type == "snapshot") ++seen.snapshots;
    if (type == "resync") ++seen.resyncs;
    if (type != "execution_update") continue;
    REQUIRE(message.at("seq") == seq);
    CHECK(message.at("seq") >= told);
    told = message.at("seq");
    seen.last_update = message;
    const std::string status = message.at("status");
    if (status == "COMPLETED" || status == "CANCELLED" || status == "FAILED") return seen;
  }
}

void work_off(api_client& api, const std::string& agent) {
  for (auto held = poll(api, agent); !held.is_null(); held = poll(api, agent)) {
    CHECK(report(api, agent, held, "task_started").status == 201);
    CHECK(report(api, agent, held, "task_complete", {{"output_data", held.at("task_id")}}).status == 201);
  }
}

}  // namespace

TEST_CASE("a stream begins with the state and goes on with every event") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a", "b", "c", "d", "e"}));
  register_agent(api, "ann");
  report(api, "ann", poll(api, "ann"), "task_complete");
  stream_client stream(server.address(), stream_path(id));
  const auto snapshot = must_come(stream);
  REQUIRE(snapshot.at("type") == "snapshot");
  CHECK(snapshot.at("execution").contains("forecast"));
  CHECK(without_forecasts(snapshot.at("execution")) == execution(api, id));
  CHECK(snapshot.at("tasks") == api.get("/api/executions/" + id + "/tasks").body);
  const auto seq = snapshot.at("seq").get<std::uint64_t>();
  CHECK(seq == snapshot["execution"]["version"]);
  CHECK(must_come(stream) == json{{"type", "caught_up"}, {"seq", seq}});
  work_off(api, "ann");
  const auto seen = follow_to_the_end(stream, seq);
  const auto whole = history(api, id);
  REQUIRE(seq + seen.events.size() == whole.size());
  for (std::size_t i = 0; i < seen.events.size(); ++i) CHECK(seen.events[i] == whole[seq + i]);
  CHECK(seen.last_update.at("execution_id") == id);
  CHECK(seen.last_update.at("progress") == execution(api, id).at("progress"));
  CHECK(seen.last_update.contains("timestamp"));
  CHECK(seen.snapshots + seen.resyncs == 0);
}

TEST_CASE("a stream goes on from any seq, also on a server that was killed") {
  server_under_test server;
  std::string id;
  json whole;
  {
    api_client api(server.address());
    id = start_execution(api, plan_of({"a", "b", "c"}));
    register_agent(api, "ann");
    work_off(api, "ann");
    whole = history(api, id);
  }
  for (int run = 0; run < 2; ++run) {
    for (std::uint64_t from = 0; from <= whole.size(); ++from) {
      CAPTURE(from);
      stream_client stream(server.address(), stream_path(id, "?from=" + std::to_string(from)));
      const auto seen = follow_to_the_end(stream, from);
      CHECK(seen.snapshots == 0);
      REQUIRE(from + seen.events.size() == whole.size());
      for (std::size_t i = 0; i < seen.events.size(); ++i) CHECK(seen.events[i] == whole[from + i]);
      CHECK(must_come(stream) == json{{"type", "caught_up"}, {"seq", whole.size()}});
    }
    server.kill();
    server.start();
  }
}

TEST_CASE("a stream that cannot go on says so and begins anew") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  stream_client stream(server.address(), stream_path(id, "?from=999"));
  CHECK(must_come(stream).at("type") == "resync");
  CHECK(must_come(stream).at("type") == "snapshot");
  CHECK(must_come(stream).at("type") == "caught_up");
}

TEST_CASE("many subscribers see the same while agents work, whenever they come") {
  server_under_test server;
  api_client api(server.address());
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i) names.push_back("t" + std::to_string(i));
  const auto id = start_execution(api, plan_of(names));
  constexpr int subscribers = 6, agents = 3;
  std::vector<std::future<json>> subscribed;
  for (int i = 0; i < subscribers; ++i)
    subscribed.push_back(std::async(std::launch::async, [&server, &id, i] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30 * i));
      stream_client stream(server.address(), stream_path(id, "?from=0"));
      return follow_to_the_end(stream, 0).events;
    }));
  std::vector<std::future<void>> working;
  for (int i = 0; i < agents; ++i) {
    const auto agent = register_agent(api, "agent-" + std::to_string(i));
    working.push_back(std::async(std::launch::async, [&server, agent] {
      api_client own(server.address());
      work_off(own, agent);
    }));
  }
  for (auto& each : working) each.get();
  const auto whole = history(api, id);
  CHECK(whole.back().at("event_type") == "execution_completed");
  for (auto& each : subscribed) CHECK(each.get() == whole);
}

TEST_CASE("a stream that there is not is closed with a reason") {
  server_under_test server;
  stream_client unknown(server.address(), stream_path("none"));
  CHECK(!unknown.next());
  CHECK(unknown.close_code() == 1008);
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  stream_client wrong(server.address(), stream_path(id, "?from=x"));
  CHECK(!wrong.next());
  CHECK(wrong.close_code() == 1008);
  CHECK(api.get(stream_path(id)).status == 426);

  stream_client open(server.address(), stream_path(id));
  must_come(open);
  must_come(open);
  CHECK(server.terminate() == 0);
  CHECK(!open.next());
}

TEST_CASE("streams can be switched off") {
  server_under_test server(environment{{"PLANEXE_WEBSOCKET_ENABLED", "false"}});
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  stream_client stream(server.address(), stream_path(id));
  CHECK(!stream.next());
}

}  // namespace planexe::tests
