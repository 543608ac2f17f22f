// Kills the server in the middle of its work, again and again: whatever was answered is there, once, and the work goes
// on to its end. PLANEXE_E2E_KILLS says how often, PLANEXE_E2E_SEED when.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

using std::chrono::milliseconds;

constexpr unsigned agents = 6, tasks_per_execution = 12;
// So many tasks are left to do before another execution is made.
constexpr std::size_t work_ahead = 2 * tasks_per_execution;

unsigned number_from(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(text));
}

/// What clients were told, and where the server is. Any thread.
class ledger {
 public:
  struct entry {
    std::string execution, type, task, agent;
    json answer;
  };

  demo::endpoint address() const {
    const std::lock_guard lock(mutex_);
    return address_;
  }
  void moved_to(const demo::endpoint& address) {
    const std::lock_guard lock(mutex_);
    address_ = address;
  }
  void note_report(entry told) {
    const std::lock_guard lock(mutex_);
    if (told.type == "task_complete") ++completed;
    ++acknowledged;
    reports_.push_back(std::move(told));
  }
  void note_assignment(entry told) {
    const std::lock_guard lock(mutex_);
    ++acknowledged;
    assignments_.push_back(std::move(told));
  }
  void note_execution(const json& answer) {
    const std::lock_guard lock(mutex_);
    ++acknowledged;
    executions_.push_back(answer);
  }
  std::vector<entry> reports() const {
    const std::lock_guard lock(mutex_);
    return reports_;
  }
  std::vector<entry> assignments() const {
    const std::lock_guard lock(mutex_);
    return assignments_;
  }
  std::vector<json> executions() const {
    const std::lock_guard lock(mutex_);
    return executions_;
  }

  std::atomic<std::size_t> acknowledged{0}, completed{0};
  std::atomic<bool> no_more_work{false}, stop{false};

 private:
  mutable std::mutex mutex_;
  demo::endpoint address_;
  std::vector<entry> reports_, assignments_;
  std::vector<json> executions_;
};

/// A client that does not give up while the server is away. What it sends under a key has an effect once.
class stubborn_client {
 public:
  explicit stubborn_client(ledger& book, std::string name) : book_(book), name_(std::move(name)) {}

  reply get(const std::string& path) { return send("GET", path, {}, {}); }
  reply post(const std::string& path, const json& body, bool with_key = true) {
    headers fields;
    if (with_key) fields.push_back({"Idempotency-Key", name_ + "-" + std::to_string(++keys_)});
    return send("POST", path, body.dump(), fields);
  }

 private:
  reply send(const std::string& method, const std::string& path, const std::string& body, const headers& fields) {
    while (!book_.stop) {
      const auto address = book_.address();
      if (!http_ || address.port != port_) http_.emplace(address);
      port_ = address.port;
      auto answer = http_->send(method, path, body, fields);
      if (answer.status != 0 && answer.status != 503) return answer;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return {};
  }

  ledger& book_;
  std::string name_;
  unsigned keys_ = 0;
  std::uint16_t port_ = 0;
  std::optional<api_client> http_;
};

/// An agent that reports everything it can, with a key or without.
class busy_agent {
 public:
  busy_agent(ledger& book, unsigned number, unsigned seed)
      : book_(book), name_("agent-" + std::to_string(number)), client_(book, name_), random_(seed + number) {}

  void run() {
    const auto registered = client_.post(
        "/api/agents", {{"agent_id", name_}, {"name", name_}, {"role", "r"}, {"capabilities", {{{"action", "*"}}}}});
    CHECK((registered.status == 201 || book_.stop));
    while (!book_.stop) {
      const auto answer = client_.get("/api/agents/" + name_ + "/work?wait=0.2");
      if (answer.status != 200) continue;
      const auto& held = answer.body.at("next_task");
      book_.note_assignment({held.at("execution_id"), "task_assigned", held.at("task_id"), name_, held});
      if (random_() % 4 == 0) tell(held, "task_progress", {{"progress_percent", 50}});
      const bool fails = held.at("attempt") == 1 && random_() % 8 == 0;
      if (fails)
        tell(held, "task_error", {{"error_message", "by design"}});
      else
        tell(held, "task_complete", {{"output_data", {{"by", name_}, {"attempt", held.at("attempt")}}}});
    }
  }

 private:
  void tell(const json& held, const std::string& type, const json& extra) {
    const std::string id = held.at("execution_id");
    // A result that is repeated is known as the same one even without a key. Progress would be recorded twice, and a
    // failure may have been followed by the next attempt already.
    const bool with_key = (type != "task_complete" && type != "task_error") || random_() % 2 == 0;
    const auto answer =
        client_.post("/api/executions/" + id + "/events", report_of(name_, held, type, extra), with_key);
    if (book_.stop) return;
    CHECK_MESSAGE((answer.status == 201 || answer.status == 200), answer.text);
    if (answer.status >= 300) return;
    if (answer.status == 200) CHECK(answer.body.at("duplicate") == true);
    book_.note_report({id, type, held.at("task_id"), name_, answer.body});
  }

  ledger& book_;
  std::string name_;
  stubborn_client client_;
  std::mt19937 random_;
};

/// Twelve tasks in three phases, with an order inside.
json plan_with_order() {
  json phases = json::array();
  for (const std::string phase : {"x", "y", "z"}) {
    auto tasks = plan_of({phase + "1", phase + "2", phase + "3", phase + "4"})["phases"][0]["tasks"];
    tasks[3]["prerequisites"] = {phase + "1", phase + "2"};
    phases.push_back({{"phase_id", phase}, {"name", "Phase " + phase}, {"tasks", tasks}});
  }
  return {{"goal", "Survive"}, {"phases", phases}};
}

void make_work(ledger& book) {
  stubborn_client client(book, "maker");
  const json options = {{"retry_policy", {{"max_attempts", 3}, {"backoff_seconds", 0.01}}}};
  while (!book.stop && !book.no_more_work) {
    const auto left = book.executions().size() * tasks_per_execution - book.completed;
    if (left >= work_ahead) {
      std::this_thread::sleep_for(milliseconds(2));
      continue;
    }
    const auto plan = client.post("/api/plans", plan_with_order());
    if (book.stop) return;
    REQUIRE_MESSAGE(plan.status == 201, plan.text);
    const auto created =
        client.post("/api/executions", {{"plan_id", plan.body.at("plan_id")}, {"start", true}, {"options", options}});
    if (book.stop) return;
    REQUIRE_MESSAGE(created.status == 201, created.text);
    book.note_execution(created.body);
  }
}

/// Everything that was told is in the log, where it was told to be.
void check_told(api_client& api, const ledger& book) {
  const auto reports = book.reports(), assignments = book.assignments();
  const auto executions = book.executions();
  std::map<std::string, json> histories;
  for (const auto& told : executions) {
    const std::string id = told.at("execution_id");
    const auto events = history(api, id);
    check_gapless(events);
    REQUIRE(!events.empty());
    CHECK(api.get("/api/plans/" + told.at("plan_id").get<std::string>()).status == 200);
    histories.emplace(id, events);
  }
  const auto whole = [&](const std::string& id) -> const json& {
    const auto [known, added] = histories.try_emplace(id);
    if (added) known->second = history(api, id);  // its creation was not answered before the end came
    return known->second;
  };
  for (const auto& [id, type, task, agent, answer] : reports) {
    const auto seq = answer.at("seq").get<std::size_t>();
    REQUIRE(seq <= whole(id).size());
    const auto& event = whole(id)[seq - 1];
    CHECK(event.at("event_id") == answer.at("event_id"));
    CHECK(event.at("event_type") == type);
    CHECK(event.at("task_id") == task);
    CHECK(event.at("agent_id") == agent);
  }
  std::map<std::string, std::set<std::string>> assigned;
  for (const auto& [id, events] : histories)
    for (const auto& event : events)
      if (event.at("event_type") == "task_assigned")
        CHECK(assigned[id].insert(event.at("task_id").get<std::string>() + "#" + event.at("attempt").dump()).second);
  for (const auto& [id, type, task, agent, answer] : assignments)
    CHECK(assigned[id].contains(task + "#" + answer.at("attempt").dump()));
}

/// Lets the threads go whatever happens.
class stopper {
 public:
  explicit stopper(ledger& book) : book_(book) {}
  stopper(const stopper&) = delete;
  stopper& operator=(const stopper&) = delete;
  ~stopper() { book_.stop = true; }

 private:
  ledger& book_;
};

}  // namespace

TEST_CASE("a server that is killed again and again loses nothing that it has answered") {
  const auto kills = number_from("PLANEXE_E2E_KILLS", 30), seed = number_from("PLANEXE_E2E_SEED", 1);
  CAPTURE(seed);
  std::mt19937 random(seed);
  server_under_test server;
  ledger book;
  book.moved_to(server.address());
  std::vector<std::future<void>> threads;
  const stopper stop(book);
  threads.push_back(std::async(std::launch::async, [&book] { make_work(book); }));
  for (unsigned i = 0; i < agents; ++i)
    threads.push_back(std::async(std::launch::async, [&book, i, seed] { busy_agent(book, i, seed).run(); }));
  for (unsigned kill = 0; kill < kills; ++kill) {
    CAPTURE(kill);
    const auto enough = book.acknowledged + 30 + random() % 60;
    REQUIRE(eventually([&] { return book.acknowledged >= enough; }, std::chrono::seconds(60)));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 5'000));
    server.kill();
    server.start();
    if (kill % 3 == 1) {  // a start is cut short as well
      server.kill();
      server.start();
    }
    api_client api(server.address());
    check_told(api, book);
    book.moved_to(server.address());
  }
  book.no_more_work = true;
  threads.front().get();
  api_client api(server.address());
  const auto created = book.executions();
  for (const auto& each : created) {
    const std::string id = each.at("execution_id");
    CHECK(eventually([&] { return status(api, id) == "COMPLETED"; }, std::chrono::seconds(60)));
  }
  check_told(api, book);
  CHECK(api.get("/api/executions?limit=1000").body.size() == created.size());
  CHECK(api.get("/api/plans?limit=1000").body.size() == created.size());
  for (const auto& each : created) {
    std::map<std::string, unsigned> completions;
    for (const auto& event : history(api, each.at("execution_id")))
      if (event.at("event_type") == "task_complete") ++completions[event.at("task_id")];
    CHECK(completions.size() == tasks_per_execution);
    for (const auto& [task, count] : completions) CHECK_MESSAGE(count == 1, task);
  }
  book.stop = true;
  for (std::size_t i = 1; i < threads.size(); ++i) threads[i].get();
  MESSAGE(kills, " kills, ", book.acknowledged.load(), " answers, ", created.size(), " executions");
}

}  // namespace planexe::tests
