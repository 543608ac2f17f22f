// `planexe-ax replay` in a terminal: keys go in at one end of a pseudo terminal, pictures come out of it.
#include <doctest/doctest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

/// The program at a terminal of 100 by 30.
class at_terminal {
 public:
  explicit at_terminal(std::vector<std::string> words) {
    words.insert(words.begin(), {server_program(), "replay"});
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::string kind = "TERM=xterm";
    char* variables[] = {kind.data(), nullptr};
    winsize size{.ws_row = 30, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    child_ = forkpty(&terminal_, nullptr, nullptr, &size);
    REQUIRE(child_ >= 0);
    if (child_ > 0) return;
    execve(arguments[0], arguments.data(), variables);
    _exit(127);
  }
  at_terminal(const at_terminal&) = delete;
  at_terminal& operator=(const at_terminal&) = delete;
  ~at_terminal() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    close(terminal_);
  }

  void press(std::string_view keys) {
    REQUIRE(write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
  }
  /// Whether the words come within a while, after all that was waited for before.
  bool shows(std::string_view words) {
    for (;;) {
      if (const auto at = said_.find(words, seen_); at != std::string::npos) {
        seen_ = at + words.size();
        return true;
      }
      if (!read_some()) return false;
    }
  }
  int exit_code() {
    while (read_some()) continue;
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  const std::string& said() const { return said_; }

 private:
  /// False when nothing comes for a long while, or the other end is closed.
  bool read_some() {
    constexpr int patience_ms = 20'000;
    pollfd output{terminal_, POLLIN, 0};
    if (poll(&output, 1, patience_ms) <= 0) return false;
    char buffer[4096];
    const auto got = read(terminal_, buffer, sizeof buffer);
    if (got <= 0) return false;
    said_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  int terminal_ = -1;
  pid_t child_ = -1;
  std::string said_;
  std::size_t seen_ = 0;
};

/// Seven events: created, queued, handed out, started, a step, done, completed.
std::string finished(server_under_test& server) {
  api_client api(server.address());
  register_agent(api, "ann");
  auto id = start_execution(api, plan_of({"a"}));
  const auto task = poll(api, "ann");
  REQUIRE(report(api, "ann", task, "task_progress", {{"progress_percent", 30}, {"message", "well begun"}}).status ==
          201);
  REQUIRE(report(api, "ann", task, "task_complete").status == 201);
  REQUIRE(reaches(api, id, "COMPLETED"));
  REQUIRE(execution(api, id).at("version") == 7);
  return id;
}

constexpr std::string_view left = "\x1b[D", right = "\x1b[C", other_screen = "\x1b[?1049h", own_screen = "\x1b[?1049l";

}  // namespace

TEST_CASE("in a terminal keys go to the next event and the previous one and to any other and end a replay") {
  server_under_test server;
  const auto id = finished(server);
  at_terminal terminal({id, "--data-dir", server.data_folder().string(), "--step"});
  REQUIRE(terminal.shows(other_screen));
  CHECK(terminal.shows("seq 1 of 7"));
  terminal.press("n");
  CHECK(terminal.shows("seq 2 of 7"));
  terminal.press(right);
  CHECK(terminal.shows("seq 3 of 7"));
  terminal.press("p");
  CHECK(terminal.shows("seq 2 of 7"));
  terminal.press("5");
  CHECK(terminal.shows("go to 5"));
  terminal.press("\r");
  CHECK(terminal.shows("seq 5 of 7"));
  CHECK(terminal.shows("well begun"));
  CHECK(terminal.shows("Agent ann, 30 %"));
  terminal.press(left);
  CHECK(terminal.shows("seq 4 of 7"));
  terminal.press("G");
  CHECK(terminal.shows("seq 7 of 7"));
  terminal.press("g");
  CHECK(terminal.shows("seq 1 of 7"));
  terminal.press("99\r");
  CHECK(terminal.shows("seq 7 of 7"));
  terminal.press("q");
  CHECK(terminal.shows(own_screen));
  CHECK(terminal.exit_code() == 0);
  // What was seen last stays.
  CHECK(terminal.said().rfind("seq 7 of 7") > terminal.said().rfind(own_screen));
}

TEST_CASE("in a terminal an execution is played by itself and Ctrl-C ends it in good order") {
  server_under_test server;
  const auto id = finished(server);
  at_terminal terminal({id, "--data-dir", server.data_folder().string(), "--speed", "2"});
  CHECK(terminal.shows("seq 1 of 7"));
  CHECK(terminal.shows("playing at 2 times the speed"));
  CHECK(terminal.shows("seq 7 of 7"));
  terminal.press("\x03");
  CHECK(terminal.shows("\x1b[?25h"));
  CHECK(terminal.shows(own_screen));
  CHECK(terminal.exit_code() == 0);
}

TEST_CASE("in a terminal following shows what happens and keys look back meanwhile") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a"}));
  at_terminal terminal({id, "--data-dir", server.data_folder().string(), "--follow"});
  CHECK(terminal.shows("seq 2 of 2"));
  CHECK(terminal.shows("waiting for more events"));
  const auto task = poll(api, "ann");
  CHECK(terminal.shows("seq 4 of 4"));
  terminal.press("p");
  CHECK(terminal.shows("seq 3 of 4"));
  terminal.press("G");
  CHECK(terminal.shows("seq 4 of 4"));
  REQUIRE(report(api, "ann", task, "task_complete").status == 201);
  CHECK(terminal.shows("COMPLETED"));
  terminal.press("q");
  CHECK(terminal.exit_code() == 0);
}

}  // namespace planexe::tests
