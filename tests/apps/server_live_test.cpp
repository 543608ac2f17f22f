// What dashboards see: the same over a WebSocket and as server-sent events, never a gap or a repeat, and after every
// update exactly what a whole read gives; everything at a glance; readers that are too slow.
#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <set>

#include "tests/apps/server_event_client.hpp"
#include "tests/apps/server_harness.hpp"
#include "tests/apps/server_stream_client.hpp"

namespace planexe::tests {
namespace {

std::string stream_path(const std::string& id, const std::string& query = {}) {
  return "/api/executions/" + id + "/stream" + query;
}

bool is_final(const json& message) {
  const auto status = message.value("status", "");
  return message.at("type") == "execution_update" && (status == "COMPLETED" || status == "CANCELLED");
}

template <class Client>
json must_come(Client& client) {
  auto message = client.next();
  REQUIRE(message);
  return *message;
}

template <class Client>
json must_come(Client& client, const std::string& type) {
  while (true) {
    auto message = must_come(client);
    if (message.at("type") == type) return message;
  }
}

/// Everything up to the update that tells of the end.
template <class Client>
std::vector<json> all_of(Client& client) {
  std::vector<json> messages;
  while (messages.empty() || !is_final(messages.back())) messages.push_back(must_come(client));
  return messages;
}

void work_off(api_client& api, const std::string& agent, const json& output = "done") {
  for (auto held = poll(api, agent); !held.is_null(); held = poll(api, agent)) {
    CHECK(report(api, agent, held, "task_progress", {{"progress_percent", 40}}).status == 201);
    CHECK(report(api, agent, held, "task_complete", {{"output_data", output}}).status == 201);
  }
}

/// A task without what moves with the clock or stands elsewhere in a row.
json comparable(json task) {
  for (const char* name : {"lease_expires_at", "slack_days", "children"}) task.erase(name);
  if (task.contains("result")) task["has_result"] = true;
  task.erase("result");
  if (task.contains("waiting_for") && task["waiting_for"]["kind"] == "agent") task["waiting_for"].erase("wake_at");
  return task;
}

/// The tasks of an execution as a dashboard keeps them.
class kept_tasks {
 public:
  void take(const json& message) {
    if (message.at("type") == "snapshot") {
      known_.clear();
      for (const auto& task : message.at("tasks")) plant(task);
    }
    if (message.at("type") != "execution_update") return;
    for (const auto& row : message.at("tasks")) {
      auto& task = known_.try_emplace(row.at("task_id"), json::object()).first->second;
      for (const char* name :
           {"waiting_for", "assignee_role", "agent_id", "error", "started_at", "completed_at", "has_result"})
        task.erase(name);
      task.update(comparable(row));
    }
  }
  json in_order() const {
    json tasks = json::object();
    for (const auto& [id, task] : known_) tasks[id] = task;
    return tasks;
  }

 private:
  void plant(const json& task) {
    known_[task.at("task_id")] = comparable(task);
    if (task.contains("children"))
      for (const auto& child : task["children"]) plant(child);
  }
  std::map<std::string, json> known_;
};

json read_tasks(api_client& api, const std::string& id) {
  json tasks = json::object();
  for (const auto& task : api.get("/api/executions/" + id + "/tasks?flat=true&limit=1000").body)
    tasks[task.at("task_id").get<std::string>()] = comparable(task);
  return tasks;
}

/// Reads until its own place in the history is that of `seq`.
template <class Client>
void follow_to(Client& client, std::uint64_t seq, kept_tasks& kept) {
  while (true) {
    const auto message = must_come(client);
    kept.take(message);
    const bool whole = message.at("type") == "execution_update" || message.at("type") == "caught_up";
    if (whole && message.at("seq") >= seq) return;
  }
}

const std::string foreign = "<script>alert(1)</script>\u202E\u0007\n\"\\ \u05D0\u05D1 &amp;";

}  // namespace

TEST_CASE("a WebSocket and server-sent events tell the same") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a", "b", "c"}));
  register_agent(api, "ann");
  stream_client socket(server.address(), stream_path(id));
  event_client events(server.address(), stream_path(id));
  CHECK(events.status() == 200);
  CHECK(events.header("content-type") == "text/event-stream");
  CHECK(events.header("cache-control") == "no-store");
  CHECK(events.header("x-accel-buffering") == "no");
  auto snapshot = must_come(socket), same = must_come(events);
  CHECK(without_forecasts(snapshot["execution"]) == without_forecasts(same["execution"]));
  CHECK(events.retry() == "2000");
  CHECK(events.last_id() == std::to_string(snapshot["seq"].get<std::uint64_t>()));
  CHECK(must_come(socket) == must_come(events));
  work_off(api, "ann", foreign);
  const auto over_socket = all_of(socket), over_events = all_of(events);
  CHECK(over_socket == over_events);
  CHECK(events.last_id() == std::to_string(over_events.back()["seq"].get<std::uint64_t>()));
}

TEST_CASE("characters that could mean something to a page pass unchanged") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  register_agent(api, "ann");
  stream_client socket(server.address(), stream_path(id));
  event_client events(server.address(), stream_path(id));
  const auto held = poll(api, "ann");
  // Line ends between values would end a server-sent event.
  const auto body = report_of("ann", held, "task_complete", {{"message", foreign}, {"output_data", {foreign, {1, 2}}}});
  CHECK(api.send("POST", "/api/executions/" + id + "/events", body.dump(2), {{"Content-Type", "application/json"}})
            .status == 201);
  const auto whole = history(api, id);
  for (const auto& messages : {all_of(socket), all_of(events)}) {
    const auto told = std::ranges::find_if(
        messages, [](const auto& message) { return message.value("event_type", "") == "task_complete"; });
    REQUIRE(told != messages.end());
    CHECK(told->at("message") == foreign);
    CHECK(told->at("output_data") == json{foreign, {1, 2}});
    auto event = *told;
    event.erase("type");
    CHECK(event == whole[event["seq"].get<std::size_t>() - 1]);
  }
}

TEST_CASE("a browser that comes back gets what it missed, also from a server that was killed") {
  server_under_test server;
  std::string id;
  json seen = json::array();
  std::string last;
  for (int run = 0; run < 3; ++run) {
    api_client api(server.address());
    if (run == 0) {
      id = start_execution(api, plan_of({"a", "b", "c"}));
      register_agent(api, "ann");
    }
    event_client events(server.address(), stream_path(id, "?from=0"), last);
    if (!last.empty()) CHECK(must_come(events).at("seq") == std::stoull(last) + 1);
    must_come(events, "caught_up");
    const auto held = poll(api, "ann");
    CHECK(report(api, "ann", held, "task_complete").status == 201);
    last = events.last_id();
    // It goes without having read any of it.
    server.kill();
    server.start();
  }
  api_client api(server.address());
  const auto whole = history(api, id);
  event_client from_the_start(server.address(), stream_path(id, "?from=0"));
  for (auto message = must_come(from_the_start); message.at("type") == "event"; message = must_come(from_the_start)) {
    message.erase("type");
    seen.push_back(message);
  }
  CHECK(seen == whole);
  event_client again(server.address(), stream_path(id, "?from=0"), last);
  const auto next = must_come(again);
  CHECK(next.at("seq") == std::stoull(last) + 1);
  CHECK(event_client(server.address(), stream_path(id), "x").status() == 400);
}

TEST_CASE("a view that takes every update holds what a whole read gives") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a", "b", "c", "d"}));
  register_agent(api, "ann");
  register_agent(api, "bob");
  stream_client socket(server.address(), stream_path(id));
  event_client events(server.address(), stream_path(id));
  kept_tasks by_socket, by_events;
  const auto agrees = [&] {
    const auto version = execution(api, id).at("version").get<std::uint64_t>();
    follow_to(socket, version, by_socket);
    follow_to(events, version, by_events);
    const auto tasks = read_tasks(api, id);
    CHECK(by_socket.in_order() == tasks);
    CHECK(by_events.in_order() == tasks);
  };
  const auto first = poll(api, "ann");
  agrees();
  CHECK(report(api, "ann", first, "task_progress", {{"progress_percent", 30}}).status == 201);
  agrees();
  CHECK(report(api, "ann", first, "subtasks_proposed",
               {{"subtasks",
                 {{{"subtask_id", "part-1"}, {"title", "One"}, {"action", "do"}},
                  {{"subtask_id", "part-2"}, {"title", "Two"}, {"action", "do"}}}}})
            .status == 201);
  agrees();
  const auto second = poll(api, "bob");
  CHECK(report(api, "bob", second, "task_error",
               {{"error_type", "tool"}, {"error_message", "broke"}, {"retryable", false}})
            .status == 201);
  agrees();
  CHECK(api.patch("/api/executions/" + id, {{"status", "PAUSED"}, {"reason", "lunch"}}).status == 200);
  agrees();
  CHECK(api.patch("/api/executions/" + id, {{"status", "RUNNING"}}).status == 200);
  agrees();
  CHECK(resolve(api, id, second.at("task_id"), "skip").status == 200);
  agrees();
  CHECK(api.patch("/api/executions/" + id, {{"status", "CANCELLED"}, {"reason", "enough"}}).status == 200);
  agrees();
}

TEST_CASE("a reader that stalls begins anew, and costs no other anything") {
  server_under_test server;
  api_client api(server.address());
  std::vector<std::string> names;
  constexpr int tasks = 56;
  for (int i = 0; i < tasks; ++i) names.push_back("t" + std::to_string(i));
  const auto id = start_execution(api, plan_of(names));
  register_agent(api, "ann");
  stream_client stalled(server.address(), stream_path(id));
  must_come(stalled, "caught_up");
  auto reading = std::async(std::launch::async, [&server, &id] {
    stream_client other(server.address(), stream_path(id));
    must_come(other, "caught_up");
    return all_of(other);
  });
  // More than the system's buffers and the server's own queue hold.
  const std::string long_output(500'000, 'x');
  work_off(api, "ann", long_output);
  json told = json::array();
  for (auto message : reading.get()) {
    CHECK(message.at("type") != "resync");
    if (message.at("type") == "event") told.push_back(message);
  }
  CHECK(told.back().at("event_type") == "execution_completed");

  kept_tasks kept;
  std::uint64_t seq = 0;
  bool anew = false;
  while (true) {
    const auto message = must_come(stalled);
    if (message.at("type") == "resync") anew = true;
    if (message.at("type") == "event") {
      REQUIRE((seq == 0 || message.at("seq") == seq + 1));
      seq = message.at("seq");
    }
    if (!anew) continue;
    kept.take(message);
    if (message.at("type") == "snapshot") seq = message.at("seq");
    if (message.at("type") == "caught_up") break;
  }
  CHECK(kept.in_order() == read_tasks(api, id));
}

TEST_CASE("everything at a glance begins with the lists and goes on with what changes") {
  server_under_test server;
  api_client api(server.address());
  const auto first = start_execution(api, plan_of({"a", "b"}));
  register_agent(api, "ann");
  stream_client socket(server.address(), "/api/stream");
  event_client events(server.address(), "/api/stream");
  const auto snapshot = must_come(socket);
  REQUIRE(snapshot.at("type") == "snapshot");
  CHECK(snapshot.at("executions") == api.get("/api/executions").body);
  CHECK(snapshot.at("agents") == api.get("/api/agents").body);
  CHECK(snapshot.at("activity") == api.get("/api/activity").body);
  CHECK(snapshot.at("switch") == api.get("/api/admin/switch").body);
  CHECK(must_come(socket).at("type") == "caught_up");
  CHECK(must_come(events) == snapshot);
  CHECK(must_come(events).at("type") == "caught_up");

  const auto held = poll(api, "ann");
  const auto row = api.get("/api/executions").body[0];
  for (json told; told != row; told = must_come(socket, "execution_update").at("execution")) {
  }
  for (json told; told != row; told = must_come(events, "execution_update").at("execution")) {
  }
  while (must_come(events, "agent_update").at("agent").at("held_tasks").size() != 1) {
  }

  const auto second = start_execution(api, plan_of({"c"}));
  while (must_come(socket, "execution_update").at("execution_id") != second) {
  }
  CHECK(report(api, "ann", held, "task_complete").status == 201);
  for (bool told = false; !told;) {
    const auto message = must_come(socket, "activity");
    for (const auto& entry : message.at("entries")) told |= entry.at("event_type") == "task_complete";
  }
  CHECK(api.post("/api/admin/pause", {{"reason", "a storm"}}).status == 200);
  auto thrown = must_come(socket, "switch");
  thrown.erase("type");
  CHECK(thrown == api.get("/api/admin/switch").body);
  // However the messages were gathered, the last row told of an execution is the row.
  const auto last = api.get("/api/executions/" + first).body.at("version").get<std::uint64_t>();
  const auto is_last = [&](const json& told) {
    return told.is_object() && told.at("execution_id") == first && told.at("version") >= last;
  };
  for (json told; !is_last(told); told = must_come(events, "execution_update").at("execution")) {
  }
}

TEST_CASE("an agent that falls silent is told of") {
  server_under_test server(environment{{"PLANEXE_AGENT_TIMEOUT_SECONDS", "1"}});
  api_client api(server.address());
  register_agent(api, "ann");
  poll(api, "ann");
  stream_client socket(server.address(), "/api/stream");
  must_come(socket, "caught_up");
  for (bool silent = false; !silent;) {
    const auto message = must_come(socket, "presence");
    for (const auto& agent : message.at("agents"))
      silent |= agent.at("agent_id") == "ann" && agent.at("status") == "unreachable";
  }
}

TEST_CASE("an agent that falls silent is told of although others have come and seen it") {
  server_under_test server(environment{{"PLANEXE_AGENT_TIMEOUT_SECONDS", "1"}});
  api_client api(server.address());
  register_agent(api, "ann");
  poll(api, "ann");
  const auto is_silent = [](const json& agents) {
    return std::ranges::any_of(agents, [](const json& agent) { return agent.at("status") == "unreachable"; });
  };
  stream_client socket(server.address(), "/api/stream");
  must_come(socket, "caught_up");
  for (bool seen = false; !seen;) {
    stream_client newcomer(server.address(), "/api/stream");
    seen = is_silent(must_come(newcomer, "snapshot").at("agents"));
  }
  while (!is_silent(must_come(socket, "presence").at("agents"))) {
  }
}

TEST_CASE("who comes within a moment begins with the same") {
  server_under_test server;
  api_client api(server.address());
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("t" + std::to_string(i));
  start_execution(api, plan_of(names));
  register_agent(api, "ann");
  auto beginnings = std::async(std::launch::async, [&server] {
    std::set<std::uint64_t> seqs;
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 50; ++i) {
      stream_client newcomer(server.address(), "/api/stream");
      seqs.insert(must_come(newcomer, "snapshot").at("seq").get<std::uint64_t>());
    }
    const auto moments = (std::chrono::steady_clock::now() - began) / std::chrono::milliseconds{50};
    return std::pair{seqs.size(), static_cast<std::size_t>(moments)};
  });
  work_off(api, "ann");
  const auto [different, moments] = beginnings.get();
  CHECK(different <= moments + 2);
}

TEST_CASE("a stream of events that there is not is refused in words") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  const headers wanted{{"Accept", "text/event-stream"}};
  CHECK(api.get(stream_path("none"), wanted).status == 404);
  CHECK(api.get(stream_path(id, "?from=x"), wanted).status == 400);
  CHECK(api.get("/api/stream").status == 426);
  server.set("PLANEXE_WEBSOCKET_ENABLED", "false");
  server.kill();
  server.start();
  api_client off(server.address());
  CHECK(off.get(stream_path(id), wanted).status == 503);
  CHECK(off.get("/api/stream", wanted).code() == "unavailable");
  stream_client socket(server.address(), "/api/stream");
  CHECK(!socket.next());
  CHECK(socket.close_code() == 1008);
}

}  // namespace planexe::tests
