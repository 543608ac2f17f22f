// Work for which nobody is there: noticed when agents fall silent, retire or never came, and over when one is there.
#include <doctest/doctest.h>

#include "domain/execution_status.hpp"
#include "tests/actors/process.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// `ann` digs and has dug A; B can be dug then, and C painted.
struct site {
  site() {
    plan_builder plan;
    plan.phase("P").task("A").action("dig").task("B").action("dig").task("C").action("paint");
    plan.after("B", "A").after("C", "A");
    hire("ann", {"dig"});
    p->ask("e", create_execution{.source = plan.build(), .start = true});
    p->run();
    const auto first = p->poll("ann");
    p->run();
    REQUIRE_EQ(first->tasks(), "A#1");
    work = first->task();
  }
  void hire(const std::string& agent, std::vector<std::string> actions) {
    p->ask_agent(agent, able_to(std::move(actions), 1));
    p->run();
  }
  void report(execution_command command) {
    p->ask("e", std::move(command), {.actor = "agent:ann"});
    p->run();
  }
  std::string events() { return events_after(m, "e", seen); }
  void look() { seen = event_types(m, "e").size(); }

  machine m;
  std::unique_ptr<process> p = std::make_unique<process>(m);
  work_item work;
  std::size_t seen = 0;
};

const auto patience = actors::runtime_settings{}.agent_timeout;

}  // namespace

TEST_CASE("an execution is blocked when its only agent falls silent and goes on when it is back") {
  site s;
  s.look();
  s.p->wait(patience + seconds(2));
  CHECK_EQ(s.events(), "lease_expired execution_unstaffed execution_blocked");
  s.look();
  const auto told = s.p->poll("ann");  // of what was taken from her
  s.p->run();
  REQUIRE(told->answer);
  CHECK_EQ((*told->answer)->revoked.size(), 1);
  CHECK_EQ(s.events(), "execution_staffed execution_unblocked");
  const auto back = s.p->poll("ann");
  s.p->run();
  CHECK_EQ(back->tasks(), "A#2");
}

TEST_CASE("work that nobody can do does not block while something is held but does when that is over") {
  site s;
  s.report(complete_task{report_on(s.work, "ann"), "{}", {}});
  const auto second = s.p->poll("ann");
  s.p->run();
  REQUIRE_EQ(second->tasks(), "B#1");
  s.look();
  s.report(complete_task{report_on(second->task(), "ann"), "{}", {}});  // C is ready all the time
  CHECK_EQ(s.events(), "task_complete execution_unstaffed execution_blocked");
  s.look();
  s.hire("pia", {"paint"});
  CHECK_EQ(s.events(), "execution_staffed execution_unblocked");
}

TEST_CASE("an agent that pauses is missed and one that learns is found") {
  site s;
  s.look();
  s.report(fail_task{report_on(s.work, "ann"), "io", "broke"});
  s.p->ask_agent("ann", change_agent{.standing = agent_standing::paused});
  s.p->run();
  CHECK_EQ(s.events(), "task_error task_retry_scheduled");  // due for a retry: only a matter of waiting
  s.p->wait(seconds(331));
  CHECK_EQ(s.events(), "task_error task_retry_scheduled task_retry_due execution_unstaffed execution_blocked");
  s.look();
  s.hire("bob", {"paint"});
  CHECK_EQ(s.events(), "");
  s.p->ask_agent("bob", change_agent{.capabilities = std::vector<capability>{{"dig", ""}}});
  s.p->run();
  CHECK_EQ(s.events(), "execution_staffed execution_unblocked");
}

TEST_CASE("after a day without anybody it is escalated, also across a restart") {
  site s;
  s.p->wait(patience + seconds(2));
  s.look();
  s.p.reset();
  s.p = std::make_unique<process>(s.m);
  auto& again = *s.p;
  again.recover();
  again.run();
  CHECK_EQ(s.events(), "execution_staffed execution_unblocked");  // ann gets her whole patience again
  s.look();
  again.wait(patience + seconds(2));
  CHECK_EQ(s.events(), "execution_unstaffed execution_blocked");
  s.look();
  again.wait(hours(24) - patience);
  CHECK_EQ(s.events(), "");
  again.wait(patience);
  CHECK_EQ(s.events(), "task_escalated");
  again.wait(hours(47));
  CHECK_EQ(s.events(), "task_escalated");
  again.wait(hours(1));  // nobody came: once more, after twice the time
  CHECK_EQ(s.events(), "task_escalated task_escalated");
}

TEST_CASE("an agent that only reports is within reach") {
  site s;
  s.look();
  for (int i = 0; i < 5; ++i) {
    s.p->wait(patience / 2);
    s.p->env().presence.renew({"ann"}, s.m.clock.now());
  }
  CHECK_EQ(s.events(), "");
}

TEST_CASE("work that only people may do waits for a person whatever programs can do") {
  machine m;
  process p{m};
  auto source = std::make_shared<plan>(*plan_builder{}.phase("P").task("A").task("B").build());
  source->tasks[1].tier = autonomy_tier::person_led;
  execution_options options;
  options.human_from_tier = 3;
  p.ask_agent("robot", able_to({"*"}, 5));
  p.ask("e", create_execution{.source = source, .options = options, .start = true});
  p.run();
  const auto robot = p.poll("robot", {.limit = 5});
  p.run();
  CHECK_EQ(robot->tasks(), "B#1");
  auto person = able_to({"*"}, 1);
  person.profile.kind = agent_kind::human;
  p.ask_agent("ann", person);
  p.run();
  const auto ann = p.poll("ann");
  p.run();
  CHECK_EQ(ann->tasks(), "A#1");
}

}  // namespace planexe::tests
