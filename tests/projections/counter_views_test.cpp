// What the whole log adds up to, and how the leaves of each role stand.
#include "projections/counter_views.hpp"

#include <doctest/doctest.h>

#include <map>

#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;
using doctest::Approx;

namespace {

const auto two_tasks = plan_builder{}.phase("P").task("A").role("Mason").task("B").role("Cook").build();

/// A log and views that follow it.
struct followed : chronicle {
  followed() {
    REQUIRE(views.runner.start());
    log.subscribe([this](const auto& batch) { REQUIRE(views.runner.apply(*batch)); });
  }
  const projections::counters_row& counters() const { return views.counters.row(); }
  std::uint64_t in(execution_status status) const {
    return views.executions.by_status()[static_cast<std::size_t>(status)];
  }
  std::map<std::string, projections::role_load> roles() {
    const auto totals = views.roles.totals();
    REQUIRE(totals);
    return **totals;
  }

  eventstore::memory_store derived;
  followed_views views{log, derived};
};

}  // namespace

TEST_CASE("hand-outs, ends and how long they took are counted") {
  followed f;
  f.play("e", create_execution{.source = two_tasks, .start = true});
  f.now += seconds(30);
  f.assign("e", "A", "ann");
  f.now += seconds(10);
  f.play("e", complete_task{by("ann", "A"), "{}", {}});
  f.now += seconds(5);
  f.assign("e", "B", "bob");
  f.now += seconds(1);
  f.play("e", fail_task{by("bob", "B"), "oops", "no luck"});
  const auto& row = f.counters();
  CHECK_EQ(row.attempts, 2);
  CHECK_EQ(row.attempts_failed, 1);
  CHECK_EQ(row.tasks_completed, 1);
  CHECK_EQ(row.tasks_failed, 0);
  CHECK_EQ(row.errors.at("oops"), 1);
  CHECK_EQ(row.events.at("task_assigned"), 2);
  CHECK_EQ(row.attempt_lengths.count, 1);
  CHECK(row.attempt_lengths.sum == seconds(10));
  CHECK_EQ(row.waits.count, 2);
  CHECK(row.waits.sum == seconds(75));  // 30 for A, 45 for B
  CHECK(row.waits.longest == seconds(45));
  CHECK_EQ(f.in(execution_status::running), 1);
}

TEST_CASE("a wait begins with the start, not with the creation") {
  followed f;
  f.play("e", create_execution{.source = two_tasks});
  f.now += hours(5);
  f.play("e", queue_execution{});
  f.now += seconds(3);
  f.assign("e", "A", "ann");
  CHECK(f.counters().waits.sum == seconds(3));
}

TEST_CASE("a person's decision counts from the question on") {
  followed f;
  f.play("e", create_execution{.source = plan_builder{}.phase("P").task("A").confidence(0.1), .start = true});
  CHECK_EQ(f.counters().reviews_opened, 1);
  f.now += hours(2);
  f.play("e", resolve_review{.task = {"A"}, .action = review_action::approve});
  CHECK_EQ(f.counters().reviews_resolved, 1);
  CHECK(f.counters().review_lengths.sum == hours(2));
  f.assign("e", "A", "ann");
  f.now += seconds(7);
  f.play("e", complete_task{by("ann", "A"), "{}", {}});
  CHECK(f.counters().execution_lengths.sum == seconds(7));
  CHECK_EQ(f.in(execution_status::completed), 1);
}

TEST_CASE("errors have their names up to a number, then they are others") {
  followed f;
  constexpr auto names = projections::most_error_names + 5;
  f.play("e", create_execution{.source = two_tasks, .options = {.retry = {.max_attempts = 1'000}}, .start = true});
  for (std::size_t i = 0; i < names; ++i) {
    f.assign("e", "A", "ann");
    f.play("e", fail_task{by("ann", "A"), "error-" + std::to_string(i), "no luck"});
    f.now += hours(24 * 8);
    f.play("e", wake_retry{f.state("e").graph->find({"A"})});
  }
  CHECK_EQ(f.counters().attempts_failed, names);
  CHECK_EQ(f.counters().errors.size(), projections::most_error_names + 1);
  CHECK_EQ(f.counters().errors.at("other"), 5);
}

TEST_CASE("lengths fall into buckets, and quantiles are told from them") {
  projections::length_histogram lengths;
  CHECK_FALSE(lengths.quantile(0.5));
  for (int i = 0; i < 90; ++i) lengths.add(seconds(1));
  for (int i = 0; i < 10; ++i) lengths.add(seconds(80));
  CHECK(*lengths.quantile(0.5) <= 1);
  CHECK(*lengths.quantile(0.5) > 0.5);
  CHECK(*lengths.quantile(0.99) > 50);
  CHECK(*lengths.quantile(0.99) <= 80);
  CHECK_EQ(*lengths.quantile(1), Approx(80));
  lengths.add(seconds(-5));  // the clock was set back
  CHECK_EQ(lengths.buckets.front(), 1);
  lengths.add(hours(100'000));
  CHECK_EQ(lengths.buckets.back(), 1);
  CHECK_EQ(*lengths.quantile(1), Approx(360'000'000));
}

TEST_CASE("roles are summed over executions, and follow them") {
  followed f;
  for (const auto* id : {"d", "e"}) f.play(id, create_execution{.source = two_tasks, .start = true});
  CHECK_EQ(f.roles().at("Mason").ready, 2);
  f.assign("e", "A", "ann");
  CHECK_EQ(f.roles().at("Mason").ready, 1);
  CHECK_EQ(f.roles().at("Mason").held, 1);
  f.play("e", complete_task{by("ann", "A"), "{}", {}});
  f.play("d", pause_execution{});
  CHECK_EQ(f.roles().at("Mason").completed, 1);
  CHECK_EQ(f.roles().at("Mason").ready, 0);
  CHECK_EQ(f.roles().at("Mason").waiting, 1);
  CHECK_EQ(f.roles().at("Cook").ready, 1);
}

TEST_CASE("a role that nobody has any more is in no sum, as in a view made anew") {
  followed f;
  for (const auto* id : {"d", "e"}) f.play(id, create_execution{.source = two_tasks, .start = true});
  const auto give_to_cook = resolve_review{.task = {"A"}, .action = review_action::reassign, .role = "Cook"};
  CHECK_EQ(f.roles().at("Mason").ready, 2);
  f.play("d", give_to_cook);
  CHECK_EQ(f.roles().at("Mason").ready, 1);
  f.play("e", give_to_cook);
  CHECK_EQ(f.roles().count("Mason"), 0);
  CHECK_EQ(f.roles().at("Cook").ready, 4);
  followed_views anew{f.log, f.derived};
  REQUIRE(anew.runner.start());
  CHECK(**anew.roles.totals() == f.roles());
}

TEST_CASE("whatever happens, the counters agree with the executions") {
  for (std::uint64_t seed = 1; seed <= walks(30); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    followed f;
    for (int i = 0; i < 30; ++i) {
      f.play_randomly(roll, 5);
      std::array<std::uint64_t, projections::execution_status_count> statuses{};
      std::uint64_t leaves = 0, held = 0, ready = 0, events = 0;
      for (const auto& [id, state] : f.states()) {
        ++statuses[static_cast<std::size_t>(state.status)];
        held += state.held.size();
        ready += hands_out(state) ? state.in(leaf_stage::ready) : 0;
        leaves += state.leaf_total();
      }
      REQUIRE(f.views.executions.by_status() == statuses);
      for (const auto& [type, count] : f.counters().events) events += count;
      REQUIRE_EQ(events, f.views.runner.position());
      std::uint64_t role_held = 0, role_ready = 0, role_leaves = 0;
      for (const auto& [name, load] : f.roles()) {
        role_held += load.held;
        role_ready += load.ready;
        role_leaves += load.held + load.ready + load.waiting + load.reviewing + load.completed + load.failed;
      }
      REQUIRE_EQ(role_held, held);
      REQUIRE_EQ(role_ready, ready);
      REQUIRE(role_leaves <= leaves);  // what was cancelled is no load
    }
  }
}

}  // namespace planexe::tests
