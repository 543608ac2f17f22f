// What is read from the views of a real server: the plan against reality, what happened lately, roles, figures; and
// how views are made anew while agents work.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/apps/server_harness.hpp"
#include "tests/gateway/prometheus_text.hpp"

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

TEST_CASE("a plan that is only tried is judged as an upload, and leaves nothing") {
  server_under_test server;
  api_client api(server.address());
  const auto plan = two_in_a_row();
  const headers key{{"Idempotency-Key", "k1"}};
  const auto tried = api.post("/api/plans?dry_run=true", plan, key);
  REQUIRE_MESSAGE(tried.status == 200, tried.text);
  CHECK(!tried.body.contains("plan_id"));
  CHECK(!tried.body.contains("imported_at"));
  CHECK(tried.header("Location").empty());
  const auto& preview = tried.body.at("preview");
  REQUIRE(preview.at("roles").size() == 1);
  CHECK(preview.at("roles").at(0).at("role") == "Mason");
  CHECK(preview.at("roles").at(0).at("leaves") == 2);
  const auto& role = preview.at("roles").at(0);
  CHECK(role.at("agent_alone").get<int>() + role.at("agent_with_approval").get<int>() +
            role.at("person_led").get<int>() ==
        2);
  REQUIRE(preview.at("phases").size() == 1);
  CHECK(preview.at("phases").at(0).at("leaves") == 2);
  CHECK(preview.at("phases").at(0).at("days") == preview.at("days"));
  CHECK(preview.at("phases").at(0).at("critical_days") == preview.at("days"));
  REQUIRE(preview.at("critical_path").size() == 2);
  CHECK(preview.at("critical_path").at(1).at("task_id") == "b");
  CHECK(get(api, "/api/plans").empty());

  // The key stays free, and the real upload says the same, but for what a kept plan has.
  const auto kept = api.post("/api/plans", plan, key);
  REQUIRE(kept.status == 201);
  auto expected = kept.body;
  expected.erase("plan_id");
  expected.erase("imported_at");
  auto summary = tried.body;
  summary.erase("preview");
  CHECK(summary == expected);
  CHECK(preview.at("tasks") == get(api, "/api/plans/" + kept.body.at("plan_id").get<std::string>() + "/tasks"));

  json cyclic = two_in_a_row();
  cyclic.at("phases").at(0).at("tasks").at(0)["prerequisites"] = json::array({"b"});
  const auto refused = api.post("/api/plans?dry_run=true", cyclic);
  CHECK(refused.status == 422);
  CHECK(refused.fields_named() == api.post("/api/plans", cyclic).fields_named());
  CHECK(api.post("/api/plans?dry_run=perhaps", plan).status == 400);
  CHECK(get(api, "/api/plans").size() == 1);
}

TEST_CASE("roles show what there is to do and who could do it") {
  server_under_test server;
  api_client api(server.address());
  REQUIRE(get(api, "/api/roles").empty());
  register_agent(api, "ann", {{"role", "Mason"}, {"capabilities", {{{"action", "lay"}}}}, {"max_concurrent_tasks", 3}});
  register_agent(api, "bob", {{"role", "Cook"}, {"capabilities", {{{"action", "boil"}}}}});
  start_execution(api, two_in_a_row());
  const auto roles = get(api, "/api/roles");
  REQUIRE(roles.size() == 1);
  CHECK(roles.at(0).at("role") == "Mason");
  CHECK(roles.at(0).at("agents") == 1);
  CHECK(roles.at(0).at("capacity") == 3);
  CHECK(roles.at(0).at("ready") == 1);
  CHECK(roles.at(0).at("waiting") == 1);
  CHECK(roles.at(0).at("held") == 0);
}

TEST_CASE("the figures of a server that has worked are well formed, and count what was done") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  start_execution(api, plan_of({"a", "b"}), {{"retry_policy", {{"max_attempts", 2}}}});
  auto task = poll(api, "ann");
  REQUIRE(report(api, "ann", task, "task_error", {{"error_type", "odd"}, {"error_message", "no"}}).status == 201);
  for (int done = 0; done < 2;) {
    task = poll(api, "ann", "wait=5");
    REQUIRE(!task.is_null());
    REQUIRE(report(api, "ann", task, "task_complete").status == 201);
    ++done;
  }
  const auto text = api.get("/metrics");
  REQUIRE(text.status == 200);
  CHECK(text.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  std::map<std::string, metric_family> families;
  const auto wrong = read_prometheus(text.text, families);
  REQUIRE_MESSAGE(wrong.empty(), wrong);
  const auto sample = [&](const std::string& family, const std::string& labels = {}) {
    return families.at(family).samples.at(family + labels);
  };
  CHECK(sample("planexe_attempts_total") == 3);
  CHECK(sample("planexe_tasks_completed_total") == 2);
  CHECK(sample("planexe_attempts_failed_total", R"({error_type="odd"})") == 1);
  CHECK(sample("planexe_executions", R"({status="COMPLETED"})") == 1);
  CHECK(sample("planexe_agents", R"({status="idle"})") == 1);
  CHECK(sample("planexe_leases_held") == 0);
  CHECK(sample("planexe_tasks_ready") == 0);
  CHECK(sample("planexe_commits_total") > 0);
  CHECK(sample("planexe_commit_seconds_total") > 0);
  CHECK(sample("planexe_http_requests_total") > 5);
  CHECK(sample("planexe_http_connections_open") == 1);
  CHECK(sample("process_resident_memory_bytes") > 1e6);
  CHECK(sample("process_open_fds") > 3);
  CHECK(families.at("planexe_view_delay_seconds").samples.at("planexe_view_delay_seconds_count") > 0);

  const auto figures = get(api, "/api/admin/metrics");
  CHECK(figures.at("success_rate").get<double>() == doctest::Approx(2.0 / 3));
  CHECK(figures.at("errors") == json::array({{{"error_type", "odd"}, {"count", 1}}}));
  CHECK(figures.at("durations_seconds").at("attempt").at("count") == 2);
  CHECK(figures.at("log_position") == sample("planexe_log_position"));
  CHECK(figures.at("views").size() == get(api, "/api/admin/views").size());
}

namespace {

/// Answers that follow from the log alone.
json all_answers(api_client& api) {
  json all = json::object();
  for (const auto* path : {"/api/executions?limit=1000", "/api/agents?limit=1000", "/api/plans?limit=1000",
                           "/api/activity?limit=1000", "/api/roles", "/api/notifications", "/api/blockers"})
    all[path] = get(api, path);
  for (auto& agent : all.at("/api/agents?limit=1000")) agent.erase("last_seen_at");
  auto figures = get(api, "/api/admin/metrics");
  for (const auto* name : {"tasks", "attempts", "events", "executions", "errors"}) all[name] = figures.at(name);
  for (const auto* name : {"attempt", "wait", "review", "execution"})
    all[name] = figures.at("durations_seconds").at(name);
  return all;
}

/// Agents that work, and start new executions, until they are told to stop.
class busy_agents {
 public:
  explicit busy_agents(const demo::endpoint& server) {
    for (int i = 0; i < 3; ++i)
      threads_.emplace_back([this, server, name = "agent-" + std::to_string(i)] { work(server, name); });
  }
  ~busy_agents() { stop(); }
  busy_agents(const busy_agents&) = delete;
  busy_agents& operator=(const busy_agents&) = delete;
  void stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  unsigned done() const { return done_; }

 private:
  void work(const demo::endpoint& server, const std::string& name) {
    api_client api(server);
    api.post("/api/agents",
             {{"agent_id", name}, {"name", name}, {"role", "generalist"}, {"capabilities", {{{"action", "*"}}}}});
    while (!stop_) {
      const auto got = api.get("/api/agents/" + name + "/work");
      if (got.status == 204) {
        api.post("/api/executions", {{"plan", plan_of({"a", "b", "c", "d"})}, {"start", true}});
        continue;
      }
      if (got.status != 200) return;  // nothing gets done then, which the test notices
      const auto& task = got.body.at("next_task");
      json report = report_of(name, got.body.at("tasks").at(0), done_ % 7 == 3 ? "task_error" : "task_complete");
      if (report.at("event_type") == "task_error") report["error_type"] = "odd";
      const auto path = "/api/executions/" + got.body.at("execution_id").get<std::string>() + "/events";
      if (api.post(path, report).status == 201 && !task.is_null()) ++done_;
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<unsigned> done_{0};
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("every view is made anew while agents work, equals what was stored, and answers the same") {
  server_under_test server;
  api_client api(server.address());
  std::vector<std::string> names;
  for (const auto& view : get(api, "/api/admin/views")) names.push_back(view.at("name"));
  CHECK(names.size() >= 8);
  {
    busy_agents agents(server.address());
    REQUIRE(eventually([&] { return agents.done() > 100; }));
    for (const auto& name : names) {
      const auto before = agents.done();
      const auto made = api.post("/api/admin/views/" + name + "/rebuild", json::object());
      REQUIRE_MESSAGE(made.status == 200, made.text);
      CHECK_MESSAGE(made.body.at("equal") == true, made.text);
      CHECK(made.body.at("name") == name);
      CHECK(made.body.at("events") > 300);
      REQUIRE(eventually([&] { return agents.done() > before; }));
    }
  }
  // Retries fall due for a moment after the agents have gone.
  REQUIRE(eventually([&] {
    const auto position = get(api, "/api/admin/metrics").at("log_position");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    return get(api, "/api/admin/metrics").at("log_position") == position;
  }));
  // At rest, what is answered is what was answered before, and what a server says that starts from what was stored.
  const auto before = all_answers(api);
  for (const auto& name : names) {
    const auto made = api.post("/api/admin/views/" + name + "/rebuild", json::object());
    REQUIRE(made.status == 200);
    CHECK_MESSAGE(made.body.at("equal") == true, made.text);
  }
  CHECK(all_answers(api) == before);
  for (const auto& view : get(api, "/api/admin/views")) {
    CHECK(view.at("lag_events") == 0);
    CHECK(view.at("lag_ms") == 0);
  }
  REQUIRE(server.terminate() == 0);
  server.start();
  api_client again(server.address());
  CHECK(all_answers(again) == before);
}

TEST_CASE("one view is made anew at a time, and only one that there is") {
  server_under_test server;
  api_client api(server.address());
  CHECK(api.post("/api/admin/views/nothing.1/rebuild", json::object()).status == 404);
  CHECK(api.post("/api/admin/views/plans.1/rebuild", {{"why", "so"}}).status == 422);
  std::string path;
  for (const auto& view : get(api, "/api/admin/views"))
    if (const std::string name = view.at("name"); name.starts_with("executions."))
      path = "/api/admin/views/" + name + "/rebuild";
  REQUIRE(!path.empty());
  busy_agents agents(server.address());
  REQUIRE(eventually([&] { return agents.done() > 200; }));
  std::atomic<unsigned> made{0}, refused{0}, other{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      api_client one(server.address());
      for (int round = 0; round < 5; ++round) {
        const auto answer = one.send("POST", path);
        if (answer.status == 200 && answer.body.at("equal") == true)
          ++made;
        else if (answer.status == 503 && !answer.header("Retry-After").empty())
          ++refused;
        else
          ++other;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(made > 0);
  CHECK(refused > 0);
  CHECK(other == 0);
}

}  // namespace planexe::tests
