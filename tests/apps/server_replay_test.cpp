// What a server answered live is what a replay of its log gives, at every event; and the replay command beside it.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

#include "apps/replay/recording.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_task.hpp"
#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t events_wanted = 1'000;  // several times as slow
#else
constexpr std::uint64_t events_wanted = 5'000;
#endif

/// What moves with the clock alone, or is renewed by no event.
json timeless(json body) {
  if (body.is_object()) {
    for (const auto* name : {"forecast", "slack_days", "lease_expires_at"}) body.erase(name);
  }
  if (body.is_structured())
    for (auto& each : body) each = timeless(std::move(each));
  return body;
}

/// An execution and its tasks as one moment, by their digests: thousands of whole ones would fill the memory.
struct seen {
  std::uint64_t version = 0;
  domain::sha256_digest execution{};
  domain::sha256_digest tasks{};
};

domain::sha256_digest digest_of(const json& body) {
  return eventstore::sha256(timeless(body).dump());
}

/// Of the server as it is now; nothing where something happened between the answers.
std::optional<seen> look(api_client& api, const std::string& id) {
  const auto before = api.get("/api/executions/" + id);
  const auto tasks = api.get("/api/executions/" + id + "/tasks");
  const auto after = api.get("/api/executions/" + id + "/status");
  REQUIRE(before.status == 200);
  REQUIRE(tasks.status == 200);
  if (before.body.at("version") != after.body.at("version")) return std::nullopt;
  return seen{before.body.at("version"), digest_of(before.body), digest_of(tasks.body)};
}

/// The same as text, whole.
struct rendered {
  std::string execution;
  std::string tasks;
};

rendered look_back(demo::http_client& http, const std::string& id, std::uint64_t seq) {
  const auto at = "?at_seq=" + std::to_string(seq);
  auto execution = http.request("GET", "/api/executions/" + id + at);
  auto tasks = http.request("GET", "/api/executions/" + id + "/tasks" + at);
  REQUIRE(execution);
  REQUIRE(tasks);
  REQUIRE_MESSAGE(execution->status == 200, execution->body);
  REQUIRE_MESSAGE(tasks->status == 200, tasks->body);
  return {std::move(execution->body), std::move(tasks->body)};
}

rendered replayed(const std::string& id, const domain::execution_state& state) {
  rendered text;
  gateway::render_execution(text.execution, {id}, state, state.updated_at);
  gateway::render_task_tree(text.tasks, state, state.updated_at, {});
  return text;
}

/// Agents and people who do whatever can be done, and now and then what cannot.
class crowd {
 public:
  crowd(api_client& api, std::string id, std::uint32_t seed) : api_(api), id_(std::move(id)), random_(seed) {
    for (const auto* agent : {"ann", "bob", "cem", "dee"}) register_agent(api_, agent, {{"max_concurrent_tasks", 2}});
  }

  void step() {
    if (below(100) < 8) return person();
    // Who has something in hand goes on with it as a rule.
    auto agent = agents_[below(agents_.size())];
    if (held_[agent].empty() && below(10) > 0)
      for (const auto& each : agents_)
        if (!held_[each].empty()) agent = each;
    auto& hands = held_[agent];
    if (hands.empty() || below(100) < 5) {
      if (const auto task = poll(api_, agent); !task.is_null()) take(hands, task);
      return;
    }
    const auto which = below(hands.size());
    auto task = hands[which];
    const auto roll = below(1'000);
    if (roll < 850) return tell(agent, task, "task_progress", {{"progress_percent", below(101)}, {"message", words()}});
    if (roll < 900) return tell(agent, task, "task_started", {{"message", words()}});
    hands.erase(hands.begin() + static_cast<std::ptrdiff_t>(which));
    if (roll < 906)
      return tell(agent, task, "task_complete", {{"output_data", {{"n", below(1'000)}, {"said", words()}}}});
    if (roll < 950)
      return tell(agent, task, "task_error",
                  {{"error_type", "weather"}, {"error_message", words()}, {"retryable", below(4) != 0}});
    if (roll < 980) {
      tell(agent, task, "task_blocked", {{"message", words()}, {"max_wait_hours", 1 + below(40)}});
      if (below(2) == 0) tell(agent, task, "task_unblocked", {{"message", "it came"}});
      return;
    }
    if (roll < 999) return tell(agent, task, "task_progress", {{"lease_token", "another one"}});
    const auto part = [&](int n) {
      return json{{"subtask_id", task.at("task_id").get<std::string>() + "." + std::to_string(n)},
                  {"title", "Part " + std::to_string(n)},
                  {"action", "work"}};
    };
    tell(agent, task, "subtasks_proposed", {{"subtasks", {part(1), part(2)}}});
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  std::string words() {
    static const std::vector<std::string> said{"", "half of it", "the ground is wet", "Zürich – 東京 \"now\"",
                                               "as it was agreed with the town, but for the north quay"};
    return said[below(said.size())];
  }
  static void take(std::vector<json>& hands, const json& task) {
    for (const auto& each : hands)
      if (each.at("task_id") == task.at("task_id")) return;
    hands.push_back(task);
  }
  void tell(const std::string& agent, const json& task, const std::string& type, const json& extra) {
    const auto answer = report(api_, agent, task, type, extra);
    // Whoever asked too late is told so, and forgets the task.
    if (answer.status < 400) return;
    auto& hands = held_[agent];
    std::erase_if(hands, [&](const json& each) { return each.at("task_id") == task.at("task_id"); });
  }
  void person() {
    const auto roll = below(10);
    if (roll == 0) {
      api_.patch("/api/executions/" + id_, {{"status", "PAUSED"}, {"reason", words()}});
    } else if (roll == 1) {
      api_.patch("/api/executions/" + id_, {{"priority", below(5)}});
    } else {
      const auto status_now = status(api_, id_);
      if (status_now == "PAUSED") api_.patch("/api/executions/" + id_, {{"status", "RUNNING"}});
      if (status_now == "FAILED") api_.patch("/api/executions/" + id_, {{"status", "QUEUED"}});
    }
    const auto blockers = api_.get("/api/executions/" + id_ + "/blockers").body;
    if (blockers.empty()) return;
    const auto& blocker = blockers[below(blockers.size())];
    const std::string task = blocker.at("task_id");
    const auto& options = blocker.at("options");
    if (options.empty()) return;
    const std::string action = options[below(options.size())];
    // Skipping and completing would be over too soon.
    if (action == "retry" || action == "approve" || action == "unblock" || (action == "complete" && below(10) == 0))
      resolve(api_, id_, task, action, {{"note", words()}});
    else
      resolve(api_, id_, task, "retry", {{"note", "once more"}});
  }

  api_client& api_;
  std::string id_;
  std::mt19937 random_;
  std::vector<std::string> agents_{"ann", "bob", "cem", "dee"};
  std::map<std::string, std::vector<json>> held_;
};

std::vector<std::string> ids(std::size_t count) {
  std::vector<std::string> made;
  for (std::size_t i = 1; i <= count; ++i) made.push_back("t" + std::to_string(i));
  return made;
}

ended replay(const server_under_test& server, std::vector<std::string> words) {
  words.insert(words.begin(), "replay");
  return run(server, std::move(words));
}

}  // namespace

TEST_CASE("at every seq of 5000 events the replayed state is what the server answered live and what it answers later") {
  server_under_test server(environment{{"PLANEXE_TASK_MAX_ATTEMPTS", "4"}});
  api_client api(server.address());
  auto plan = plan_of(ids(60));
  for (std::size_t i = 12; i < 60; ++i)
    plan["phases"][0]["tasks"][i]["prerequisites"] = json{"t" + std::to_string(i - 11)};
  const auto id = start_execution(api, plan);
  crowd everybody(api, id, 20'260'101);
  std::map<std::uint64_t, seen> live;
  std::uint64_t version = 0;
  for (std::uint64_t steps = 0; version < events_wanted && steps < 4 * events_wanted; ++steps) {
    everybody.step();
    if (auto now = look(api, id)) {
      version = now->version;
      live.insert_or_assign(version, *now);
    }
  }
  REQUIRE_MESSAGE(version >= events_wanted, "only ", version, " events: ", execution(api, id).dump());
  MESSAGE(version, " events, of ", live.size(), " moments the live answer was kept");
  CHECK(live.size() > events_wanted / 2);

  auto from = replaying::recording::open(
      [&]() -> result<std::shared_ptr<const eventstore::event_log>> {
        auto store = eventstore::rocksdb_store::open_to_read(server.data_folder().string());
        REQUIRE_MESSAGE(store, store.error().detail);
        return std::shared_ptr<const eventstore::event_log>{std::move(*store)};
      },
      {id});
  REQUIRE(from);
  replaying::playhead at{*from};
  demo::http_client http{server.address(), std::chrono::seconds(30)};
  for (std::uint64_t seq = 1; seq <= version; ++seq) {
    REQUIRE(at.go(seq));
    const auto now = replayed(id, at.state());
    // Asked of the past the server gives the very same bytes, forecasts included.
    const auto past = look_back(http, id, seq);
    REQUIRE_MESSAGE(now.execution == past.execution, "seq ", seq);
    REQUIRE_MESSAGE(now.tasks == past.tasks, "seq ", seq);
    const auto known = live.find(seq);
    if (known == live.end()) continue;
    REQUIRE_MESSAGE(digest_of(json::parse(now.execution)) == known->second.execution, "seq ", seq, " ", now.execution);
    REQUIRE_MESSAGE(digest_of(json::parse(now.tasks)) == known->second.tasks, "seq ", seq, " ", now.tasks);
  }
}

TEST_CASE("a replay of a running server is that of its log beside it and of an exported file") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a", "b"}));
  auto task = poll(api, "ann");
  REQUIRE(report(api, "ann", task, "task_progress", {{"progress_percent", 50}}).status == 201);
  const auto seq = std::to_string(execution(api, id).at("version").get<int>());
  const auto from_folder = replay(server, {id, "--data-dir", server.data_folder().string(), "--at", seq, "--json"});
  REQUIRE_MESSAGE(from_folder.code == 0, from_folder.said);
  const auto from_server = replay(server, {id, "--url", server.address().url(), "--at", seq, "--json"});
  REQUIRE_MESSAGE(from_server.code == 0, from_server.said);
  CHECK(json::parse(from_server.said) == json::parse(from_folder.said));
  CHECK(json::parse(from_server.said).at("execution").at("execution_id") == id);

  const auto exported = api.get("/api/executions/" + id + "/export");
  REQUIRE(exported.status == 200);
  const auto file = server.folder() / "life.jsonl";
  std::ofstream(file, std::ios::binary) << exported.text;
  const auto from_file = replay(server, {file.string(), "--at", seq, "--json"});
  REQUIRE_MESSAGE(from_file.code == 0, from_file.said);
  CHECK(json::parse(from_file.said) == json::parse(from_folder.said));

  auto changed = exported.text;
  const auto percent = changed.find("\"progress_percent\":50");
  REQUIRE(percent != std::string::npos);
  changed.replace(percent, 21, "\"progress_percent\":51");
  std::ofstream(file, std::ios::binary) << changed;
  const auto refused = replay(server, {file.string(), "--json"});
  CHECK(refused.code == 1);
  CHECK_MESSAGE(refused.said.find("line ") != std::string::npos, refused.said);

  const auto text = replay(server, {id, "--url", server.address().url()});
  CHECK(text.code == 0);
  CHECK_MESSAGE(text.said.find("Agent ann, 50 %") != std::string::npos, text.said);
  CHECK(replay(server, {"nobody", "--url", server.address().url()}).code == 1);
}

TEST_CASE("an archived execution replays as before from the server and its folder and its archive file") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a", "b"}));
  for (auto task = poll(api, "ann"); !task.is_null(); task = poll(api, "ann"))
    REQUIRE(report(api, "ann", task, "task_complete", {{"output_data", {{"n", 1}}}}).status == 201);
  REQUIRE(reaches(api, id, "COMPLETED"));
  const auto folder = server.data_folder().string();
  const auto before = replay(server, {id, "--data-dir", folder, "--at", "5", "--json"});
  REQUIRE_MESSAGE(before.code == 0, before.said);
  const auto archived = api.post("/api/executions/" + id + "/archive", json::object());
  REQUIRE_MESSAGE(archived.status < 300, archived.text);
  const auto file = folder + "/archive/" + id + ".jsonl.zst";
  REQUIRE(eventually([&] { return std::filesystem::exists(file); }));
  for (const auto& words : std::vector<std::vector<std::string>>{
           {id, "--data-dir", folder}, {id, "--url", server.address().url()}, {file}}) {
    auto all = words;
    all.insert(all.end(), {"--at", "5", "--json"});
    const auto after = replay(server, all);
    REQUIRE_MESSAGE(after.code == 0, words.front(), ": ", after.said);
    CHECK(json::parse(after.said) == json::parse(before.said));
  }
}

TEST_CASE("following a running server tells each event once and ends with the execution") {
  for (const bool beside : {false, true}) {
    server_under_test server;
    api_client api(server.address());
    register_agent(api, "ann");
    const auto id = start_execution(api, plan_of({"a", "b", "c"}));
    std::vector<std::string> words{server_program(), "replay", id, "--at", "1", "--follow", "--json"};
    if (beside)
      words.insert(words.end(), {"--data-dir", server.data_folder().string()});
    else
      words.insert(words.end(), {"--url", server.address().url()});
    child_process process;
    const auto said = server.folder() / "followed";
    process.start(words, {}, server.folder(), said);
    for (auto task = poll(api, "ann"); !task.is_null(); task = poll(api, "ann")) {
      const auto before = execution(api, id).at("version").get<std::uint64_t>();
      REQUIRE(eventually([&] {
        const auto text = read_text(said);
        return text.find("{\"seq\": " + std::to_string(before)) != std::string::npos ||
               text.find("{\"seq\":" + std::to_string(before)) != std::string::npos;
      }));
      REQUIRE(report(api, "ann", task, "task_complete").status == 201);
    }
    REQUIRE(reaches(api, id, "COMPLETED"));
    const auto code = process.wait(std::chrono::seconds(20));
    REQUIRE_MESSAGE(code == 0, read_text(said));
    std::uint64_t seq = 0;
    std::istringstream lines(read_text(said));
    for (std::string line; std::getline(lines, line);) CHECK(json::parse(line).at("seq") == ++seq);
    CHECK(seq == execution(api, id).at("version"));
  }
}

TEST_CASE("events and exports are told as they were at a moment, and what knows no past says so") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a", "b"}));
  REQUIRE(report(api, "ann", poll(api, "ann"), "task_complete").status == 201);
  const auto all = history(api, id);
  const auto path = "/api/executions/" + id, events = path + "/events";
  const auto last = all.size();
  REQUIRE(last > 3);
  const auto asked = [&](const std::string& query) {
    const auto answer = api.get(events + query);
    REQUIRE_MESSAGE(answer.status == 200, answer.text);
    return answer.body;
  };
  for (std::size_t seq = 1; seq <= last; ++seq) {
    const auto at = "at_seq=" + std::to_string(seq);
    const json then(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(seq));
    CHECK(asked("?order=asc&" + at) == then);
    CHECK(asked("?limit=1&" + at) == json::array({then.back()}));
    CHECK(asked("?order=asc&after_seq=1&before_seq=3&" + at) == (seq < 2 ? json::array() : json::array({all.at(1)})));
    // What the past does not have never comes.
    CHECK(asked("?wait=60&" + at + "&after_seq=" + std::to_string(seq)) == json::array());
    const auto time = all.at(seq - 1).at("timestamp").get<std::string>();
    CHECK(asked("?order=asc&at=" + time) == asked("?order=asc&at_seq=" + std::to_string(asked("?at=" + time).size())));
    CHECK(asked("?limit=1&at=" + time).at(0).at("timestamp") == time);
    const auto exported = api.get(path + "/export?" + at);
    CHECK(static_cast<std::size_t>(std::count(exported.text.begin(), exported.text.end(), '\n')) == seq);
    const auto as_of = asked("?at=" + time).size();
    CHECK(api.get(path + "/export?at=" + time).text == api.get(path + "/export?at_seq=" + std::to_string(as_of)).text);
  }
  // Page by page.
  const auto page = api.get(events + "?at_seq=3&limit=2");
  REQUIRE(page.header("link").find("at_seq=3") != std::string::npos);
  CHECK(page.body.size() == 2);
  const auto link = page.header("link");
  CHECK(api.get(link.substr(1, link.find('>') - 1)).body == json::array({all.at(0)}));

  for (const std::string part : {"", "/tasks", "/blockers", "/report", "/why", "/tasks/a/why", "/events", "/export"}) {
    CAPTURE(part);
    CHECK(api.get(path + part + "?at_seq=1").status == 200);
    CHECK(api.get(path + part + "?at=2100-01-01T00:00:00Z").status == 200);
    CHECK(api.get(path + part + "?at_seq=0").status == 404);
    CHECK(api.get(path + part + "?at_seq=" + std::to_string(last + 1)).status == 404);
    CHECK(api.get(path + part + "?at=2001-01-01T00:00:00Z").status == 404);
    CHECK(api.get(path + part + "?at_seq=x").status == 400);
    CHECK(api.get(path + part + "?at=yesterday").status == 400);
  }
  for (const auto& part : std::vector<std::string>{"/status", "/audit", "/compare?with=" + id, "/stream"}) {
    CAPTURE(part);
    for (const auto* query : {"at_seq=1", "at=2100-01-01T00:00:00Z"}) {
      const auto refused = api.send("GET", path + part + (part.find('?') == std::string::npos ? "?" : "&") + query, {},
                                    {{"Accept", "text/event-stream"}});
      CHECK(refused.status == 400);
      CHECK(refused.text.find("the present alone") != std::string::npos);
    }
  }
}

}  // namespace planexe::tests
