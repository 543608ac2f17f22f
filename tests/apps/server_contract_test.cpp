// Every route with good requests, and what a client sees right after them.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

/// Follows `Link: <…>; rel="next"` to the end; gives the member `id` of every row, page after page.
std::vector<json> walk_pages(api_client& api, const std::string& first, const char* id, std::size_t page) {
  std::vector<json> ids;
  auto path = first;
  while (!path.empty()) {
    const auto got = api.get(path);
    REQUIRE_MESSAGE(got.status == 200, got.text);
    CHECK(got.body.size() <= page);
    for (const auto& row : got.body) ids.push_back(row.at(id));
    const auto link = got.header("Link");
    if (link.empty()) break;
    CHECK(got.body.size() == page);
    CHECK(link.ends_with(">; rel=\"next\""));
    path = link.substr(1, link.find('>') - 1);
  }
  return ids;
}

std::set<json> as_set(const std::vector<json>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("a plan is kept, listed, shown and drawn as a tree") {
  server_under_test server;
  api_client api(server.address());
  const auto posted = api.post("/api/plans", plan_of({"a", "b"}, {{"assignee_role", "Buyer"}}));
  REQUIRE_MESSAGE(posted.status == 201, posted.text);
  const std::string id = posted.body.at("plan_id");
  CHECK(posted.header("Location") == "/api/plans/" + id);
  for (const char* member :
       {"title", "goal", "phases", "tasks", "tasks_total", "dependencies", "roles", "warnings", "decomposition"})
    CHECK_MESSAGE(posted.body.contains(member), member);
  CHECK(posted.body["tasks_total"] == 2);
  for (const char* member : {"agent_executable", "needs_review", "human", "mean_confidence"})
    CHECK(posted.body["decomposition"].contains(member));

  const auto shown = api.get("/api/plans/" + id);
  CHECK(shown.status == 200);
  for (const auto& [name, value] : posted.body.items()) CHECK(shown.body.at(name) == value);
  const auto listed = api.get("/api/plans");
  REQUIRE(listed.body.size() == 1);
  CHECK(listed.body[0].at("plan_id") == id);
  const auto tree = api.get("/api/plans/" + id + "/tasks");
  REQUIRE(tree.body.size() == 1);
  CHECK(tree.body[0].at("level") == "phase");
  REQUIRE(tree.body[0].at("children").size() == 2);
  CHECK(tree.body[0]["children"][1].at("task_id") == "b");
}

TEST_CASE("an execution is created, started, steered and read, each answer true at once") {
  server_under_test server;
  api_client api(server.address());
  const std::string plan_id = api.post("/api/plans", plan_of({"a"})).body.at("plan_id");
  const auto created = api.post("/api/executions", {{"plan_id", plan_id}, {"title", "First"}, {"priority", 3}});
  REQUIRE_MESSAGE(created.status == 201, created.text);
  const std::string id = created.body.at("execution_id"), path = "/api/executions/" + id;
  CHECK(created.header("Location") == path);
  CHECK(created.header("ETag") == "\"1\"");
  for (const char* member : {"plan_id", "title", "goal", "status", "status_message", "version", "progress", "agents",
                             "priority", "options", "blockers", "risks", "created_at", "updated_at"})
    CHECK_MESSAGE(created.body.contains(member), member);
  CHECK(created.body["status"] == "CREATED");
  CHECK(
      created.body["progress"] ==
      json{
          {"tasks_total", 1}, {"tasks_completed", 0}, {"tasks_skipped", 0}, {"percent", 0.0}, {"effort_percent", 0.0}});
  CHECK(execution(api, id) == without_forecasts(created.body));

  const auto steer = [&](const json& change, const std::string& expected) {
    const auto steered = api.patch(path, change);
    REQUIRE_MESSAGE(steered.status == 200, steered.text);
    CHECK(steered.body["status"] == expected);
    CHECK(steered.header("ETag") == "\"" + steered.body["version"].dump() + "\"");
    const auto read = api.get(path);
    CHECK(without_forecasts(read.body) == without_forecasts(steered.body));
    CHECK(read.header("ETag") == steered.header("ETag"));
    CHECK(api.get(path + "/status").body == json{{"status", expected},
                                                 {"force_pause", expected == "PAUSED"},
                                                 {"force_cancel", expected == "CANCELLED"},
                                                 {"version", steered.body["version"]}});
    const auto rows = api.get("/api/executions?status=" + expected);
    REQUIRE(rows.body.size() == 1);
    CHECK(rows.body[0].at("execution_id") == id);
    return steered.body;
  };
  steer({{"status", "QUEUED"}}, "QUEUED");
  const auto again = steer({{"status", "QUEUED"}}, "QUEUED");
  CHECK(again["version"] == 2);  // asking for what is there records nothing
  CHECK(steer({{"priority", 9}}, "QUEUED")["priority"] == 9);
  steer({{"status", "PAUSED"}, {"reason", "lunch"}}, "PAUSED");
  steer({{"status", "RUNNING"}}, "QUEUED");  // nothing was handed out yet
  steer({{"status", "CANCELLED"}}, "CANCELLED");
  check_gapless(history(api, id));
}

TEST_CASE("agents register, are listed with what they do, and change") {
  server_under_test server;
  api_client api(server.address());
  const json profile = {{"agent_id", "ann"},
                        {"name", "Ann"},
                        {"kind", "human"},
                        {"roles", {"Buyer"}},
                        {"capabilities", {{{"action", "buy"}, {"params", {{"max", 3}}}}}},
                        {"max_concurrent_tasks", 2}};
  const auto first = api.post("/api/agents/register", profile);
  REQUIRE_MESSAGE(first.status == 201, first.text);
  CHECK(first.header("Location") == "/api/agents/ann");
  CHECK(api.post("/api/agents", profile).status == 200);
  auto other = profile;
  other["name"] = "Anna";
  const auto refused = api.post("/api/agents", other);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "already_exists");
  const auto unnamed = api.post("/api/agents", {{"name", "Bob"}, {"role", "r"}, {"capabilities", {{{"action", "*"}}}}});
  REQUIRE(unnamed.status == 201);
  CHECK(!unnamed.body.at("agent_id").get<std::string>().empty());

  const auto ann = api.get("/api/agents/ann");
  CHECK(ann.status == 200);
  for (const auto& [name, value] : profile.items()) CHECK(ann.body.at(name) == value);
  for (const char* member : {"status", "last_seen_at", "held_tasks", "completed", "failed"})
    CHECK_MESSAGE(ann.body.contains(member), member);
  CHECK(ann.body["status"] == "idle");
  CHECK(api.get("/api/agents/ann/capabilities").body.at("capabilities") == profile["capabilities"]);
  CHECK(api.get("/api/agents").body.size() == 2);

  const auto changed = api.patch("/api/agents/ann", {{"status", "paused"}, {"roles", {"Cook"}}});
  CHECK(changed.status == 200);
  CHECK(changed.body["status"] == "paused");
  const auto after = api.get("/api/agents/ann").body;
  CHECK(after["status"] == "paused");
  CHECK(after["roles"] == json{"Cook"});
}

TEST_CASE("work is polled, reported and done, and every read agrees with the last answer") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a", "b"}, {{"description", "Carefully"}, {"params", {{"n", 1}}}}));
  register_agent(api, "ann");
  const auto answer = api.get("/api/agents/ann/work");
  REQUIRE(answer.status == 200);
  for (const char* member : {"work_available", "execution_id", "plan_id", "next_task", "tasks", "revoked",
                             "force_pause", "force_cancel", "poll_after_seconds"})
    CHECK_MESSAGE(answer.body.contains(member), member);
  const auto held = answer.body["next_task"];
  for (const char* member : {"task_id", "title", "description", "action", "params", "attempt", "timeout_hours",
                             "retry_policy", "lease_token", "lease_expires_at", "context"})
    CHECK_MESSAGE(held.contains(member), member);
  CHECK(held["params"] == json{{"n", 1}});
  CHECK(held["context"]["plan_goal"] == "Get it done");
  CHECK(answer.body["tasks"] == json{held});
  CHECK(task(api, id, "a")["status"] == "RUNNING");
  CHECK(task(api, id, "a")["agent_id"] == "ann");
  CHECK(api.get("/api/agents/ann").body["held_tasks"].size() == 1);
  CHECK(status(api, id) == "RUNNING");

  const auto progress = report(api, "ann", held, "task_progress", {{"progress_percent", 40}});
  CHECK(progress.status == 201);
  CHECK(task(api, id, "a")["progress_percent"] == 40.0);
  const auto alive = report(api, "ann", held, "heartbeat");
  CHECK(alive.status == 200);
  CHECK(!alive.body.contains("seq"));
  const auto done = report(api, "ann", held, "task_complete", {{"output_data", {{"found", true}}}});
  REQUIRE_MESSAGE(done.status == 201, done.text);
  for (const char* member : {"event_id", "execution_id", "seq", "recorded_at", "status", "task_status",
                             "status_message", "force_pause", "force_cancel"})
    CHECK_MESSAGE(done.body.contains(member), member);
  CHECK(done.body["task_status"] == "COMPLETE");
  const auto leaf = task(api, id, "a");
  CHECK(leaf["status"] == "COMPLETE");
  CHECK(leaf["result"] == json{{"found", true}});
  CHECK(execution(api, id)["progress"]["percent"] == 50.0);
  const auto events = history(api, id);
  check_gapless(events);
  CHECK(events[done.body["seq"].get<std::size_t>() - 1]["event_type"] == "task_complete");
  CHECK(events[done.body["seq"].get<std::size_t>() - 1]["event_id"] == done.body["event_id"]);

  const auto posted = api.post("/api/agents/ann/work", {{"wait", 0}, {"limit", 1}});
  REQUIRE(posted.status == 200);
  const json last = {{"execution_id", id},
                     {"event_type", "task_complete"},
                     {"task_id", posted.body["next_task"]["task_id"]},
                     {"lease_token", posted.body["next_task"]["lease_token"]}};
  const auto batch = api.post("/api/agents/ann/events", json::array({last}));
  REQUIRE(batch.status == 200);
  CHECK(batch.body[0].at("status") == 201);
  CHECK(status(api, id) == "COMPLETED");
  const auto nothing = api.get("/api/agents/ann/work");
  CHECK(nothing.status == 204);
  CHECK(!nothing.header("Retry-After").empty());
  CHECK(api.get("/api/agents/ann").body["completed"] == 2);
}

TEST_CASE("a task's neighbours and the results before it go along with it") {
  server_under_test server;
  api_client api(server.address());
  auto plan = plan_of({"a", "b", "c"});
  auto& tasks = plan["phases"][0]["tasks"];
  tasks[1]["prerequisites"] = {"a"};
  tasks[2]["prerequisites"] = {"b"};
  start_execution(api, plan);
  register_agent(api, "ann");
  const auto a = poll(api, "ann");
  report(api, "ann", a, "task_complete", {{"output_data", "from a"}});
  const auto context = poll(api, "ann").at("context");
  CHECK(context["phase"] == "All of it");
  CHECK(context["previous_tasks"][0]["task_id"] == "a");
  CHECK(context["upcoming_tasks"][0]["task_id"] == "c");
  CHECK(context["prerequisite_results"][0]["output_data"] == "from a");
}

TEST_CASE("the health routes answer") {
  server_under_test server;
  api_client api(server.address());
  CHECK(api.get("/livez").body == json{{"status", "ok"}});
  CHECK(api.get("/readyz").status == 200);
  CHECK(api.get("/healthcheck").body.at("status") == "ok");
}

TEST_CASE("lists come in pages that hold every row once") {
  server_under_test server;
  api_client api(server.address());
  std::set<json> plans, executions, agents;
  for (int i = 0; i < 7; ++i) {
    plans.insert(api.post("/api/plans", plan_of({"a"})).body.at("plan_id"));
    agents.insert(register_agent(api, "agent-" + std::to_string(i)));
  }
  const auto plan = plans.begin()->get<std::string>();
  for (int i = 0; i < 7; ++i)
    executions.insert(api.post("/api/executions", {{"plan_id", plan}}).body.at("execution_id"));
  for (const std::size_t page : {1U, 3U, 7U, 1000U}) {
    const auto limit = "limit=" + std::to_string(page);
    const auto all = [&](const char* path, const char* id, const std::set<json>& expected) {
      const auto walked = walk_pages(api, path + limit, id, page);
      CHECK(walked.size() == expected.size());
      CHECK(as_set(walked) == expected);
    };
    all("/api/plans?", "plan_id", plans);
    all("/api/executions?", "execution_id", executions);
    all("/api/agents?", "agent_id", agents);
    const auto of_plan = std::string("/api/executions?plan_id=") + plan + "&";
    all(of_plan.c_str(), "execution_id", executions);
  }
  CHECK(walk_pages(api, "/api/executions?status=RUNNING&", "execution_id", 100).empty());

  const auto newest = walk_pages(api, "/api/executions?limit=2", "execution_id", 2);
  auto times = std::vector<std::string>();
  for (const auto& id : newest) times.push_back(execution(api, id)["created_at"]);
  CHECK(std::is_sorted(times.rbegin(), times.rend()));
}

TEST_CASE("flat tasks and events come in pages, in order, filtered") {
  server_under_test server;
  api_client api(server.address());
  std::vector<std::string> names;
  for (int i = 0; i < 9; ++i) names.push_back("t" + std::to_string(i));
  const auto id = start_execution(api, plan_of(names));
  register_agent(api, "ann");
  for (const auto& name : names) {
    const auto held = poll(api, "ann");
    CHECK(held["task_id"] == name);
    CHECK(report(api, "ann", held, "task_complete").status == 201);
  }
  const auto path = "/api/executions/" + id;
  const auto flat = walk_pages(api, path + "/tasks?flat=true&limit=4", "task_id", 4);
  REQUIRE(flat.size() == 10);
  CHECK(flat.front() == "P");
  CHECK(flat.back() == "t8");
  const auto last = execution(api, id)["version"].get<std::size_t>();
  for (const std::size_t page : {1U, 4U, 7U}) {
    const auto limit = "limit=" + std::to_string(page);
    const auto upwards = walk_pages(api, path + "/events?order=asc&" + limit, "seq", page);
    REQUIRE(upwards.size() == last);
    for (std::size_t i = 0; i < last; ++i) CHECK(upwards[i] == i + 1);
    const auto downwards = walk_pages(api, path + "/events?" + limit, "seq", page);
    CHECK(std::equal(downwards.rbegin(), downwards.rend(), upwards.begin(), upwards.end()));
    CHECK(walk_pages(api, path + "/events?type=task_complete&" + limit, "seq", page).size() == names.size());
    CHECK(walk_pages(api, path + "/events?order=asc&agent_id=ann&" + limit, "seq", page).size() == 2 * names.size());
    CHECK(walk_pages(api, path + "/events?task_id=t3&" + limit, "seq", page).size() == 2);
    CHECK(walk_pages(api, path + "/events?after_seq=4&before_seq=11&" + limit, "seq", page).size() == 6);
  }
}

TEST_CASE("a waiting request for events is answered by the next one, or with none in time") {
  server_under_test server;
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  const auto path = "/api/executions/" + id + "/events?wait=20&after_seq=";
  const auto version = execution(api, id)["version"].get<unsigned>();
  CHECK(api.get(path + "0").body.size() == version);  // there are some already
  CHECK(api.get("/api/executions/" + id + "/events?wait=0.1&after_seq=" + std::to_string(version)).body.empty());
  reply waited;
  std::thread waiter([&] {
    api_client other(server.address());
    waited = other.get(path + std::to_string(version));
  });
  api.patch("/api/executions/" + id, {{"status", "PAUSED"}});
  waiter.join();
  REQUIRE(waited.body.size() == 1);
  CHECK(waited.body[0]["event_type"] == "execution_paused");
}

TEST_CASE("every version of an execution can be read again as it was answered then") {
  server_under_test server;
  api_client api(server.address());
  auto plan = plan_of({"a", "b", "c"}, {{"decomposition_confidence", 0.5}});
  plan["phases"][0]["tasks"][2]["prerequisites"] = {"a"};
  const auto id = start_execution(api, plan, {{"review_threshold", 0.7}, {"retry_policy", {{"backoff_seconds", 0}}}});
  const auto path = "/api/executions/" + id;
  struct moment {
    json whole, flat, tree, blockers;
  };
  std::map<std::uint64_t, moment> seen;
  // Lease ends are not part of the history: a lease of then is renewed by now.
  const auto without_leases = [](json tasks) {
    const std::function<void(json&)> strip = [&](json& each) {
      each.erase("lease_expires_at");
      if (each.contains("children"))
        for (auto& child : each["children"]) strip(child);
    };
    for (auto& each : tasks) strip(each);
    return without_forecasts(tasks);
  };
  const auto read = [&](const std::string& at) {
    const auto mark = at.empty() ? "" : "?at_seq=" + at;
    return moment{without_forecasts(api.get(path + mark).body),
                  without_leases(api.get(path + "/tasks?flat=true" + (at.empty() ? "" : "&at_seq=" + at)).body),
                  without_leases(api.get(path + "/tasks" + mark).body), api.get(path + "/blockers" + mark).body};
  };
  const auto note = [&] {
    while (true) {  // a retry that falls due in between belongs to another version
      auto now = read("");
      const auto version = now.whole["version"].get<std::uint64_t>();
      if (api.get(path).body["version"] != version) continue;
      seen.emplace(version, std::move(now));
      return;
    }
  };
  note();
  register_agent(api, "ann");
  REQUIRE(resolve(api, id, "P", "approve").status == 200);
  note();
  unsigned turns = 0;
  for (auto held = poll(api, "ann"); !held.is_null(); held = poll(api, "ann")) {
    note();
    CHECK(report(api, "ann", held, "task_started").status == 201);
    note();
    CHECK(report(api, "ann", held, "task_progress", {{"progress_percent", 30}}).status == 201);
    note();
    const bool fails = ++turns == 2;
    CHECK(report(api, "ann", held, fails ? "task_error" : "task_complete", {{"output_data", turns}}).status == 201);
    note();
    if (fails) REQUIRE(eventually([&] { return task(api, id, held["task_id"])["ready"] == true; }));
    note();
  }
  CHECK(status(api, id) == "COMPLETED");
  CHECK(seen.size() > 12);
  for (const auto& [seq, then] : seen) {
    CAPTURE(seq);
    const auto now = read(std::to_string(seq));
    CHECK(now.whole == then.whole);
    CHECK(now.flat == then.flat);
    CHECK(now.tree == then.tree);
    CHECK(now.blockers == then.blockers);
  }
  const auto created = api.get(path + "?at=" + seen.begin()->second.whole["updated_at"].get<std::string>());
  CHECK(created.status == 200);
  CHECK(api.get(path + "?at=2001-01-01T00:00:00Z").status == 404);
}

}  // namespace planexe::tests
