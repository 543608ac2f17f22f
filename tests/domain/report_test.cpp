// The plan against reality, told from a plan small enough to work it out by hand, and what always holds of it.
#include "domain/report.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "domain/role_service.hpp"
#include "tests/domain/random_walk.hpp"
#include "tests/domain/report_checks.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;
using doctest::Approx;

namespace {

constexpr milliseconds days(double count) {
  return hours(24 * count);
}

/// A (2 days) and B (1 day) side by side, then C (3 days) after A; in phase Q, after P, one day of D.
std::shared_ptr<const plan> house() {
  return plan_builder{}
      .phase("P")
      .task("A")
      .days(2)
      .role("Mason")
      .task("B")
      .days(1)
      .role("Cook")
      .task("C")
      .days(3)
      .role("Mason")
      .after("C", "A")
      .phase("Q")
      .task("D")
      .days(1)
      .build();
}

execution_options unhurried() {
  return {.timeout = days(3000), .task_timeout = days(300)};
}

struct told {
  explicit told(const scenario& s) : report(report_of(s.state, s.now)) {
    for (const auto& task : report.tasks) by_id.emplace(s.state.definition(task.task).id.value, task);
  }
  const task_report& operator[](const char* id) const { return by_id.at(id); }

  execution_report report;
  std::map<std::string, task_report> by_id;
};

double days_after(const scenario& s, timestamp at) {
  return static_cast<double>((at - *s.state.started_at).count()) / static_cast<double>(days(1).count());
}

}  // namespace

TEST_CASE("before the start there is the plan's own schedule and no time of day") {
  const scenario s{house(), unhurried()};
  const told t{s};
  CHECK_EQ(t["P"].planned_start, 0);
  CHECK_EQ(t["P"].planned_end, 5);
  CHECK_EQ(t["A"].planned_end, 2);
  CHECK_EQ(t["B"].planned_end, 1);
  CHECK_EQ(t["C"].planned_start, 2);
  CHECK_EQ(t["C"].planned_end, 5);
  CHECK_EQ(t["Q"].planned_start, 5);
  CHECK_EQ(t["D"].planned_end, 6);
  CHECK_EQ(t["P"].effort_days, 6);
  CHECK_EQ(t.report.totals.planned_days, 6);
  CHECK_EQ(t.report.totals.planned_effort_days, 7);
  CHECK_EQ(t.report.totals.elapsed_days, 0);
  CHECK_EQ(t.report.totals.critical_tasks, 3);
  CHECK_FALSE(t.report.totals.slip_days);
  for (const auto* id : {"P", "A", "C", "Q", "D"}) CHECK(t[id].critical);
  CHECK_FALSE(t["B"].critical);
  for (const auto& task : t.report.tasks) {
    CHECK_FALSE(task.planned_start_at);
    CHECK_FALSE(task.expected_end);
    CHECK_FALSE(task.slip_days);
  }
}

TEST_CASE("what was done late and early slips by as much, and a container with its last leaf") {
  auto s = scenario::started(house(), unhurried());
  s.hand_out("A", "ann").hand_out("B", "bob");
  s.after(hours(12)).complete("B", "bob");                     // half a day early
  s.after(days(2.5)).complete("A", "ann");                     // a day late
  s.hand_out("C", "ann").after(days(4)).complete("C", "ann");  // planned to end at 5, ends at 7
  const told t{s};
  CHECK_EQ(*t["B"].slip_days, Approx(-0.5));
  CHECK_EQ(*t["B"].actual_days, Approx(0.5));
  CHECK_EQ(*t["A"].slip_days, Approx(1));
  CHECK_EQ(*t["C"].slip_days, Approx(2));
  CHECK_EQ(*t["P"].slip_days, Approx(2));
  CHECK_EQ(*t["P"].actual_days, Approx(7));
  CHECK(t["P"].actual_start == s.state.started_at);
  CHECK(t["P"].actual_end == s.now);
  CHECK_FALSE(t["P"].expected_end);
  CHECK(t["C"].planned_start_at == *s.state.started_at + days(2));
  CHECK(t["P"].status == task_status::complete);
  CHECK_EQ(t.report.totals.done_effort_days, 6);
  CHECK_EQ(t.report.totals.elapsed_days, Approx(7));
  // D has not begun: it begins now and takes its day at the pace of the others.
  REQUIRE(t["D"].expected_start);
  CHECK(*t["D"].expected_start == s.now);
  CHECK_EQ(days_after(s, *t["D"].expected_end), Approx(7 + t.report.forecast->remaining_days));
  CHECK_EQ(*t["D"].slip_days, Approx(1 + t.report.forecast->remaining_days));
  CHECK_EQ(*t.report.totals.slip_days, Approx(1 + t.report.forecast->remaining_days));
}

TEST_CASE("the last expected end is the eta, also where throughput decides it") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").days(1).task("B").days(1).task("C").days(1).task("D").days(1), unhurried());
  s.hand_out("A", "ann").after(days(1)).complete("A", "ann");
  const told t{s};
  REQUIRE(t.report.forecast->throughput_days);
  CHECK_EQ(t.report.forecast->remaining_days, Approx(3));  // one a day, though the plan could do all in one
  CHECK(t["B"].expected_end == t.report.forecast->eta);
  CHECK(t["P"].expected_end == t.report.forecast->eta);
  CHECK_EQ(*t["P"].slip_days, Approx(3));
  CHECK_EQ(*t["P"].slip_days, Approx(*t.report.totals.slip_days));
}

TEST_CASE("a finished execution has no expectations, and its slip is that of its end") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").days(1).task("B").days(2), unhurried());
  s.hand_out("A", "ann").hand_out("B", "bob").after(days(3)).complete("A", "ann");
  s.when(resolution("B", review_action::skip)).is(execution_status::completed);
  s.after(days(5));
  const told t{s};
  CHECK_FALSE(t.report.forecast);
  CHECK_EQ(*t.report.totals.slip_days, Approx(1));
  CHECK_EQ(t.report.totals.elapsed_days, Approx(3));
  CHECK_EQ(t.report.totals.tasks_completed, 1);
  CHECK_EQ(t.report.totals.tasks_skipped, 1);
  CHECK_EQ(t.report.totals.done_effort_days, 1);
  CHECK(t["B"].status == task_status::skipped);
  CHECK_EQ(*t["B"].slip_days, Approx(1));
}

TEST_CASE("what was under way when the execution was cancelled takes no longer than that") {
  auto s = scenario::started(house(), unhurried());
  s.hand_out("A", "ann").after(days(1)).when(cancel_execution{}).is(execution_status::cancelled);
  s.after(days(9));
  const told t{s};
  CHECK_EQ(*t["A"].actual_days, Approx(1));
  CHECK_EQ(*t["P"].actual_days, Approx(1));
  CHECK_EQ(t.report.totals.elapsed_days, Approx(1));
}

TEST_CASE("attempts are added up, failed ones apart") {
  auto s = scenario::started(house(), unhurried());
  s.hand_out("A", "ann").when(fail_task{by("ann", "A"), "oops", "no luck"});
  s.after(hours(1)).when(wake_retry{s.index("A")}).hand_out("A", "bob");
  const told t{s};
  CHECK_EQ(t["A"].attempts, 2);
  CHECK_EQ(t["A"].failed_attempts, 1);
  CHECK_EQ(t["P"].attempts, 2);
  CHECK_EQ(t["P"].failed_attempts, 1);
  CHECK_EQ(t.report.totals.attempts, 2);
  CHECK_EQ(t.report.totals.failed_attempts, 1);
  CHECK(t["A"].status == task_status::running);
  CHECK_FALSE(t["A"].expected_start);
  CHECK(t["A"].expected_end);
}

TEST_CASE("the leaves of each role are counted by where they stand") {
  auto s = scenario::started(house(), unhurried());
  s.hand_out("A", "ann");
  auto roles = report_of(s.state, s.now).roles;
  REQUIRE_EQ(roles.size(), 3);
  CHECK_EQ(roles[0].role, "Mason");
  CHECK_EQ(roles[0].leaves, 2);
  CHECK_EQ(roles[0].running, 1);
  CHECK_EQ(roles[0].waiting, 1);
  CHECK_EQ(roles[0].effort_days, 5);
  CHECK_EQ(roles[1].role, "Cook");
  CHECK_EQ(roles[1].ready, 1);
  CHECK_EQ(roles[2].role, "");
  s.complete("A", "ann").when(pause_execution{});
  roles = role_counts(s.state);
  CHECK_EQ(roles[0].done, 1);
  CHECK_EQ(roles[0].effort_done_days, 2);
  CHECK_EQ(roles[1].ready, 0);  // nothing is handed out
  CHECK_EQ(roles[1].waiting, 1);
}

TEST_CASE("an agent serves the roles that agree with its own, or all of them") {
  CHECK(serves_role({.roles = {"Senior Mason"}}, "mason"));
  CHECK_FALSE(serves_role({.roles = {"Cook"}}, "Mason"));
  CHECK(serves_role({.roles = {"*"}}, "Mason"));
  CHECK(serves_role({.capabilities = {{"*", {}}}}, "Mason"));
  CHECK(serves_role({.roles = {"Cook"}}, ""));
}

TEST_CASE("whatever happens, containers cover their leaves, ends follow starts, and each leaf counts once") {
  for (std::uint64_t seed = 1; seed <= walks(200); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    command_source source{roll};
    scenario s;
    s.when(create_execution{.source = random_plan(roll, 12), .options = random_options(roll), .start = true});
    for (int step = 0; step < 40; ++step) {
      s.after(milliseconds{roll.below(5'000'000)});
      run(s.state, source.draw(s.state), s.now);
      if (!roll.chance(30)) continue;
      check_report(s.state, s.now);
    }
  }
}

}  // namespace planexe::tests
