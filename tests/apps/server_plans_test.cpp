// Real plans, carried out from the upload to the end by simulated agents and a simulated person; what the log says
// afterwards keeps every rule.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "apps/demo/plan_upload.hpp"
#include "apps/demo/simulated_agents.hpp"
#include "apps/demo/simulated_person.hpp"
#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;

constexpr unsigned agents = 8;
constexpr double failure_rate = 0.1;

fs::path plans_folder() {
  return fs::path(PLANEXE_SOURCE_DIR) / ".." / "shared" / "plans";
}

std::vector<fs::path> real_plans() {
  std::vector<fs::path> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(plans_folder(), missing))
    if (entry.is_directory() && entry.path().filename().string().starts_with("2")) found.push_back(entry.path());
  for (const auto& entry : fs::directory_iterator(plans_folder() / "_zips", missing))
    if (entry.path().extension() == ".zip") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// Which leaves must be finished before each leaf: those below its own prerequisites and its ancestors'.
std::map<std::string, std::set<std::string>> leaves_before(const json& flat) {
  std::map<std::string, json> by_id;
  std::map<std::string, std::vector<std::string>> children;
  for (const auto& each : flat) {
    by_id[each.at("task_id")] = each;
    if (each.contains("parent_id")) children[each.at("parent_id")].push_back(each.at("task_id"));
  }
  const std::function<void(const std::string&, std::set<std::string>&)> add_leaves =
      [&](const std::string& id, std::set<std::string>& leaves) {
        const auto below = children.find(id);
        if (below == children.end()) leaves.insert(id);
        if (below != children.end())
          for (const auto& child : below->second) add_leaves(child, leaves);
      };
  std::map<std::string, std::set<std::string>> before;
  for (const auto& [id, task] : by_id) {
    if (children.contains(id)) continue;
    auto& leaves = before[id];
    for (auto up = id; !up.empty(); up = by_id.at(up).value("parent_id", ""))
      for (const auto& prerequisite : by_id.at(up).at("prerequisites")) add_leaves(prerequisite, leaves);
  }
  return before;
}

/// Walks a history and notes who was given a task too early, or one that somebody else had.
class referee {
 public:
  explicit referee(const json& flat) : before_(leaves_before(flat)) {}

  void watch(const json& event) {
    const std::string type = event.at("event_type"), task = event.value("task_id", "");
    if (type == "task_assigned") assign(task, event);
    if (type == "task_complete" || type == "task_skipped") {
      const auto by = event.value("agent_id", "");
      note(type == "task_complete" && !by.empty() && holder_[task] != by, task + " was completed by " + by);
      note(!done_.insert(task).second, task + " was finished twice");
    }
    static const std::set<std::string> ends = {"task_complete", "task_skipped", "task_error", "task_blocked",
                                               "lease_expired"};
    if (ends.contains(type)) holder_.erase(task);
  }
  void end() {
    note(done_.size() != before_.size(), "not every leaf was finished");
    note(!holder_.empty(), "somebody holds a task still");
  }
  const std::vector<std::string>& breaches() const { return breaches_; }
  std::size_t orders() const {
    std::size_t count = 0;
    for (const auto& [leaf, earlier] : before_) count += earlier.size();
    return count;
  }

 private:
  void note(bool wrong, const std::string& what) {
    if (wrong) breaches_.push_back(what);
  }
  void assign(const std::string& task, const json& event) {
    const auto known = before_.find(task);
    note(known == before_.end(), task + " is no leaf");
    if (known == before_.end()) return;
    for (const auto& earlier : known->second)
      note(!done_.contains(earlier), task + " was handed out before " + earlier + " was finished");
    note(!holder_.emplace(task, event.at("agent_id")).second, task + " had a holder already");
    note(done_.contains(task), task + " was finished already");
    note(event.at("attempt") != ++attempts_[task], task + " has an attempt out of turn");
  }

  std::map<std::string, std::set<std::string>> before_;
  std::map<std::string, std::string> holder_;
  std::map<std::string, unsigned> attempts_;
  std::set<std::string> done_;
  std::vector<std::string> breaches_;
};

struct running_plan {
  std::string name, execution_id;
  std::unique_ptr<demo::simulated_person> person;
};

void check_finished(api_client& api, const running_plan& plan) {
  CAPTURE(plan.name);
  const auto flat = api.get("/api/executions/" + plan.execution_id + "/tasks?flat=true&limit=1000").body;
  REQUIRE(flat.size() < 1000);
  referee rules(flat);
  CHECK(rules.orders() > 0);
  const auto events = history(api, plan.execution_id);
  check_gapless(events);
  for (const auto& event : events) rules.watch(event);
  rules.end();
  for (const auto& breach : rules.breaches()) FAIL_CHECK(breach);
  CHECK(events.back().at("event_type") == "execution_completed");
  const auto progress = execution(api, plan.execution_id).at("progress");
  CHECK(progress.at("percent") == 100.0);
  for (const auto& each : flat) CHECK(!each.contains("waiting_for"));
}

}  // namespace

TEST_CASE("the referee sees a task that is handed out too early, twice or out of turn") {
  const auto task = [](const char* id, const json& parent, const json& prerequisites) {
    json each = {{"task_id", id}, {"prerequisites", prerequisites}};
    if (!parent.is_null()) each["parent_id"] = parent;
    return each;
  };
  const json flat = json::array({task("P", nullptr, json::array()), task("a", "P", json::array()),
                                 task("Q", nullptr, json::array({"P"})), task("b", "Q", json::array())});
  const auto assigned = [](const char* id, unsigned attempt = 1) {
    return json{{"event_type", "task_assigned"}, {"task_id", id}, {"agent_id", "ann"}, {"attempt", attempt}};
  };
  const auto complete = [](const char* id, const char* by = "ann") {
    return json{{"event_type", "task_complete"}, {"task_id", id}, {"agent_id", by}};
  };
  const auto breaches = [&](const std::vector<json>& events) {
    referee rules(flat);
    for (const auto& event : events) rules.watch(event);
    rules.end();
    return rules.breaches().size();
  };
  CHECK(breaches({assigned("a"), complete("a"), assigned("b"), complete("b")}) == 0);
  CHECK(breaches({assigned("b"), assigned("a"), complete("a"), complete("b")}) == 1);
  CHECK(breaches({assigned("a"), assigned("a", 2), complete("a"), assigned("b"), complete("b")}) == 1);
  CHECK(breaches({assigned("a", 2), complete("a"), assigned("b"), complete("b")}) == 1);
  CHECK(breaches({assigned("a"), complete("a", "bob"), assigned("b"), complete("b")}) == 1);
  CHECK(breaches({assigned("a"), complete("a"), assigned("b")}) == 2);
}

TEST_CASE("every real plan is carried out to its end by the rules") {
  const auto plans = real_plans();
  if (plans.empty()) return skip("no real plans at " + plans_folder().string());
  CHECK(plans.size() == 17);
  server_under_test server(environment{{"PLANEXE_REVIEW_THRESHOLD", "0.7"}});
  api_client api(server.address());
  demo::activity_board board;
  std::vector<running_plan> running;
  std::set<std::string> roles;
  for (const auto& path : plans) {
    CAPTURE(path.filename().string());
    const auto upload = demo::read_plan(path.string());
    REQUIRE(upload);
    const auto posted = api.send("POST", "/api/plans", upload->bytes, {{"Content-Type", upload->content_type}});
    REQUIRE_MESSAGE(posted.status == 201, posted.text);
    for (const auto& role : posted.body["roles"]) roles.insert(role.get<std::string>());
    const auto started = api.post("/api/executions",
                                  {{"plan_id", posted.body.at("plan_id")},
                                   {"start", true},
                                   {"confirm_warnings", true},
                                   {"options", {{"retry_policy", {{"max_attempts", 3}, {"backoff_seconds", 0.01}}}}}});
    REQUIRE_MESSAGE(started.status == 201, started.text);
    running.push_back({path.filename().string(), started.body.at("execution_id"), nullptr});
  }
  for (auto& plan : running) {
    demo::person_options person{server.address(), "", plan.execution_id, 0};
    plan.person = std::make_unique<demo::simulated_person>(std::move(person), board);
  }
  demo::crew_options crew{server.address(), "", {roles.begin(), roles.end()}, agents, 7, 0, failure_rate, 1};
  {
    const demo::simulated_crew workers(std::move(crew), board);
    for (auto& plan : running) {
      CAPTURE(plan.name);
      const bool completed =
          eventually([&] { return status(api, plan.execution_id) == "COMPLETED"; }, std::chrono::seconds(240));
      CHECK_MESSAGE(completed, execution(api, plan.execution_id).dump());
      plan.person.reset();
    }
  }
  for (const auto& plan : running) check_finished(api, plan);
  const auto activity = board.snapshot();
  CHECK(activity.reviews_answered > 0);
  CHECK(activity.leases_lost == 0);
  CHECK_MESSAGE(activity.last_problem.empty(), activity.last_problem);
}

}  // namespace planexe::tests
