// Erasing a person over a real server's data: nothing that it answers, and no file that it keeps, says the words again.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* words = "zqxkwvy";  // in everything that she writes
constexpr const char* name = "Qarolyne";

struct outcome {
  int exit_code = -1;
  std::string output;
};

outcome erase(const server_under_test& server, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"sh", "-c", "exec \"$0\" \"$@\" 2>&1 >stdout", server_program(), "erase"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--data-dir", server.data_folder().string()});
  child_process process;
  process.start(command, {}, server.folder(), server.folder() / "sh");
  const auto code = process.wait(std::chrono::seconds(60));
  return {code.value_or(-1), read_text(server.folder() / "stdout") + read_text(server.folder() / "sh")};
}

std::string bytes_below(const fs::path& folder) {
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all += read_text(entry.path());
  return all;
}

std::string said(const char* what) {
  return std::string(what) + " " + words;
}

/// Everything that the server says of these executions and agents.
std::string all_that_is_said(api_client& api, const std::vector<std::string>& executions) {
  std::string all;
  const auto add = [&](const std::string& path) {
    const auto answer = api.get(path);
    CHECK_MESSAGE(answer.status == 200, path << " " << answer.text);
    all += answer.text + "\n";
  };
  for (const auto& id : executions)
    for (const auto* part : {"", "/events?limit=1000", "/tasks", "/blockers", "/report", "/why"})
      add("/api/executions/" + id + part);
  for (const auto* path : {"/api/executions", "/api/agents", "/api/agents/ann", "/api/notifications?limit=1000",
                           "/api/activity?limit=1000", "/api/blockers"})
    add(path);
  return all;
}

}  // namespace

TEST_CASE("whoever is erased is said nowhere any more, and all else goes on") {
  // Nobody listens there: every notification is queued, and stays.
  server_under_test server(environment{{"PLANEXE_NOTIFY_WEBHOOK_URL", "http://127.0.0.1:9/hook"},
                                       {"PLANEXE_NOTIFY_WEBHOOK_SECRET", "whsec_bm90aGluZw=="}});
  std::optional<api_client> api{server.address()};
  register_agent(*api, "ann",
                 {{"name", name},
                  {"kind", "human"},
                  {"webhook_url", "https://qzvhook.invalid/hers"},
                  {"max_concurrent_tasks", 9}});
  const auto id = start_execution(
      *api, plan_of({"waits", "fails", "ends", "starts"}),
      {{"retry_policy", {{"max_attempts", 1}}}, {"escalation", json::array({{{"after_hours", 1}, {"to", "ann"}}})}});
  std::map<std::string, json> held;
  for (int i = 0; i < 4; ++i) {
    const auto work = poll(*api, "ann");
    REQUIRE_FALSE(work.is_null());
    held[work.at("task_id").get<std::string>()] = work;
  }
  const headers keyed = {{"Idempotency-Key", "k1"}};
  CHECK(api->post("/api/executions/" + id + "/events",
                  report_of("ann", held["starts"], "task_progress",
                            {{"progress_percent", 10}, {"message", said("begun")}}),
                  keyed)
            .status == 201);
  CHECK(report(*api, "ann", held["fails"], "task_error", {{"error_type", "broken"}, {"error_message", said("broke")}})
            .status == 201);
  CHECK(report(*api, "ann", held["ends"], "task_complete",
               {{"message", said("done")}, {"output_data", {{"note", said("result")}}}})
            .status == 201);
  CHECK(report(*api, "ann", held["waits"], "task_blocked", {{"message", said("ill")}, {"max_wait_hours", 0.00001}})
            .status == 201);
  const auto escalated = [&] { return count_events(*api, id, "task_escalated", "waits") == 1; };
  REQUIRE(eventually(escalated));  // which quotes her
  REQUIRE(eventually([&] { return api->get("/api/notifications").text.find(words) != std::string::npos; }));
  REQUIRE(
      eventually([&] { return api->get("/api/notifications").text.find("the agent's address") != std::string::npos; }));
  const auto before = all_that_is_said(*api, {id});
  for (const auto* each : {"ill", "broke", "done", "result", "begun"})
    CHECK_MESSAGE(before.find(said(each)) != std::string::npos, std::string(each));
  CHECK(before.find(name) != std::string::npos);

  CHECK(erase(server, {"agent:ann"}).exit_code == 1);  // while it runs
  CHECK(erase(server, {"--list"}).output.find("agent:ann") != std::string::npos);
  CHECK(server.terminate() == 0);
  CHECK(erase(server, {"agent:bob"}).exit_code == 1);
  const auto done = erase(server, {"agent:ann", "--reason", "she asked for it"});
  CHECK_MESSAGE(done.exit_code == 0, done.output);
  CHECK(done.output.find("not retired") != std::string::npos);
  CHECK(erase(server, {"--list"}).output.find("agent:ann") == std::string::npos);
  CHECK(erase(server, {}).exit_code == 2);

  server.start();
  api.emplace(server.address());
  const auto after = all_that_is_said(*api, {id});
  for (const auto* gone : {words, name, "qzvhook"}) CHECK(after.find(gone) == std::string::npos);
  for (const auto& event : history(*api, id))
    if (event.at("event_type") == "task_complete") CHECK(event.at("output_data") == "[erased]");
  CHECK(task(*api, id, "ends").at("status") == "COMPLETE");
  CHECK(api->get("/api/agents/ann").body.at("name") == "[erased]");
  check_gapless(history(*api, id));
  const auto starts = held["starts"];
  CHECK(report(*api, "ann", starts, "task_complete").status == 201);
  CHECK(server.terminate() == 0);
  const auto bytes = bytes_below(server.data_folder());
  for (const auto* gone : {words, name, "qzvhook"}) CHECK(bytes.find(gone) == std::string::npos);
}

TEST_CASE("a server erases somebody while it runs, and starts anew on its port") {
  server_under_test server;
  api_client api(server.address());
  REQUIRE(api.post("/api/keys", {{"name", name}, {"role", "agent"}, {"agent_id", "ann"}}).status == 201);
  register_agent(api, "ann", {{"name", name}, {"kind", "human"}});
  register_agent(api, "bot");
  const auto id = start_execution(api, plan_of({"a", "b"}));
  const auto held = poll(api, "ann");
  CHECK(report(api, "ann", held, "task_blocked", {{"message", said("ill")}, {"max_wait_hours", 0.00001}}).status ==
        201);
  REQUIRE(eventually([&] { return count_events(api, id, "task_escalated") == 1; }));
  const auto others = poll(api, "bot");

  CHECK(api.post("/api/admin/erasures", {{"subject", "agent:bot"}}).status == 404);
  CHECK(api.post("/api/admin/erasures", json::object()).status == 422);
  CHECK(api.post("/api/admin/erasures", {{"subject", "agent:ann"}, {"why", "x"}}).status == 422);
  CHECK(api.get("/api/admin/subjects").text == R"([{"subject":"agent:ann","executions":1}])");
  const auto keys = api.get("/api/keys").body;
  const auto erased = api.post("/api/admin/erasures", {{"subject", "agent:ann"}, {"reason", "she asked"}});
  CHECK(erased.status == 202);
  CHECK(erased.body == json{{"called_now", "agent:ann"},
                            {"executions", 1},
                            {"live_keys", {keys.at(0).at("key_id")}},
                            {"active_agent", true},
                            {"unsealed", 0},
                            {"unsealed_events", json::array()}});

  api_client again(server.address());
  REQUIRE(eventually([&] {
    const auto ann = again.send("GET", "/api/agents/ann");
    return ann.status == 200 && ann.body.at("name") == "[erased]";
  }));
  const auto after = all_that_is_said(again, {id});
  CHECK(after.find(words) == std::string::npos);
  CHECK(after.find(name) == std::string::npos);
  // Nobody is there to be erased, or looked for, any more.
  const auto agents = [&again] {
    std::string all;
    for (const auto& each : again.get("/api/agents").body) all += each.at("agent_id").get<std::string>() + " ";
    return all;
  };
  CHECK(again.get("/api/admin/subjects").text == "[]");
  CHECK(again.post("/api/admin/erasures", {{"subject", "agent:ann"}}).status == 404);
  CHECK(agents() == "bot ");
  CHECK(again.get("/api/keys").body.at(0).at("name").get<std::string>().starts_with("erased:"));
  // It kept its task.
  CHECK(report(again, "bot", others, "task_complete").status == 201);
  check_gapless(history(again, id));
  // Whoever comes back is there again.
  const auto other = start_execution(again, plan_of({"c"}));
  const auto hers = poll(again, "ann");
  REQUIRE_FALSE(hers.is_null());
  CHECK(agents() == "ann bot ");
  CHECK(report(again, "ann", hers, "task_complete", {{"message", "new"}}).status == 201);
  CHECK(again.get("/api/admin/subjects").text == R"([{"subject":"agent:ann","executions":1}])");
  CHECK(server.terminate() == 0);
  for (const auto* gone : {words, name}) CHECK(bytes_below(server.data_folder()).find(gone) == std::string::npos);
}

TEST_CASE("while the archive is checked for an erasure everybody else is served") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann", {{"name", name}, {"kind", "human"}});
  std::vector<std::string> ids;
  for (int i = 0; i < 2; ++i) {
    ids.push_back(start_execution(api, plan_of({"a"})));
    REQUIRE(report(api, "ann", poll(api, "ann"), "task_complete").status == 201);
    REQUIRE(reaches(api, ids.back(), "COMPLETED"));
    REQUIRE(api.post("/api/executions/" + ids.back() + "/archive", json::object()).status == 200);
  }
  // Its actor and the activity have looked into the file, and do not again.
  REQUIRE(api.patch("/api/executions/" + ids.front(), {{"status", "QUEUED"}}).status == 409);
  REQUIRE(api.get("/api/activity").status == 200);
  // A pipe in the place of a file: whoever opens it waits for a writer.
  const auto file = server.data_folder() / "archive" / (ids.front() + ".jsonl.zst");
  fs::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  auto erased = std::async(std::launch::async, [address = server.address()] {
    return api_client(address).post("/api/admin/erasures", {{"subject", "agent:ann"}});
  });
  // Nothing tells when it has come so far: some of these come before that, and the others meanwhile.
  for (int round = 0; round < 20; ++round) {
    for (const auto* part : {"/events", "/report", "/export", "/audit"}) {
      CAPTURE(std::string(part));
      REQUIRE(api.get("/api/executions/" + ids.back() + part).status == 200);
    }
    REQUIRE(api.get("/api/executions?archived=true").status == 200);
  }
  int pipe = -1;
  const auto is_waited_for = [&] {
    pipe = ::open(file.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return pipe >= 0;
  };
  REQUIRE(eventually(is_waited_for));
  ::close(pipe);
  const auto answer = erased.get();
  CHECK(answer.status == 503);
  CHECK(answer.text.find("it is not a file") != std::string::npos);
}

TEST_CASE("whoever has a key by name is a stranger everywhere after an erasure") {
  server_under_test server;
  std::string admin, operator_key;
  {
    api_client api(server.address());
    admin = api.post("/api/keys", {{"name", "root"}, {"role", "admin"}}).body.at("key");
    operator_key = api.post("/api/keys", {{"name", name}, {"role", "operator"}}).body.at("key");
  }
  CHECK(server.terminate() == 0);
  server.set("PLANEXE_AUTH", "required");
  server.start();
  const auto as = [&](const std::string& key) { return api_client(server.address(key)); };
  auto api = as(operator_key);
  const auto id = start_execution(api, plan_of({"a"}));
  CHECK(api.patch("/api/executions/" + id, {{"status", "PAUSED"}, {"reason", said("holiday")}}).status == 200);
  CHECK(history(api, id).back().at("actor") == name);
  CHECK(server.terminate() == 0);
  const auto done = erase(server, {name});
  CHECK_MESSAGE(done.exit_code == 0, done.output);
  CHECK(done.output.find("still live") != std::string::npos);

  server.start();
  auto root = as(admin);
  const auto events = history(root, id);
  const auto stranger = events.back().at("actor").get<std::string>();
  CHECK(stranger.starts_with("erased:"));
  CHECK(events.front().at("actor") == stranger);
  CHECK(root.get("/api/keys").text.find(name) == std::string::npos);
  CHECK(root.get("/api/keys").text.find(stranger) != std::string::npos);
  CHECK(execution(root, id).dump().find(words) == std::string::npos);
  CHECK(bytes_below(server.data_folder()).find(name) == std::string::npos);
}

}  // namespace planexe::tests
