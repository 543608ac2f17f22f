// What waits too long for a person or an agent: who is told, when, and then whom. And how long a retry waits.
#include <doctest/doctest.h>

#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

execution_options with_ladder(std::vector<escalation_rung> ladder) {
  execution_options options;
  options.ladder = std::move(ladder);
  return options;
}

/// A waits for a person from the start, B is ready.
scenario asked(const execution_options& options = {}) {
  return scenario::started(plan_builder{}.phase("P").task("A").confidence(0.5).task("B"), options);
}

std::string due(const scenario& s, const std::string& task) {
  const auto at = escalation_due(s.state, s.index(task));
  return at ? std::to_string((*at - epoch) / hours(1)) + " h" : "never";
}

}  // namespace

TEST_CASE("a review that nobody answers climbs the ladder and then comes back at longer and longer intervals") {
  auto s = asked(with_ladder({{hours(4), "ann"}, {hours(8), "sponsor"}}));
  CHECK_EQ(due(s, "A"), "4 h");
  CHECK(waiting_of(s.state, s.index("A"))->wake_at == epoch + hours(4));
  s.after(hours(4) - milliseconds{1}).when(escalate_overdue{}).then({});
  s.after(milliseconds{1}).hand_out("B", "bob").when(escalate_overdue{});
  s.then(
      {"task_escalated A 1 to ann (nobody has decided yet: a person should look at it before an agent does: "
       "confidence 50 % is under the threshold of 70 %)"});
  CHECK_EQ(due(s, "A"), "12 h");
  s.after(hours(8)).when(escalate_overdue{}).then({"task_escalated A 2 to sponsor*"});
  CHECK_EQ(due(s, "A"), "28 h");  // 16 hours later
  s.after(hours(16)).when(escalate_overdue{}).then({"task_escalated A 3 to sponsor*"});
  CHECK_EQ(due(s, "A"), "60 h");
}

TEST_CASE("reminders come at least once a week") {
  CHECK(escalation_interval({}, 0) == hours(24));
  CHECK(escalation_interval({}, 1) == hours(48));
  CHECK(escalation_interval({}, 2) == hours(96));
  CHECK(escalation_interval({}, 3) == hours(24 * 7));
  CHECK(escalation_interval({}, 4'000'000'000U) == hours(24 * 7));
  const auto slow = with_ladder({{hours(24 * 30), "ann"}});
  CHECK(escalation_interval(slow, 5) == hours(24 * 30));
}

TEST_CASE("an answer ends the climb and a new wait begins at the foot") {
  auto s = asked();
  s.after(hours(24)).when(escalate_overdue{});
  CHECK_EQ(s.task("A").escalation.level, 1);
  s.when(resolution("A", review_action::approve));
  CHECK_EQ(s.task("A").escalation.level, 0);
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke", true, true});
  CHECK_EQ(due(s, "A"), "48 h");
}

TEST_CASE("nothing climbs before the start, in a pause or after the end") {
  scenario s{plan_builder{}.phase("P").task("A").confidence(0.5).task("B")};
  CHECK_EQ(due(s, "B"), "never");
  s.when(queue_execution{});
  CHECK_EQ(due(s, "A"), "24 h");
  s.when(pause_execution{});
  CHECK_EQ(due(s, "A"), "never");
  s.after(hours(30)).when(escalate_overdue{}).then({});
  s.when(resume_execution{}).when(escalate_overdue{});
  CHECK_EQ(s.last.events.size(), 2);
  s.when(cancel_execution{});
  CHECK_EQ(due(s, "A"), "never");
}

TEST_CASE("ready work is escalated when no work of its kind is taken and not when the queue moves") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").action("dig").task("B").action("dig").task("C").action("paint"));
  CHECK_EQ(due(s, "B"), "24 h");
  s.after(hours(20)).hand_out("A", "bob");
  CHECK_EQ(due(s, "B"), "44 h");  // somebody digs
  CHECK_EQ(due(s, "C"), "24 h");  // nobody paints
  s.after(hours(4)).when(escalate_overdue{});
  s.then({"task_escalated C 1 (nobody has taken it yet: waits for an agent that can 'paint')"});
  s.after(hours(20)).when(escalate_overdue{});
  s.then({"task_escalated B 1 (nobody has taken it yet: waits for an agent that can 'dig')"});
}

TEST_CASE("work that nobody takes before the first hand-out is escalated too") {
  auto s = scenario::started(plan_builder{}.phase("A"));
  s.after(hours(24)).when(escalate_overdue{}).then({"task_escalated A 1*"}).is(execution_status::queued);
}

TEST_CASE("a final failure is escalated at once") {
  auto s = scenario::started(plan_builder{}.phase("A").retry(1, seconds(1)), with_ladder({{hours(1), "ann"}}));
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  s.then({"task_error A*", "review_requested A failure (failed 1 time: broke)",
          "task_escalated A 1 to ann (failed 1 time: broke)", "execution_blocked*"});
  CHECK_EQ(s.task("A").escalation.level, 1);
}

TEST_CASE("the next deadline is the earliest of all") {
  auto s = asked();
  CHECK(next_deadline(s.state) == epoch + hours(24));  // both escalations; the execution's own is at 168 h
  s.hand_out("B", "bob").when(block_task{by("bob", "B"), "rain", hours(2), false});
  CHECK(next_deadline(s.state) == epoch + hours(2));
  s.when(pause_execution{});
  CHECK(next_deadline(s.state) == epoch + hours(2));
  s.when(cancel_execution{});
  CHECK_FALSE(next_deadline(s.state));
}

TEST_CASE("a tier can ask for approval whatever the confidence") {
  execution_options options;
  options.review_from_tier = 3;
  plan_builder plan;
  plan.phase("P").task("A").task("B");
  auto source = std::make_shared<domain::plan>(*plan.build());
  source->tasks[1].tier = autonomy_tier::person_led;
  auto s = scenario::started(source, options);
  CHECK_EQ(s.task("A").review->reason,
           "a person should look at it before an agent does: it is of tier 3, and from tier 3 on a person approves");
  CHECK_FALSE(s.task("B").review);
  CHECK_FALSE(is_for_people(options, source->tasks[1]));
  options.human_from_tier = 3;
  CHECK(is_for_people(options, source->tasks[1]));
  CHECK_FALSE(is_for_people(options, source->tasks[2]));
}

TEST_CASE("a ladder that cannot be climbed is refused") {
  scenario s;
  s.when(create_execution{.source = plan_builder{}.phase("A"), .options = with_ladder({{hours(0), "ann"}})});
  s.refused(rejection_code::validation_failed);
  s.when(create_execution{.source = plan_builder{}.phase("A"), .options = with_ladder({17, escalation_rung{}})});
  s.refused(rejection_code::validation_failed);
}

TEST_CASE("the switch pauses what would hand out and only the switch's pauses end with it") {
  scenario s{plan_builder{}.phase("A")};
  s.when(pause_execution{"fire", true}).then({});  // not started
  s.when(queue_execution{}).when(pause_execution{"fire", true}).is(execution_status::paused);
  CHECK(s.state.paused_by_switch);
  s.when(resume_execution{true}).then({"execution_resumed QUEUED"});
  CHECK_FALSE(s.state.paused_by_switch);
  s.when(pause_execution{"lunch"}).when(pause_execution{"fire", true}).then({});
  s.when(resume_execution{true}).then({}).is(execution_status::paused);
}

// Retries.

namespace {

/// How long the attempt after each of so many failures waits, in seconds.
std::string waits(const retry_policy& policy, int failures, double jitter = 0) {
  execution_options options;
  options.retry = policy;
  options.retry.max_attempts = 100;
  options.timeout = hours(24 * 365);
  auto s = scenario::started(plan_builder{}.phase("A"), options);
  std::string text;
  for (int i = 0; i < failures; ++i) {
    s.hand_out("A", "bob")
        .when(fail_task{.report = by("bob", "A"), .error_type = "io", .error_message = "broke", .jitter = jitter});
    const auto wait = *s.task("A").retry_at - s.now;
    text += (text.empty() ? "" : " ") + std::to_string(wait / seconds(1));
    s.after(wait).when(wake_retry{s.index("A")});
  }
  return text;
}

}  // namespace

TEST_CASE("waits between attempts grow as the policy says, and never beyond its limit") {
  CHECK_EQ(waits({}, 4), "300 600 1200 2400");
  CHECK_EQ(waits({.backoff = seconds(10), .multiplier = 1}, 3), "10 10 10");
  CHECK_EQ(waits({.backoff = seconds(10), .multiplier = 3, .max_backoff = seconds(50)}, 4), "10 30 50 50");
  CHECK_EQ(waits({.backoff = seconds(100)}, 3, 1), "110 220 440");
  CHECK_EQ(waits({.backoff = seconds(100), .max_backoff = seconds(300)}, 3, 0.5), "105 210 300");
  CHECK_EQ(waits({.backoff = seconds(1), .multiplier = 100, .max_backoff = hours(1)}, 5), "1 100 3600 3600 3600");
}

TEST_CASE("an error that the policy calls final is not tried again") {
  execution_options options;
  options.retry.final_errors = {"no_such_street"};
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B"), options);
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  s.task_is("A", task_status::queued, leaf_stage::retrying);
  s.hand_out("B", "bob").when(fail_task{by("bob", "B"), "no_such_street", "gone"});
  s.then({"task_error B*", "review_requested B failure (failed and cannot be retried: gone)", "task_escalated B 1*"});
}

}  // namespace planexe::tests
