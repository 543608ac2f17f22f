// The switch that pauses everything: at once, on the record, across crashes, and undone for what it paused alone.
#include <doctest/doctest.h>

#include "projections/replay.hpp"
#include "tests/actors/process.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// Two executions of a plan with two tasks; `ann` holds A of the first.
struct plant {
  plant() {
    p->ask_agent("ann", able_to({"*"}, 2));
    for (const char* id : {"e", "f"}) p->ask(id, create_execution{.source = two_tasks(), .start = true});
    p->run();
    const auto first = p->poll("ann");
    p->run();
    REQUIRE_EQ(first->tasks(), "A#1");
    held = first->task();
  }
  static std::shared_ptr<const plan> two_tasks() { return plan_builder{}.phase("P").task("A").task("B").build(); }
  void restart() {
    p.reset();
    p = std::make_unique<process>(m);
    p->recover();
    p->run();
  }
  execution_status status(const char* id) {
    const auto* row = p->views().executions.row(execution_id{id});
    REQUIRE(row);
    return row->status;
  }
  std::string last(const char* id) { return event_types(m, id).back(); }

  machine m;
  std::unique_ptr<process> p = std::make_unique<process>(m);
  work_item held;
};

}  // namespace

TEST_CASE("the switch pauses every execution, tells the holders and hands nothing out") {
  plant s;
  const auto thrown = s.p->throw_switch(true, "smoke");
  s.p->run();
  CHECK(thrown->delivered);
  CHECK(thrown->state->on);
  CHECK(s.status("e") == execution_status::paused);
  CHECK(s.status("f") == execution_status::paused);
  const auto told = s.p->poll("ann", {.limit = 2});
  s.p->run();
  REQUIRE(told->answer);
  CHECK((*told->answer)->force_pause);
  CHECK_EQ(told->tasks(), "");
  const auto again = s.p->throw_switch(true, "more smoke");
  s.p->run();
  CHECK_EQ(again->outcome.recorded, 0);
  CHECK_EQ(again->state->reason, "smoke");
}

TEST_CASE("while the switch is on nothing starts or goes on and reports are still taken") {
  plant s;
  s.p->throw_switch(true, "smoke");
  s.p->run();
  CHECK(s.p->ask("g", create_execution{.source = plant::two_tasks(), .start = true})->outcome.recorded == 0);
  const auto created = s.p->ask("h", create_execution{.source = plant::two_tasks()});
  const auto resumed = s.p->ask("e", resume_execution{});
  const auto steered = s.p->ask("e", steer_execution{resume_execution{}, {}});
  const auto reported = s.p->ask("e", complete_task{report_on(s.held, "ann"), "{}", {}}, {.actor = "agent:ann"});
  s.p->run();
  CHECK(created->accepted());
  CHECK(resumed->refused(rejection_code::invalid_transition));
  CHECK(steered->refused(rejection_code::invalid_transition));
  CHECK_EQ(steered->outcome.rejection->detail, "everything is paused: smoke");
  CHECK(reported->accepted());
  const auto started = s.p->ask("h", queue_execution{});
  s.p->run();
  CHECK(started->refused(rejection_code::invalid_transition));
  CHECK(s.p->ask("e", cancel_execution{"enough"}));
  s.p->run();
  CHECK(s.status("e") == execution_status::cancelled);
}

TEST_CASE("when the switch is off again what it paused goes on and what a person paused does not") {
  plant s;
  s.p->ask("f", pause_execution{"lunch"});
  s.p->run();
  s.p->throw_switch(true, "smoke");
  s.p->run();
  s.p->throw_switch(false, "it was the bread");
  s.p->run();
  CHECK(s.status("e") == execution_status::running);
  CHECK(s.status("f") == execution_status::paused);
  const auto more = s.p->poll("ann", {.limit = 2});
  s.p->run();
  CHECK_EQ(more->tasks(), "B#1");
}

TEST_CASE("a crash right after the switch's event leaves everything paused after the restart") {
  plant s;
  s.p->throw_switch(true, "smoke");
  s.p->run_only("safety_switch");
  s.p->run_only("committer");  // its event is durable, and no execution has heard of it
  CHECK_EQ(s.last("e"), "execution_started");
  s.restart();
  CHECK(s.status("e") == execution_status::paused);
  CHECK(s.status("f") == execution_status::paused);
  CHECK(s.p->env().stop_board.on());
}

TEST_CASE("a crash right after the switch is off lets what it paused go on after the restart") {
  plant s;
  s.p->throw_switch(true, "smoke");
  s.p->run();
  s.p->throw_switch(false, "");
  s.p->run_only("safety_switch");
  s.p->run_only("committer");
  CHECK_EQ(s.last("f"), "execution_paused");
  s.restart();
  CHECK(s.status("e") == execution_status::running);
  CHECK(s.status("f") == execution_status::queued);
}

TEST_CASE("a claim that was made before the switch comes to nothing") {
  plant s;
  const auto waits = s.p->poll("ann", {.wait = seconds(60)});
  s.p->run_only("agent");
  s.p->run_only("matcher");  // has claimed B for her
  s.p->env().stop_board.pause("smoke");
  s.p->run();
  CHECK_FALSE(waits->answer);
  CHECK(s.status("e") == execution_status::paused);
}

TEST_CASE("the switch's stream tells who threw it and why") {
  plant s;
  s.p->throw_switch(true, "smoke");
  s.p->run();
  const auto events = events_of(s.m, projections::switch_stream());
  REQUIRE_EQ(events.size(), 1);
  CHECK_EQ(events[0].metadata.actor, "person");
  CHECK_EQ(std::get<everything_paused>(std::get<system_event>(events[0].payload)).reason, "smoke");
}

}  // namespace planexe::tests
