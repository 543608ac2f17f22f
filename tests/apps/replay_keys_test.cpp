// `planexe-ax replay --step` in a terminal: keys go in at one end of a pseudo terminal, pictures come out of it.
#include <doctest/doctest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>

#include "apps/replay/replay.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {
namespace {

using namespace domain;

/// A process of its own at a terminal of 100 by 30.
class at_terminal {
 public:
  explicit at_terminal(const replaying::replay_request& wanted) {
    winsize size{.ws_row = 30, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    child_ = forkpty(&terminal_, nullptr, nullptr, &size);
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      const auto code = replaying::run_replay(wanted, std::cout, std::cerr);
      std::cout.flush();
      _exit(code);
    }
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

  void press(std::string_view keys) { REQUIRE(write(terminal_, keys.data(), keys.size()) == ssize_t(keys.size())); }
  /// Whether the words come within a while, after all that was waited for before.
  bool shows(std::string_view words) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      if (const auto at = said_.find(words, seen_); at != std::string::npos) {
        seen_ = at + words.size();
        return true;
      }
      if (std::chrono::steady_clock::now() > end || !read_some()) return false;
    }
  }
  int exit_code() {
    while (read_some()) {
    }
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  const std::string& said() const { return said_; }

 private:
  bool read_some() {
    pollfd output{terminal_, POLLIN, 0};
    constexpr int patience_ms = 20'000;
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

/// A folder whose execution `e` has seven events and is over, for as long as it lives.
class finished_life {
 public:
  finished_life() {
    auto name = (std::filesystem::temp_directory_path() / "planexe-keys-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
    chronicle c;
    c.play("e", create_execution{.source = plan_builder{}.phase("P").task("A").build(), .start = true});
    c.assign("e", "A", "ann");
    c.now += seconds(1);
    c.play("e", report_progress{by("ann", "A"), 30, "well begun"}, "agent:ann");
    c.play("e", complete_task{by("ann", "A"), "{}", "all done"}, "agent:ann");
    REQUIRE(c.state("e").version == 7);
    auto store = eventstore::rocksdb_store::open(path_.string());
    REQUIRE(store);
    eventstore::append_request request;
    for (auto& event : c.events("e")) {
      request.stream = event.stream;
      request.bytes.push_back(eventstore::encode(event.payload, event.metadata));
      request.events.push_back(std::move(event));
    }
    std::vector<eventstore::append_request> batch;
    batch.push_back(std::move(request));
    (*store)->append(std::move(batch), [](const auto& outcomes) { REQUIRE(outcomes); });
  }
  finished_life(const finished_life&) = delete;
  finished_life& operator=(const finished_life&) = delete;
  ~finished_life() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  replaying::replay_request request() const {
    return {.what = "e", .data_folder = path_.string(), .width = 100, .height = 30, .colours = true, .moves = true};
  }

 private:
  std::filesystem::path path_;
};

constexpr std::string_view left = "\x1b[D", right = "\x1b[C", other_screen = "\x1b[?1049h", own_screen = "\x1b[?1049l";

}  // namespace

TEST_CASE("in a terminal keys go to the next event and the previous one and to any other and end it") {
  const finished_life life;
  auto wanted = life.request();
  wanted.step = true;
  at_terminal terminal(wanted);
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
  const finished_life life;
  auto wanted = life.request();
  wanted.speed = 20;
  at_terminal terminal(wanted);
  CHECK(terminal.shows("seq 1 of 7"));
  CHECK(terminal.shows("playing at 20 times the speed"));
  CHECK(terminal.shows("seq 7 of 7"));
  terminal.press("\x03");
  CHECK(terminal.shows("\x1b[?25h"));
  CHECK(terminal.shows(own_screen));
  CHECK(terminal.exit_code() == 0);
}

TEST_CASE("in a terminal following waits for more and can be left") {
  const finished_life life;
  auto wanted = life.request();
  wanted.follow = true;
  at_terminal terminal(wanted);
  CHECK(terminal.shows("seq 7 of 7"));
  CHECK(terminal.shows("waiting for more events"));
  terminal.press("p");
  CHECK(terminal.shows("seq 6 of 7"));
  terminal.press("q");
  CHECK(terminal.exit_code() == 0);
}

}  // namespace planexe::tests
