// What is left of an execution and when it ends, told from plans small enough to work it out by hand.
#include "domain/forecast.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/domain/random_walk.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;
using doctest::Approx;

namespace {

constexpr milliseconds days(double count) {
  return hours(24 * count);
}

execution_forecast of(const scenario& s) {
  auto made = forecast(s.state, s.now);
  REQUIRE(made);
  return *std::move(made);
}

std::string path_of(const scenario& s) {
  std::string text;
  for (const auto leaf : of(s).critical_path) text += (text.empty() ? "" : " ") + s.state.definition(leaf).id.value;
  return text;
}

double slack_of(const scenario& s, const std::string& task) {
  for (const auto& leaf : of(s).leaves)
    if (leaf.leaf == s.index(task)) return leaf.slack_days;
  FAIL("not in the forecast: " << task);
  return 0;
}

void ends_in(const scenario& s, double count) {
  const auto made = of(s);
  CHECK_EQ(made.remaining_days, Approx(count));
  REQUIRE(made.eta);
  CHECK_EQ(static_cast<double>((*made.eta - s.now).count()), Approx(static_cast<double>(days(count).count())));
}

execution_options in_order() {
  return {.sequencing = sequencing::plan, .timeout = days(3000), .task_timeout = days(300)};
}

/// With its three estimates.
plan_builder& estimated(plan_builder& b, double least, double realistic, double most) {
  b.days(realistic);
  b.raw().tasks.back().estimate = estimate{least, realistic, most};
  return b;
}

}  // namespace

TEST_CASE("what has not been started has a way and a length but no end") {
  scenario s{plan_builder{}.phase("P").task("A").days(2).task("B").days(3).task("C").days(1).after("B", "A")};
  const auto made = of(s);
  CHECK_EQ(path_of(s), "A B");
  CHECK_EQ(made.path_days, 5);
  CHECK_EQ(made.remaining_days, 5);
  CHECK_EQ(made.pace.days_per_day, 1);
  CHECK_EQ(made.pace.leaves, 0);
  CHECK_FALSE(made.throughput_days);
  CHECK_FALSE(made.eta);
  CHECK_FALSE(made.earliest);
  CHECK_FALSE(made.latest);
  CHECK_EQ(slack_of(s, "C"), 4);
  REQUIRE_EQ(made.leaves.size(), 3);
  CHECK_EQ(made.leaves[1].start_days, 2);
  CHECK_EQ(made.leaves[1].end_days, 5);
}

TEST_CASE("of a leaf that is held what its holder has not done yet is left") {
  auto s = scenario::started(plan_builder{}.phase("A").days(2).phase("B").days(3), in_order());
  ends_in(s, 5);
  s.hand_out("A", "bob").after(hours(12));
  ends_in(s, 4.5);
  CHECK_EQ(path_of(s), "A B");
  s.after(days(20));  // a holder that has had its time is not done
  ends_in(s, 3.1);
}

TEST_CASE("the pace of what is finished holds for what is left") {
  auto s = scenario::started(plan_builder{}.phase("A").days(2).phase("B").days(3), in_order());
  s.hand_out("A", "bob").after(days(1)).complete("A", "bob");
  const auto made = of(s);
  CHECK_EQ(made.pace.leaves, 1);
  CHECK_EQ(made.pace.days_per_day, Approx(std::pow(0.5, 0.8)));  // one leaf against a quarter
  CHECK_EQ(made.path_days, Approx(3 * std::pow(0.5, 0.8)));
  REQUIRE(made.throughput_days);
  CHECK_EQ(*made.throughput_days, Approx(1.5));  // two estimated days in one real one
  ends_in(s, 3 * std::pow(0.5, 0.8));
  CHECK_EQ(path_of(s), "B");
}

TEST_CASE("agents that need seconds for days bring the end near") {
  plan_builder b;
  for (int i = 0; i < 40; ++i) b.phase("t" + std::to_string(i)).days(11.574);  // about a million seconds
  auto s = scenario::started(b, in_order());
  s.hand_out("t0", "bob").after(seconds(1)).complete("t0", "bob");
  CHECK_LT(of(s).pace.days_per_day, 2e-5);
  for (int i = 1; i < 39; ++i) {
    const auto id = "t" + std::to_string(i);
    s.hand_out(id, "bob").after(seconds(1)).complete(id, "bob");
  }
  CHECK_LT(of(s).pace.days_per_day, 1.1e-6);
  CHECK_GT(of(s).pace.days_per_day, 1e-6);
  CHECK_LT(*of(s).eta - s.now, seconds(1.2));
  CHECK_GE(*of(s).eta - s.now, seconds(1));
}

TEST_CASE("work that nobody was timed at says nothing about the pace") {
  plan_builder b;
  for (const char* id : {"A", "B", "C", "D", "E"}) b.phase(id).days(2);
  auto s = scenario::started(b, in_order());
  s.after(days(1)).when(resolution("A", review_action::complete)).when(resolution("B", review_action::skip));
  CHECK_EQ(of(s).pace.leaves, 0);
  CHECK_EQ(of(s).path_days, 6);
  CHECK_FALSE(of(s).throughput_days);  // nothing was handed out yet, so nothing has begun
  s.hand_out("C", "bob").after(days(4)).complete("C", "bob");
  CHECK_EQ(of(s).pace.leaves, 1);
  CHECK_EQ(*of(s).throughput_days, Approx(8));  // two days in four; D and E are left
  s.hand_out("D", "bob").after(days(4)).when(resolution("D", review_action::skip));
  CHECK_EQ(of(s).pace.leaves, 1);
  CHECK_EQ(*of(s).throughput_days, Approx(8));  // two days in eight; E is left
}

TEST_CASE("where agents are few the throughput decides") {
  plan_builder b;
  b.phase("P");
  for (const char* id : {"A", "B", "C", "D"}) b.task(id).days(1);
  auto s = scenario::started(b);
  s.hand_out("A", "bob").after(days(1)).complete("A", "bob");
  CHECK_EQ(of(s).path_days, 1);
  CHECK_EQ(*of(s).throughput_days, Approx(3));
  ends_in(s, 3);
  s.hand_out("B", "bob").after(hours(12));
  CHECK_EQ(*of(s).throughput_days, Approx(2.5 * 1.5));  // one day in one and a half; B is half done
}

TEST_CASE("a retry is not before its moment and a wait outside counts until its deadline") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").days(1).retry(3, days(2)).task("B").days(1).task("C").days(2.5));
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  ends_in(s, 3);
  CHECK_EQ(path_of(s), "A");
  CHECK_EQ(slack_of(s, "C"), 0.5);
  s.hand_out("B", "bob").when(block_task{by("bob", "B"), "rain", days(4), false});
  ends_in(s, 5);
  CHECK_EQ(path_of(s), "B");
  s.after(days(10));  // overdue: now at the earliest
  ends_in(s, 2.5);
}

TEST_CASE("the least and the greatest estimates bound the end") {
  plan_builder b;
  estimated(b.phase("A"), 1, 2, 4);
  estimated(b.phase("B"), 2, 3, 10);
  auto s = scenario::started(b, in_order());
  CHECK_EQ(*of(s).earliest - s.now, days(3));
  CHECK_EQ(*of(s).eta - s.now, days(5));
  CHECK_EQ(*of(s).latest - s.now, days(14));
  s.hand_out("A", "bob").after(days(2)).complete("A", "bob");
  CHECK_EQ(*of(s).earliest - s.now, days(2));
  CHECK_EQ(*of(s).eta - s.now, days(3));
  CHECK_EQ(*of(s).latest - s.now, days(10));
}

TEST_CASE("what was finished before its turn lets what follows begin") {
  auto s = scenario::started(plan_builder{}.phase("A").days(2).phase("B").days(3).phase("C").days(4), in_order());
  s.when(resolution("B", review_action::complete));
  CHECK_EQ(path_of(s), "C");
  ends_in(s, 4);
  CHECK_EQ(slack_of(s, "A"), 2);
}

TEST_CASE("hardly anything done in a long time ends in ten years too") {
  auto s = scenario::started(plan_builder{}.phase("A").days(0.001).phase("B").days(1000), in_order());
  s.hand_out("A", "bob").after(days(1)).complete("A", "bob");
  CHECK_EQ(*of(s).throughput_days, longest_forecast_days);
}

TEST_CASE("a leaf that is held goes on even where something comes to stand before it") {
  auto s = scenario::started(plan_builder{}.phase("A").days(9).phase("B").days(1).phase("C").days(2), in_order());
  s.when(resolution("B", review_action::complete)).hand_out("C", "bob");
  ends_in(s, 9);
  // A part that follows B: now A cannot come before B any more, and C follows both.
  auto parts = std::make_shared<decomposition>();
  new_subtask part;
  part.definition.id = {"A.1"};
  part.definition.title = "A.1";
  part.definition.estimate = estimate{9, 9, 9};
  part.depends_on.push_back({"B"});
  parts->subtasks.push_back(part);
  auto c = resolution("A", review_action::decompose);
  c.parts = parts;
  s.when(c).task_is("C", task_status::running, leaf_stage::held);
  REQUIRE_GT(s.task("C").gates, 0);
  ends_in(s, 9);
  CHECK_EQ(slack_of(s, "C"), 7);
}

TEST_CASE("the parts of a task that was taken apart are in the forecast and the task is not") {
  auto s = scenario::started(plan_builder{}.phase("A").days(2).phase("B").days(3), in_order());
  auto parts = std::make_shared<decomposition>();
  for (const char* id : {"A.1", "A.2"}) {
    new_subtask part;
    part.definition.id = {id};
    part.definition.title = id;
    part.definition.estimate = estimate{4, 4, 4};
    parts->subtasks.push_back(part);
  }
  auto c = resolution("A", review_action::decompose);
  c.parts = parts;
  s.when(c);
  CHECK_EQ(of(s).leaves.size(), 3);
  CHECK_EQ(path_of(s), "A.1 A.2 B");
  ends_in(s, 11);
}

TEST_CASE("a paused execution counts as going on now and a failed one has no end") {
  auto s = scenario::started(plan_builder{}.phase("A").days(2).confidence(0.5).phase("B").days(1), in_order());
  s.when(pause_execution{}).after(days(1));
  ends_in(s, 3);
  s.when(resume_execution{}).when(resolution("A", review_action::reject)).is(execution_status::failed);
  CHECK_EQ(path_of(s), "A B");
  CHECK_EQ(of(s).remaining_days, 3);
  CHECK_FALSE(of(s).eta);
}

TEST_CASE("nothing is left of what is complete or cancelled") {
  auto s = scenario::started(plan_builder{}.phase("A"));
  s.hand_out("A", "bob").complete("A", "bob").is(execution_status::completed);
  CHECK_FALSE(forecast(s.state, s.now));
  s = scenario::started(plan_builder{}.phase("A"));
  s.when(cancel_execution{});
  CHECK_FALSE(forecast(s.state, s.now));
  CHECK_FALSE(forecast(execution_state{}, s.now));
}

TEST_CASE("with nothing left a paused execution ends now") {
  auto s = scenario::started(plan_builder{}.phase("A"));
  s.hand_out("A", "bob").when(pause_execution{}).complete("A", "bob").is(execution_status::paused);
  ends_in(s, 0);
  CHECK(of(s).critical_path.empty());
  CHECK(of(s).leaves.empty());
}

TEST_CASE("absurd estimates end in ten years") {
  plan_builder b;
  for (int i = 0; i < 50; ++i) b.phase("t" + std::to_string(i)).days(1e6);
  auto s = scenario::started(b, in_order());
  ends_in(s, longest_forecast_days);
  CHECK_EQ(of(s).latest, of(s).eta);
  CHECK_EQ(of(s).critical_path.size(), 50);
  CHECK_EQ(of(s).leaves[0].end_days, longest_forecast_days);
}

namespace {

void check_forecast(const execution_state& state, timestamp now) {
  const auto made = forecast(state, now);
  REQUIRE_EQ(made.has_value(), !is_final(state.status));
  if (!made) return;
  if (made->eta) {
    REQUIRE_GE(*made->earliest, now);
    REQUIRE_GE(*made->eta, *made->earliest);
    REQUIRE_GE(*made->latest, *made->eta);
    REQUIRE_LE(*made->latest, now + days(longest_forecast_days));
  }
  REQUIRE_EQ(made->leaves.size(), state.leaf_total() - state.in(leaf_stage::done));
  REQUIRE_EQ(made->critical_path.empty(), made->leaves.empty());
  REQUIRE_GT(made->pace.days_per_day, 0);
  double along = 0;
  for (const auto& leaf : made->leaves) {
    REQUIRE_NE(static_cast<int>(state.tasks[leaf.leaf].stage), static_cast<int>(leaf_stage::done));
    REQUIRE_GE(leaf.slack_days, 0);
    REQUIRE_GE(leaf.end_days, leaf.start_days);
    REQUIRE_LE(leaf.end_days, made->path_days);
    const auto& path = made->critical_path;
    if (std::find(path.begin(), path.end(), leaf.leaf) == path.end()) continue;
    along += leaf.end_days - leaf.start_days;
    REQUIRE_EQ(leaf.slack_days, Approx(0));
  }
  // Else the way may begin with a wait.
  if (state.in(leaf_stage::retrying) + state.in(leaf_stage::external) == 0) REQUIRE_EQ(along, Approx(made->path_days));
}

}  // namespace

TEST_CASE("whatever happened to an execution its forecast holds together") {
  std::size_t with_pace = 0;
  for (std::uint64_t seed = 1; seed <= walks(300); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    command_source source{roll};
    execution_state state;
    timestamp now = epoch;
    run(state, create_execution{.source = random_plan(roll, 16), .options = random_options(roll), .start = true}, now);
    for (int step = 0; step < 60; ++step) {
      now += seconds(roll.below(40'000));
      run(state, source.draw(state), now);
      check_forecast(state, now);
      with_pace += pace_of(state).leaves > 0 ? 1U : 0U;
    }
  }
  CHECK_GT(with_pace, 1000);
}

}  // namespace planexe::tests
