// Starting and stopping: what cannot be done is said in one line with exit code 2, and a stop answers everybody.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <thread>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

struct outcome {
  int exit_code = -1;
  std::string output;
};

outcome run(const std::vector<std::string>& arguments, const fs::path& folder, const environment& variables = {}) {
  std::vector<std::string> words = {server_program()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto log = folder / "output";
  child_process process;
  process.start(words, variables, folder, log);
  const auto code = process.wait(std::chrono::seconds(60));
  return {code.value_or(-1), read_text(log)};
}

outcome serve(const fs::path& folder, const fs::path& data, const environment& variables = {},
              const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"serve", "--execution-data-dir", data.string(), "--execution-port", "0"};
  words.insert(words.end(), more.begin(), more.end());
  return run(words, folder, variables);
}

void check_refused(const outcome& refused, const std::vector<std::string>& mentions) {
  CAPTURE(refused.output);
  CHECK(refused.exit_code == 2);
  CHECK(std::count(refused.output.begin(), refused.output.end(), '\n') == 1);
  CHECK(refused.output.starts_with("planexe-ax: "));
  for (const auto& text : mentions) CHECK_MESSAGE(refused.output.find(text) != std::string::npos, text);
}

/// A port that this process listens on.
class taken_port {
 public:
  taken_port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(socket_, 1) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~taken_port() { close(socket_); }
  taken_port(const taken_port&) = delete;
  taken_port& operator=(const taken_port&) = delete;
  std::string number() const { return std::to_string(port_); }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE("a port that is taken is named") {
  const scratch_folder folder;
  const taken_port port;
  check_refused(run({"serve", "--execution-data-dir", "data", "--execution-port", port.number()}, folder.path()),
                {port.number(), "in use"});
}

TEST_CASE("a data folder that cannot be used is named, and nothing is touched") {
  const scratch_folder folder;
  std::ofstream(folder.path() / "file") << "mine";
  check_refused(serve(folder.path(), folder.path() / "file"), {"file"});
  check_refused(serve(folder.path(), folder.path() / "file" / "below"), {"below"});
  CHECK(read_text(folder.path() / "file") == "mine");
  check_refused(serve(folder.path(), "/proc/planexe-data"), {"/proc/planexe-data"});
  if (geteuid() != 0) {
    fs::create_directory(folder.path() / "locked");
    fs::permissions(folder.path() / "locked", fs::perms::owner_read | fs::perms::owner_exec);
    check_refused(serve(folder.path(), folder.path() / "locked"), {"locked"});
  }
}

TEST_CASE("a second server on the same folder is refused, and the first goes on") {
  server_under_test server;
  check_refused(serve(server.folder(), server.data_folder()), {server.data_folder().string(), "another server"});
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  CHECK(status(api, id) == "QUEUED");
}

TEST_CASE("a wrong setting is named with what it may be") {
  const scratch_folder folder;
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"PLANEXE_AGENT_TIMEOUT_SECONDS", "soon"},
      {"PLANEXE_EXECUTION_PORT", "65536"},
      {"PLANEXE_REVIEW_THRESHOLD", "1.5"},
      {"PLANEXE_EXECUTION_ENABLED", "perhaps"},
      {"PLANEXE_AUTH", "on"},
      {"PLANEXE_LOG_LEVEL", "loud"},
      {"PLANEXE_TASK_MAX_ATTEMPTS", "0"},
      {"PLANEXE_WORKER_PLAN_URL", "ftp://x"},
  };
  for (const auto& [name, value] : wrong) {
    CAPTURE(name);
    check_refused(run({"serve", "--execution-data-dir", "data"}, folder.path(), {{name, value}}), {name, value});
  }
  check_refused(serve(folder.path(), "data", {}, {"--agent-timeout-seconds", "-1"}), {"PLANEXE_AGENT_TIMEOUT_SECONDS"});
  check_refused(serve(folder.path(), "data", {}, {"--execution-host", "0.0.0.0"}), {"PLANEXE_EXECUTION_HOST"});
  std::ofstream(folder.path() / "settings.toml") << "review_threshold = 7\n";
  check_refused(serve(folder.path(), "data", {}, {"--config", "settings.toml"}), {"settings.toml", "7"});
  std::ofstream(folder.path() / ".env") << "PLANEXE_TASK_BACKOFF_SECONDS=never\n";
  check_refused(serve(folder.path(), "data"), {"PLANEXE_TASK_BACKOFF_SECONDS", ".env"});
  CHECK(!fs::exists(folder.path() / "data"));
}

TEST_CASE("an unknown flag or command is wrong use") {
  const scratch_folder folder;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"sing"},
                                             {"serve", "--volume", "11"},
                                             {"serve", "--execution-port"},
                                             {"serve", "--config", "missing"}}) {
    const auto refused = run(words, folder.path());
    CAPTURE(refused.output);
    CHECK(refused.exit_code == 2);
    CHECK(!refused.output.empty());
  }
  CHECK(run({"--version"}, folder.path()).exit_code == 0);
  const auto help = run({"serve", "--help"}, folder.path());
  CHECK(help.exit_code == 0);
  CHECK(help.output.find("PLANEXE_AGENT_TIMEOUT_SECONDS") != std::string::npos);
  CHECK(help.output.find("with 2 when it cannot start") != std::string::npos);
}

TEST_CASE("a stop answers the polls that wait and exits with 0") {
  server_under_test server;
  std::string id;
  {
    api_client api(server.address());
    register_agent(api, "ann");
    id = start_execution(api, plan_of({"a"}), {{"max_parallel", 1}});
    poll(api, "ann");
    register_agent(api, "bob");
  }
  const auto ask = [&](const std::string& path) {
    return std::async(std::launch::async, [address = server.address(), path] {
      return api_client(address, std::chrono::seconds(90)).send("GET", path);
    });
  };
  std::vector<std::future<reply>> parked;
  for (int i = 0; i < 3; ++i) parked.push_back(ask("/api/agents/bob/work?wait=60"));
  parked.push_back(ask("/api/executions/" + id + "/events?wait=60&after_seq=4"));
  std::this_thread::sleep_for(milliseconds(300));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(server.terminate() == 0);
  // Far less than the sixty seconds of the polls, and than what a request under way is given at most.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
  for (auto& each : parked) {
    const auto answer = each.get();
    CAPTURE(answer.text);
    CHECK((answer.status == 204 || answer.status == 200 || answer.status == 503));
    if (answer.status == 503) CHECK(!answer.header("Retry-After").empty());
  }
  server.start();
  api_client api(server.address());
  CHECK(task(api, id, "a").at("agent_id") == "ann");
}

TEST_CASE("an interrupt stops it as well, and a start after it finds everything") {
  server_under_test server;
  json before;
  {
    api_client api(server.address());
    const auto id = start_execution(api, plan_of({"a", "b"}));
    register_agent(api, "ann");
    report(api, "ann", poll(api, "ann"), "task_complete", {{"output_data", 1}});
    before = execution(api, id);
    server.signal(SIGINT);
    CHECK(server.wait(std::chrono::seconds(30)) == 0);
  }
  server.start();
  CHECK(server.log().find("1 execution found") != std::string::npos);
  api_client api(server.address());
  CHECK(execution(api, before.at("execution_id")) == before);
  CHECK(api.get("/api/agents/ann").body.at("completed") == 1);
}

TEST_CASE("a data folder that has lost a part of itself is refused and left alone") {
  server_under_test server;
  {
    api_client api(server.address());
    start_execution(api, plan_of({"a"}));
  }
  CHECK(server.terminate() == 0);
  fs::rename(server.data_folder() / "CURRENT", server.folder() / "kept");
  check_refused(serve(server.folder(), server.data_folder()), {"CURRENT", "planexe-ax salvage"});
  fs::rename(server.folder() / "kept", server.data_folder() / "CURRENT");
  server.start();
  api_client api(server.address());
  CHECK(api.get("/api/executions").body.size() == 1);
}

TEST_CASE("a disk that takes no more ends the server, and what was answered is there after it") {
  // Files may not grow beyond 128 KiB; ignoring the signal turns that into a failed write.
  server_under_test server({}, {"sh", "-c", "trap '' XFSZ; ulimit -f 256; exec \"$@\"", "sh"});
  std::vector<json> told;
  std::string id;
  {
    api_client api(server.address());
    id = start_execution(api, plan_of({"a"}));
    register_agent(api, "ann");
    const auto held = poll(api, "ann");
    const std::string message(8'000, 'x');
    const auto path = "/api/executions/" + id + "/events";
    constexpr int more_than_fit = 100;
    for (int i = 0; i < more_than_fit; ++i) {
      const auto one = report_of("ann", held, "task_progress", {{"progress_percent", i}, {"message", message}});
      const auto answer = api.send("POST", path, one.dump());
      if (answer.status != 201) {
        CHECK((answer.status == 503 || answer.status == 0));
        break;
      }
      told.push_back(answer.body);
    }
    CHECK(told.size() > 3);
    CHECK(told.size() < more_than_fit);
  }
  CHECK(server.wait(std::chrono::seconds(30)) == 1);
  CHECK(server.log().find("storage failed") != std::string::npos);
  server.run_under({});
  server.start();
  api_client api(server.address());
  const auto events = history(api, id);
  check_gapless(events);
  for (const auto& each : told) {
    const auto seq = each.at("seq").get<std::size_t>();
    REQUIRE(seq <= events.size());
    CHECK(events[seq - 1].at("event_id") == each.at("event_id"));
  }
  CHECK(report(api, "ann", poll(api, "ann"), "task_complete").status == 201);
  CHECK(status(api, id) == "COMPLETED");
}

TEST_CASE("a server on another address of loopback answers to that address, and to no other name") {
  const scratch_folder folder;
  child_process process;
  process.start({server_program(), "serve", "--execution-data-dir", "data", "--execution-port", "0", "--execution-host",
                 "127.8.9.10"},
                {}, folder.path(), folder.path() / "log");
  constexpr std::string_view before = "serving on http://127.8.9.10:";
  std::string log;
  REQUIRE(eventually([&] {
    log = read_text(folder.path() / "log");
    const auto at = log.find(before);
    return at != std::string::npos && log.find(',', at) != std::string::npos;
  }));
  const auto port = static_cast<std::uint16_t>(std::stoul(log.substr(log.find(before) + before.size())));
  api_client api(demo::endpoint{"127.8.9.10", port});
  CHECK(api.get("/readyz").status == 200);
  CHECK(api.get("/readyz", {{"Host", "rebound.example"}}).status == 400);
  process.signal(SIGTERM);
  CHECK(process.wait(std::chrono::seconds(30)) == 0);
}

}  // namespace planexe::tests
