// Executions leave the log of a real server: by themselves when their time has come, and when a person says so. What is
// read of them stays as it was; what would change them is refused; nothing is lost whenever the server dies.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <thread>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

json get(api_client& api, const std::string& path) {
  const auto answer = api.get(path);
  REQUIRE_MESSAGE(answer.status == 200, answer.text);
  return answer.body;
}

/// Works an execution off; gives the last task as it was polled.
json work_off(api_client& api, const std::string& id, const std::string& agent = "ann") {
  json last;
  for (auto task = poll(api, agent); !task.is_null(); task = poll(api, agent)) {
    REQUIRE(report(api, agent, task, "task_complete").status == 201);
    last = task;
  }
  REQUIRE(reaches(api, id, "COMPLETED"));
  return last;
}

std::string completed_execution(api_client& api) {
  const auto id = start_execution(api, plan_of({"a", "b", "c"}));
  work_off(api, id);
  return id;
}

/// Leases move with whoever is heard of.
void forget_leases(json& tasks) {
  for (auto& task : tasks) {
    task.erase("lease_expires_at");
    if (task.contains("children")) forget_leases(task["children"]);
  }
}

/// All that is read of an execution, at the end and at every moment before, without what moves with the clock.
json told_of(api_client& api, const std::string& id) {
  const auto path = "/api/executions/" + id;
  json all;
  all["events"] = history(api, id);
  all["export"] = api.get(path + "/export").text;
  for (const std::string what : {"", "/tasks", "/report", "/blockers", "/why", "/status"}) {
    all[what] = without_forecasts(get(api, path + what));
    if (all[what].is_object()) all[what].erase("archived");
  }
  all["/why"].erase("as_of");
  for (auto& role : all["/report"]["roles"])  // who there is now is told of what still goes on
    for (const auto* who : {"agents", "agents_active"}) role.erase(who);
  for (std::size_t seq = 1; seq <= all["events"].size(); ++seq)
    for (const std::string what : {"", "/tasks", "/report"}) {
      auto& then = all[what + "@" + std::to_string(seq)];
      then = without_forecasts(get(api, path + what + "?at_seq=" + std::to_string(seq)));
      if (then.is_object()) then.erase("archived");
      if (what == "/tasks") forget_leases(then);
    }
  for (std::size_t seq = 1; seq <= all["events"].size(); ++seq)
    all["events@" + std::to_string(seq)] = get(api, path + "/events?order=asc&at_seq=" + std::to_string(seq));
  return all;
}

void check_same(const json& told, const json& before) {
  CHECK(told.size() == before.size());
  for (const auto& [what, said] : before.items())
    CHECK_MESSAGE(told.at(what) == said, what, ": ", told.at(what).dump());
}

bool is_listed(api_client& api, const std::string& id, const std::string& query) {
  for (const auto& row : get(api, "/api/executions" + query))
    if (row.at("execution_id") == id) return true;
  return false;
}

std::filesystem::path file_of(const server_under_test& server, const std::string& id) {
  return server.data_folder() / "archive" / (id + ".jsonl.zst");
}

reply archive(api_client& api, const std::string& id) {
  return api.post("/api/executions/" + id + "/archive", json::object());
}

}  // namespace

TEST_CASE("an archived execution is read as before and changed no more, also after a restart") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a", "b"}));
  const auto early = archive(api, id);
  CHECK(early.status == 409);
  CHECK(early.code() == "invalid_transition");
  const auto last = work_off(api, id);
  const auto before = told_of(api, id);
  const auto left = archive(api, id);
  REQUIRE_MESSAGE(left.status == 200, left.text);
  CHECK(left.body.at("archived") == true);
  CHECK(left.body.at("status") == "COMPLETED");
  CHECK(left.body.at("events") == before.at("events").size());
  CHECK(std::filesystem::exists(file_of(server, id)));

  check_same(told_of(api, id), before);
  CHECK(get(api, "/api/executions/" + id).at("archived") == true);
  CHECK_FALSE(is_listed(api, id, ""));
  CHECK(is_listed(api, id, "?archived=true"));
  CHECK(is_listed(api, id, "?archived=true&status=COMPLETED"));
  CHECK_FALSE(is_listed(api, id, "?archived=true&status=FAILED"));
  CHECK(get(api, "/api/admin/metrics").at("executions").dump().find("\"COMPLETED\":1") == std::string::npos);
  CHECK(api.get("/api/executions?archived=true&plan_id=x").status == 400);
  CHECK(api.get("/api/executions?archived=perhaps").status == 400);
  CHECK(before.at("export").get<std::string>().find("\"planexe.execution_completed\"") != std::string::npos);
  const auto stream = api.get("/api/executions/" + id + "/stream", {{"Accept", "text/event-stream"}});
  CHECK(stream.status == 404);
  CHECK(stream.text.find("is archived") != std::string::npos);
  CHECK(api.get("/api/executions/" + id + "?at_seq=0").status == 404);
  CHECK(api.get("/api/executions/" + id + "?at_seq=1000").status == 404);
  CHECK(api.get("/api/executions/" + id + "?at=2001-01-01T00:00:00Z").status == 404);
  const auto at = before.at("events").at(2).at("timestamp").get<std::string>();
  CHECK(api.get("/api/executions/" + id + "?at=" + at).status == 200);

  const auto refused = [&](const reply& answer) {
    CHECK_MESSAGE(answer.status == 409, answer.text);
    CHECK(answer.code() == "invalid_transition");
    CHECK(answer.text.find("is archived") != std::string::npos);
  };
  refused(api.patch("/api/executions/" + id, {{"status", "CANCELLED"}}));
  refused(report(api, "ann", last, "task_complete", {{"request_id", "late"}}));
  refused(report(api, "ann", last, "task_error", {{"error_type", "x"}, {"error_message", "y"}}));
  refused(resolve(api, id, "a", "approve"));
  refused(archive(api, id));
  CHECK(archive(api, "nobody").status == 404);
  CHECK(api.post("/api/executions/" + id + "/archive", {{"why", "so"}}).status == 422);
  check_same(told_of(api, id), before);

  server.kill();
  server.start();
  api_client again(server.address());
  check_same(told_of(again, id), before);
  CHECK_FALSE(is_listed(again, id, ""));
  for (const auto& view : get(again, "/api/admin/views")) {
    const auto made = again.post("/api/admin/views/" + view.at("name").get<std::string>() + "/rebuild", json::object());
    REQUIRE_MESSAGE(made.status == 200, made.text);
    CHECK_MESSAGE(made.body.at("equal") == true, made.text);
  }
}

TEST_CASE("an agent hears of an archived execution only what it worked on") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = completed_execution(api);
  REQUIRE(archive(api, id).status == 200);
  const auto status = get(api, "/api/executions/" + id + "/status");
  CHECK(status.at("status") == "COMPLETED");
  const auto alive = api.post("/api/executions/" + id + "/events", {{"event_type", "heartbeat"}, {"agent_id", "ann"}});
  CHECK(alive.status == 409);
  CHECK(alive.text.find("is archived") != std::string::npos);
}

TEST_CASE("what has been over for longer than the log keeps it leaves by itself, and its space with it") {
  server_under_test server(environment{{"PLANEXE_EVENT_LOG_RETENTION_DAYS", "0.00001"}});  // not quite a second
  api_client api(server.address());
  register_agent(api, "ann");
  std::vector<std::string> over;
  for (int i = 0; i < 5; ++i) over.push_back(completed_execution(api));
  const auto live = start_execution(api, plan_of({"a"}));
  for (const auto& id : over) CHECK(eventually([&] { return std::filesystem::exists(file_of(server, id)); }));
  CHECK(eventually([&] { return get(api, "/api/executions").size() == 1; }));
  CHECK(is_listed(api, live, ""));
  auto listed = get(api, "/api/executions?archived=true");
  REQUIRE(listed.size() == 5);
  CHECK(listed.at(0).at("archived_at") >= listed.at(4).at("archived_at"));
  // In pages.
  std::size_t seen = 0;
  for (std::string path = "/api/executions?archived=true&limit=2"; !path.empty();) {
    const auto page = api.get(path);
    REQUIRE(page.status == 200);
    for (const auto& row : page.body) CHECK(row.at("execution_id") == listed.at(seen++).at("execution_id"));
    const auto link = page.header("link");
    path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  CHECK(seen == 5);
  CHECK(api.get("/api/executions?archived=true&cursor=eHg").status == 400);
  for (const auto& id : over) check_gapless(history(api, id));
  server.kill();
  server.start();
  api_client again(server.address());
  CHECK(get(again, "/api/executions").size() == 1);
  CHECK(get(again, "/api/executions?archived=true").size() == 5);
  CHECK(status(again, live) == "QUEUED");
}

TEST_CASE("a server that is killed while executions leave loses none, and goes on with it") {
  server_under_test server;
  std::vector<std::string> ids;
  std::map<std::string, std::size_t> events;
  {
    api_client api(server.address());
    register_agent(api, "ann");
    for (int i = 0; i < 12; ++i) ids.push_back(completed_execution(api));
    for (const auto& id : ids) events[id] = history(api, id).size();
  }
  server.set("PLANEXE_EVENT_LOG_RETENTION_DAYS", "0.00000002");  // a millisecond or two
  for (int round = 0; round < 6; ++round) {
    server.kill();
    server.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(round * 15));
  }
  api_client api(server.address());
  CHECK(eventually([&] { return get(api, "/api/executions").empty(); }));
  CHECK(get(api, "/api/executions?archived=true").size() == ids.size());
  for (const auto& id : ids) {
    const auto all = history(api, id);
    check_gapless(all);
    CHECK(all.size() == events[id]);
  }
}

TEST_CASE("a missing or changed archive file is named, and the rest of the server works") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = completed_execution(api), other = completed_execution(api);
  REQUIRE(archive(api, id).status == 200);
  REQUIRE(archive(api, other).status == 200);
  // A start that has to carry views over what is archived needs the files.
  REQUIRE(eventually([&] {
    const auto views = get(api, "/api/admin/views");
    return std::all_of(views.begin(), views.end(),
                       [](const json& view) { return view.at("checkpoint") == view.at("position"); });
  }));
  server.terminate();
  SUBCASE("missing") {
    std::filesystem::remove(file_of(server, id));
  }
  SUBCASE("changed") {
    std::ofstream(file_of(server, id), std::ios::app) << "x";
  }
  server.start();
  api_client again(server.address());
  for (const std::string what : {"", "/tasks", "/events", "/report", "?at_seq=1"}) {
    const auto answer = again.get("/api/executions/" + id + what);
    CHECK_MESSAGE(answer.status == 503, answer.text);
    CHECK(answer.text.find(id + ".jsonl.zst") != std::string::npos);
  }
  const auto forked = again.post("/api/executions/" + id + "/fork", {{"at_seq", 2}});
  CHECK_MESSAGE(forked.status == 503, forked.text);
  CHECK(forked.text.find(id + ".jsonl.zst") != std::string::npos);
  CHECK(again.post("/api/executions/nobody/fork", {{"at_seq", 2}}).status == 404);
  CHECK(again.get("/api/executions/" + other).status == 200);
  const auto view = get(again, "/api/admin/views").at(0).at("name").get<std::string>();
  const auto made = again.post("/api/admin/views/" + view + "/rebuild", json::object());
  CHECK_MESSAGE(made.status == 503, made.text);
  CHECK(made.text.find(id + ".jsonl.zst") != std::string::npos);
  completed_execution(again);
}

TEST_CASE("the command archives one, or all that are old enough, through a server and in its folder") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto first = completed_execution(api), second = completed_execution(api), third = completed_execution(api);
  const auto live = start_execution(api, plan_of({"a"}));
  const auto url = "http://127.0.0.1:" + std::to_string(server.address().port);
  auto said = run(server, {"archive", first, "--url", url});
  CHECK_MESSAGE(said.code == 0, said.said);
  CHECK(said.said.find(first + " archived: COMPLETED") != std::string::npos);
  said = run(server, {"archive", first, "--url", url});
  CHECK(said.code == 1);
  CHECK(said.said.find("archived already") != std::string::npos);
  CHECK(run(server, {"archive", live, "--url", url}).code == 1);
  CHECK(run(server, {"archive", "--url", url}).code == 2);
  CHECK(run(server, {"archive", "--older-than", "1000", "--url", url}).code == 0);
  CHECK(is_listed(api, second, ""));
  said = run(server, {"archive", second, "--data-dir", server.data_folder().string()});
  CHECK(said.code == 1);  // the server has it open
  CHECK(said.said.find("--url") != std::string::npos);
  const auto before = history(api, third);
  server.terminate();
  said = run(server, {"archive", "--older-than", "0", "--data-dir", server.data_folder().string(), "--json"});
  CHECK_MESSAGE(said.code == 0, said.said);
  CHECK(json::parse(said.said).size() == 2);
  said = run(server, {"why", third, "--data-dir", server.data_folder().string()});
  CHECK_MESSAGE(said.code == 0, said.said);
  server.start();
  api_client again(server.address());
  CHECK(get(again, "/api/executions").size() == 1);
  CHECK(get(again, "/api/executions?archived=true").size() == 3);
  CHECK(history(again, third) == before);
  said = run(server,
             {"archive", "--older-than", "0", "--url", "http://127.0.0.1:" + std::to_string(server.address().port)});
  CHECK(said.code == 0);
  CHECK(said.said.find("nothing is old enough") != std::string::npos);
}

TEST_CASE("one that cannot be archived keeps no other from it, through a server as in its folder") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(completed_execution(api));
  const auto block = [&](const std::string& id) { std::filesystem::create_directories(file_of(server, id) / "x"); };
  block(ids[0]);
  auto said = run(server, {"archive", "--older-than", "0", "--json", "--url", server.address().url()});
  CHECK(said.code == 1);
  const auto object = said.said.find("{\"error\"");
  const auto told = json::parse(said.said.substr(object, said.said.find('\n', object) - object));
  CHECK(told.at("archived").size() == 3);
  REQUIRE(told.at("failed").size() == 1);
  CHECK(told.at("failed").at(0).at("execution_id") == ids[0]);
  CHECK(told.at("error").at("detail").get<std::string>().starts_with("'" + ids[0] + "': "));
  CHECK(is_listed(api, ids[0], ""));
  ids.push_back(completed_execution(api));
  ids.push_back(completed_execution(api));
  block(ids[4]);
  server.terminate();
  said = run(server, {"archive", "--older-than", "0", "--data-dir", server.data_folder().string()});
  CHECK(said.code == 1);
  CHECK(said.said.find(ids[5] + " archived: COMPLETED") != std::string::npos);
  CHECK(said.said.find("2 executions were not archived; the first, '" + ids[0] + "': ") != std::string::npos);
  CHECK(said.said.find("'" + ids[4] + "': ") != std::string::npos);
}

TEST_CASE("the same command twice at once archives all there is and neither fails") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  constexpr std::size_t many = 12;
  for (std::size_t i = 0; i < many; ++i) completed_execution(api);
  const auto archive_all = [&] {
    return run(server, {"archive", "--older-than", "0", "--json", "--url", server.address().url()});
  };
  auto beside = std::async(std::launch::async, archive_all);
  const auto here = archive_all(), there = beside.get();
  for (const auto& each : {here, there}) CHECK_MESSAGE(each.code == 0, each.said);
  CHECK(get(api, "/api/executions?archived=true").size() == many);
}

TEST_CASE("a log that is carried over has its archived executions back, and may let them leave again") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = completed_execution(api);
  const auto before = told_of(api, id);
  REQUIRE(archive(api, id).status == 200);
  server.terminate();
  const auto file = (server.folder() / "all.jsonl.zst").string();
  const auto data = server.data_folder().string();
  REQUIRE(run(server, {"export", "--all", "--data-dir", data, "-o", file}).code == 0);
  std::filesystem::rename(data, data + ".old");
  const auto carried = run(server, {"import-log", file, "--data-dir", data});
  REQUIRE_MESSAGE(carried.code == 0, carried.said);

  server.start();
  api_client again(server.address());
  CHECK(is_listed(again, id, ""));
  CHECK_FALSE(is_listed(again, id, "?archived=true"));
  check_same(told_of(again, id), before);
  CHECK(get(again, "/api/admin/metrics").at("executions").at("COMPLETED") == 1);
  REQUIRE(archive(again, id).status == 200);
  CHECK_FALSE(is_listed(again, id, ""));
  CHECK(get(again, "/api/executions?archived=true").size() == 1);
  check_same(told_of(again, id), before);
  for (const auto& view : get(again, "/api/admin/views")) {
    const auto made = again.post("/api/admin/views/" + view.at("name").get<std::string>() + "/rebuild", json::object());
    REQUIRE_MESSAGE(made.status == 200, made.text);
    CHECK_MESSAGE(made.body.at("equal") == true, made.text);
  }
}

}  // namespace planexe::tests
