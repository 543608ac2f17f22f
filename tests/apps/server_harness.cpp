#include "tests/apps/server_harness.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A start replays the log and may share its cores with a whole test run.
constexpr milliseconds start_patience{60'000};
constexpr milliseconds stop_patience{30'000};
constexpr milliseconds look_interval{5};

constexpr int child_cannot_run = 127;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

bool equals_ignoring_case(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

json merged(json base, const json& extra) {
  base.update(extra);
  return base;
}

}  // namespace

scratch_folder::scratch_folder() {
  auto name = (fs::temp_directory_path() / "planexe-server-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::string server_program() {
  const char* chosen = std::getenv("PLANEXE_AX_BINARY");
  return chosen != nullptr ? chosen : PLANEXE_AX_BINARY;
}

// -- processes --------------------------------------------------------------------------------------------------------

child_process::~child_process() {
  if (!runs()) return;
  signal(SIGKILL);
  wait(stop_patience);
}

void child_process::start(const std::vector<std::string>& arguments, const environment& variables,
                          const fs::path& folder, const fs::path& log) {
  REQUIRE(!runs());
  // All memory is got before the fork: other threads may hold the allocator's lock.
  auto words = arguments;
  std::vector<std::string> assignments;
  for (const auto& [name, value] : variables) assignments.push_back(name + "=" + value);
  if (const char* path = std::getenv("PATH")) assignments.push_back(std::string("PATH=") + path);
  const auto argv = pointers_to(words), envp = pointers_to(assignments);
  const auto place = folder.string(), log_name = log.string();
  const pid_t parent = getpid();
  exit_code_.reset();
  pid_ = fork();
  REQUIRE(pid_ >= 0);
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = open(log_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  const bool ready = getppid() == parent && out >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
                     dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0 && chdir(place.c_str()) == 0;
  if (ready) execvpe(argv[0], argv.data(), envp.data());
  _exit(child_cannot_run);
}

bool child_process::runs() {
  return pid_ > 0 && !wait(milliseconds{0});
}

void child_process::signal(int number) const {
  if (pid_ > 0 && !exit_code_) ::kill(pid_, number);
}

std::optional<int> child_process::wait(milliseconds patience) {
  if (pid_ <= 0 || exit_code_) return exit_code_;
  const auto end = steady_clock::now() + patience;
  while (true) {
    int status = 0;
    const auto ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) return exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended < 0 || steady_clock::now() >= end) return std::nullopt;
    std::this_thread::sleep_for(look_interval);
  }
}

server_under_test::server_under_test(environment variables, std::vector<std::string> prefix)
    : variables_{{"PLANEXE_TASK_BACKOFF_SECONDS", "0.05"}, {"PLANEXE_REVIEW_THRESHOLD", "0"}},
      prefix_(std::move(prefix)) {
  for (auto& [name, value] : variables) variables_[name] = value;
  start();
}

void server_under_test::start() {
  ++starts_;
  auto words = prefix_;
  for (const auto& word : {server_program(), std::string("serve"), std::string("--execution-data-dir"),
                           data_folder().string(), std::string("--execution-port"), std::string("0")})
    words.push_back(word);
  process_.start(words, variables_, folder_.path(), folder_.path() / ("log" + std::to_string(starts_)));
  std::optional<std::uint16_t> port;
  eventually(
      [&] {
        port = logged_port();
        return port || !process_.runs();
      },
      start_patience);
  REQUIRE_MESSAGE(port, "the server did not start: ", log());
  address_ = {"127.0.0.1", *port};
}

std::optional<std::uint16_t> server_under_test::logged_port() const {
  constexpr std::string_view before = "serving on http://127.0.0.1:";
  const auto text = log();
  const auto at = text.find(before);
  if (at == std::string::npos) return std::nullopt;
  const auto digits = text.substr(at + before.size());
  if (digits.find(',') == std::string::npos) return std::nullopt;  // the line is not whole yet
  return static_cast<std::uint16_t>(std::stoul(digits));
}

demo::endpoint server_under_test::address(const std::string& key) const {
  auto with_key = address_;
  with_key.key = key;
  return with_key;
}

std::string server_under_test::log() const {
  return read_text(folder_.path() / ("log" + std::to_string(starts_)));
}

void server_under_test::kill() {
  process_.signal(SIGKILL);
  REQUIRE(process_.wait(stop_patience));
}

int server_under_test::terminate() {
  process_.signal(SIGTERM);
  const auto code = process_.wait(stop_patience);
  REQUIRE_MESSAGE(code, "the server did not end: ", log());
  return *code;
}

// -- HTTP -------------------------------------------------------------------------------------------------------------

ended run(const std::filesystem::path& folder, std::vector<std::string> words) {
  words.insert(words.begin(), server_program());
  child_process process;
  const auto said = folder / "said";
  process.start(words, {}, folder, said);
  const auto code = process.wait(std::chrono::minutes(1));
  return {code.value_or(-1), read_text(said)};
}

ended run(const server_under_test& server, std::vector<std::string> words) {
  return run(server.folder(), std::move(words));
}

std::string reply::header(std::string_view name) const {
  for (const auto& field : fields)
    if (equals_ignoring_case(field.name, name)) return field.value;
  return {};
}

std::string reply::code() const {
  return body.is_object() ? body.value("code", "") : "";
}

std::vector<std::string> reply::fields_named() const {
  std::vector<std::string> names;
  if (!body.is_object() || !body.contains("errors")) return names;
  for (const auto& error : body["errors"]) {
    CHECK(!error.at("message").get<std::string>().empty());
    names.push_back(error.at("field"));
  }
  std::sort(names.begin(), names.end());
  return names;
}

reply api_client::send(const std::string& method, const std::string& path, const std::string& text,
                       const headers& fields) {
  auto got = http_.request(method, path, text, fields);
  reply answer;
  if (!got) {
    answer.text = got.error().detail;
    return answer;
  }
  answer.status = got->status;
  answer.text = std::move(got->body);
  answer.fields = std::move(got->headers);
  answer.body = json::parse(answer.text, nullptr, false);
  if (answer.status < 400 || method == "HEAD") return answer;
  CHECK(got->content_type == "application/problem+json");
  CHECK(answer.body.value("status", 0U) == answer.status);
  for (const char* member : {"type", "title", "detail", "code"}) CHECK(answer.body.contains(member));
  return answer;
}

reply api_client::get(const std::string& path, const headers& fields) {
  auto answer = send("GET", path, {}, fields);
  REQUIRE_MESSAGE(answer.status != 0, answer.text);
  return answer;
}

reply api_client::post(const std::string& path, const json& body, const headers& fields) {
  auto answer = send("POST", path, body.dump(), fields);
  REQUIRE_MESSAGE(answer.status != 0, answer.text);
  return answer;
}

reply api_client::patch(const std::string& path, const json& body, const headers& fields) {
  auto answer = send("PATCH", path, body.dump(), fields);
  REQUIRE_MESSAGE(answer.status != 0, answer.text);
  return answer;
}

bool eventually(const std::function<bool()>& holds, milliseconds patience) {
  const auto end = steady_clock::now() + patience;
  while (!holds()) {
    if (steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(look_interval);
  }
  return true;
}

bool runs_in_ci() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

void skip(const std::string& why) {
  if (runs_in_ci()) FAIL(why);
  std::cout << "SKIPPED: " << why << std::endl;
}

// -- scenarios --------------------------------------------------------------------------------------------------------

json plan_of(const std::vector<std::string>& tasks, const json& extra) {
  json list = json::array();
  for (const auto& id : tasks)
    list.push_back(merged({{"task_id", id}, {"title", "Do " + id}, {"action", "work"}}, extra));
  return {{"goal", "Get it done"}, {"phases", {{{"phase_id", "P"}, {"name", "All of it"}, {"tasks", list}}}}};
}

std::string start_execution(api_client& api, const json& plan, const json& options) {
  const auto created = api.post("/api/executions", {{"plan", plan}, {"start", true}, {"options", options}});
  REQUIRE_MESSAGE(created.status == 201, created.text);
  return created.body.at("execution_id");
}

std::string register_agent(api_client& api, const std::string& id, const json& extra) {
  const json profile = {
      {"agent_id", id}, {"name", "Agent " + id}, {"role", "generalist"}, {"capabilities", {{{"action", "*"}}}}};
  const auto registered = api.post("/api/agents", merged(profile, extra));
  REQUIRE_MESSAGE(registered.status == 201, registered.text);
  return registered.body.at("agent_id");
}

json poll(api_client& api, const std::string& agent, const std::string& query) {
  const auto answer = api.get("/api/agents/" + agent + "/work" + (query.empty() ? "" : "?" + query));
  if (answer.status == 204) return nullptr;
  REQUIRE_MESSAGE(answer.status == 200, answer.text);
  return answer.body.at("next_task");
}

json report_of(const std::string& agent, const json& task, const std::string& type, const json& extra) {
  return merged({{"agent_id", agent},
                 {"event_type", type},
                 {"task_id", task.at("task_id")},
                 {"lease_token", task.at("lease_token")}},
                extra);
}

reply report(api_client& api, const std::string& agent, const json& task, const std::string& type, const json& extra) {
  const std::string id = task.at("execution_id");
  return api.post("/api/executions/" + id + "/events", report_of(agent, task, type, extra));
}

json without_forecasts(json body) {
  if (body.is_object()) {
    body.erase("forecast");
    body.erase("slack_days");
  }
  if (body.is_structured())
    for (auto& each : body) each = without_forecasts(std::move(each));
  return body;
}

json execution(api_client& api, const std::string& id) {
  const auto got = api.get("/api/executions/" + id);
  REQUIRE_MESSAGE(got.status == 200, got.text);
  return without_forecasts(got.body);
}

std::string status(api_client& api, const std::string& id) {
  const auto got = api.get("/api/executions/" + id + "/status");
  REQUIRE_MESSAGE(got.status == 200, got.text);
  return got.body.at("status");
}

bool reaches(api_client& api, const std::string& id, const std::string& wanted) {
  return eventually([&] { return status(api, id) == wanted; });
}

json task(api_client& api, const std::string& id, const std::string& task_id) {
  const auto got = api.get("/api/executions/" + id + "/tasks?flat=true");
  REQUIRE_MESSAGE(got.status == 200, got.text);
  for (const auto& each : got.body)
    if (each.at("task_id") == task_id) return without_forecasts(each);
  FAIL("no task " << task_id);
  return nullptr;
}

json history(api_client& api, const std::string& id) {
  constexpr std::size_t page = 1000;  // the contract's largest
  json events = json::array();
  while (true) {
    const auto path = "/api/executions/" + id + "/events?order=asc&limit=" + std::to_string(page) +
                      "&after_seq=" + std::to_string(events.size());
    const auto got = api.get(path);
    REQUIRE_MESSAGE(got.status == 200, got.text);
    events.insert(events.end(), got.body.begin(), got.body.end());
    if (got.body.size() < page) return events;
  }
}

std::size_t count_events(api_client& api, const std::string& id, const std::string& type, const std::string& task_id) {
  const auto got = api.get("/api/executions/" + id + "/events?limit=1000&type=" + type +
                           (task_id.empty() ? "" : "&task_id=" + task_id));
  REQUIRE_MESSAGE(got.status == 200, got.text);
  return got.body.size();
}

void check_gapless(const json& events) {
  std::uint64_t seq = 0;
  for (const auto& event : events) {
    ++seq;
    REQUIRE(event.at("seq") == seq);
    REQUIRE(event.at("hash").get<std::string>().size() == 64);
  }
}

reply resolve(api_client& api, const std::string& id, const std::string& task_id, const std::string& action,
              const json& extra) {
  return api.post("/api/executions/" + id + "/tasks/" + task_id + "/resolution", merged({{"action", action}}, extra));
}

}  // namespace planexe::tests
