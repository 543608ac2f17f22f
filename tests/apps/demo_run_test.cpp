// The whole demo against a stand-in server: agents, person and display carry a tiny execution to its end.
#include <doctest/doctest.h>

#include <iostream>
#include <sstream>

#include "apps/demo/demo.hpp"
#include "apps/demo/simulated_agents.hpp"
#include "apps/demo/simulated_person.hpp"
#include "tests/apps/demo_tiny_execution.hpp"

namespace planexe::tests {
namespace {

constexpr std::size_t none = 1000;

// What the demo says on standard output, kept for the test.
class captured_output {
 public:
  captured_output() : before_(std::cout.rdbuf(text_.rdbuf())) {}
  ~captured_output() { std::cout.rdbuf(before_); }
  captured_output(const captured_output&) = delete;
  captured_output& operator=(const captured_output&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};

struct demo_run {
  int exit_code = 0;
  std::string output;
};

demo_run run(tiny_execution& play, double failure_rate) {
  stand_in_server server([&](const stand_in_request& request) { return play.handle(request); });
  demo::demo_options options;
  options.server = {"127.0.0.1", server.port()};
  options.plan = {"{}", "application/json"};
  options.mean_task_seconds = 0.001;
  options.failure_rate = failure_rate;
  options.plain = true;
  const captured_output output;
  const int exit_code = demo::run_demo(options);
  server.stop();
  return {exit_code, output.text()};
}

}  // namespace

TEST_CASE("every task is carried out once, through overload, review, pause and a lost lease") {
  tiny_execution play(12, 3, 5, 7);
  const auto outcome = run(play, 0);
  CHECK(outcome.exit_code == 0);
  CHECK(play.wrong == "");
  for (const auto& task : play.tasks) CHECK(task.completions == 1);
  CHECK(play.tasks[5].attempt == 2);
  CHECK(play.resolutions == std::vector<std::string>{"approve"});
  CHECK(play.pauses == 1);
  CHECK(play.overload_answers == 1);
  CHECK(play.upload_type == "application/json");
  CHECK(play.registered_roles == std::set<std::string>{"Buyer", "Cook"});
  unsigned repeated = 0;
  for (const auto& [key, uses] : play.key_uses) repeated += uses - 1;
  CHECK(repeated == 1);  // the report that met the busy server
  CHECK(outcome.output.find("12 of 12 tasks") != std::string::npos);
  CHECK(outcome.output.find("1 review answered, 1 lease lost") != std::string::npos);
  CHECK(outcome.output.find('\x1b') == std::string::npos);
}

TEST_CASE("attempts fail at the rate asked for, and are retried") {
  tiny_execution play(20, none, none, none);
  const auto outcome = run(play, 0.4);
  CHECK(outcome.exit_code == 0);
  CHECK(play.wrong == "");
  unsigned drawn = 0;
  demo::crew_options same;
  same.failure_rate = 0.4;
  for (const auto& task : play.tasks) {
    CHECK(task.completions == 1);
    unsigned attempt = 1;
    while (demo::draw_task(same, task.task_id, attempt).fails) ++attempt;
    CHECK(task.attempt == attempt);
    drawn += attempt - 1;
  }
  CHECK(drawn > 0);
  CHECK(outcome.output.find(std::to_string(drawn) + " retries") != std::string::npos);
}

TEST_CASE("a server that refuses the plan ends the demo with 1") {
  stand_in_server server([](const stand_in_request&) {
    return stand_in_reply{422, R"({"code":"validation_failed","detail":"no tasks"})", {}};
  });
  demo::demo_options options;
  options.server = {"127.0.0.1", server.port()};
  const captured_output output;
  CHECK(demo::run_demo(options) == 1);
}

TEST_CASE("what an agent does follows from seed, task and attempt") {
  demo::crew_options options;
  options.failure_rate = 0.3;
  const auto first = demo::draw_task(options, "a", 1);
  const auto again = demo::draw_task(options, "a", 1);
  CHECK(first.seconds == again.seconds);
  CHECK(first.fails == again.fails);
  CHECK(first.seconds >= 0.4 * options.mean_task_seconds);
  CHECK(first.seconds <= 1.6 * options.mean_task_seconds);
  unsigned failures = 0;
  for (int i = 0; i < 1000; ++i) failures += demo::draw_task(options, "t" + std::to_string(i), 1).fails ? 1U : 0U;
  CHECK(failures > 240);
  CHECK(failures < 360);
  options.failure_rate = 0;
  for (int i = 0; i < 100; ++i) CHECK(!demo::draw_task(options, "t" + std::to_string(i), 1).fails);
}

TEST_CASE("every role of the plan is somebody's, and every agent has one") {
  demo::crew_options options;
  options.agents = 3;
  options.roles = {"a", "b", "c", "d", "e"};
  CHECK(demo::roles_of_agent(options, 0) == std::vector<std::string>{"a", "d"});
  CHECK(demo::roles_of_agent(options, 2) == std::vector<std::string>{"c"});
  options.roles = {"a"};
  CHECK(demo::roles_of_agent(options, 2) == std::vector<std::string>{"a"});
  options.roles = {};
  CHECK(!demo::roles_of_agent(options, 1).empty());
}

TEST_CASE("the person approves where that is possible, else takes the next best action") {
  CHECK(demo::actions_for({"t", "review", {}}).front() == "approve");
  CHECK(demo::actions_for({"t", "review", {"skip", "retry"}}) == std::vector<std::string>{"retry", "skip"});
  CHECK(demo::actions_for({"t", "agent", {}}).empty());
}

}  // namespace planexe::tests
