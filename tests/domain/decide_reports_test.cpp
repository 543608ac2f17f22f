// What agents report, what becomes of it, and who is believed.
#include <doctest/doctest.h>

#include <limits>

#include "tests/domain/oracle.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// A, then B, in one phase; C beside them.
plan_builder three_tasks() {
  return plan_builder{}.phase("P").task("A").task("B").task("C").after("B", "A");
}

scenario held_by_bob(plan_builder plan = three_tasks(), execution_options options = {}) {
  auto s = scenario::started(plan, options);
  s.hand_out("A", "bob", "t1");
  return s;
}

}  // namespace

TEST_CASE("an assignment starts the execution and gives the leaf to one agent for a time") {
  auto s = scenario::started(three_tasks());
  s.after(seconds(10)).when(s.assignment("A", "bob", "t1"));
  s.then({"task_assigned A to bob #1 t1 until @86410s (free)", "execution_started"}).is(execution_status::running);
  s.task_is("A", task_status::running, leaf_stage::held);
  CHECK_EQ(s.state.held.size(), 1);
  CHECK(s.state.started_at == s.now);
  s.when(s.assignment("A", "ann", "t2")).refused(rejection_code::task_not_held);
  s.when(s.assignment("B", "ann", "t2")).refused(rejection_code::task_not_held);
  s.when(s.assignment("P", "ann", "t2")).refused(rejection_code::task_not_held);
  s.when(assign_task{99, {"ann"}, "t2", {}}).refused(rejection_code::task_not_held);
}

TEST_CASE("a task's own timeout goes before the execution's") {
  auto s = scenario::started(plan_builder{}.phase("A").timeout(hours(2)), {.task_timeout = hours(3)});
  s.when(s.assignment("A", "bob", "t1"));
  s.then({"task_assigned A to bob #1 t1 until @7200s (free)", "execution_started"});
}

TEST_CASE("at most max_parallel leaves are held") {
  auto s = held_by_bob(three_tasks(), {.max_parallel = 1});
  s.when(s.assignment("C", "ann", "t2")).refused(rejection_code::unavailable);
  s.complete("A", "bob").hand_out("C", "ann");
}

TEST_CASE("start, progress and heartbeat of the holder") {
  auto s = held_by_bob();
  s.when(start_task{by("bob", "A"), "here we go"}).then({"task_started A by bob (here we go)"});
  s.when(report_progress{by("bob", "A", "t1"), 40, "so far"}).then({"task_progress A by bob 40% (so far)"});
  CHECK_EQ(s.task("A").progress_percent, 40);
  s.when(heartbeat{by("bob", "A"), {}, {}}).then({});
  s.when(heartbeat{by("bob", "A"), 40, {}}).then({});
  s.when(heartbeat{by("bob", "A"), 41, {}}).then({"task_progress A by bob 41%"});
}

TEST_CASE("progress is a percentage") {
  auto s = held_by_bob();
  for (const double wrong : {-1.0, 100.5, std::numeric_limits<double>::quiet_NaN()}) {
    s.when(report_progress{by("bob", "A"), wrong, {}}).refused(rejection_code::validation_failed);
    CHECK_EQ(s.last.rejection->errors.at(0).field, "progress_percent");
    s.when(heartbeat{by("bob", "A"), wrong, {}}).refused(rejection_code::validation_failed);
  }
  s.when(report_progress{by("bob", "A"), 100, {}}).then({"task_progress A by bob 100%"});
}

TEST_CASE("a completion unlocks what waited for it, and the last one ends the execution") {
  auto s = held_by_bob();
  s.task_is("B", task_status::queued, leaf_stage::waiting);
  s.when(complete_task{by("bob", "A", "t1"), R"({"x":1})", "done"}).then({R"(task_complete A by bob {"x":1} (done))"});
  s.task_is("A", task_status::complete, leaf_stage::done).task_is("B", task_status::queued, leaf_stage::ready);
  CHECK_EQ(s.task("A").output_json, R"({"x":1})");
  CHECK_EQ(s.task("A").progress_percent, 100);
  CHECK(s.last.touched == std::vector<task_index>{s.index("B")});
  s.hand_out("B", "bob").complete("B", "bob").hand_out("C", "bob");
  s.when(complete_task{by("bob", "C"), {}, {}}).then({"task_complete C by bob", "execution_completed"});
  s.is(execution_status::completed);
  CHECK_EQ(s.state.leaves_complete, 3);
  CHECK(s.state.completed_at == s.now);
}

TEST_CASE("a token counts only with the agent it was given to, and an agent only without another token") {
  auto s = held_by_bob();
  s.when(complete_task{by("ann", "A"), {}, {}}).refused(rejection_code::lease_lost);
  s.when(complete_task{by("bob", "A", "t0"), {}, {}}).then({"report_rejected_stale A by bob t0: task_complete"});
  CHECK(s.last.rejection);
  s.when(complete_task{by("ann", "A", "t1"), {}, {}}).then({"report_rejected_stale A by ann t1: task_complete"});
  CHECK(s.last.rejection);
  s.task_is("A", task_status::running, leaf_stage::held);
}

TEST_CASE("a stale report is refused each time and recorded once") {
  auto s = held_by_bob();
  s.when(release_task{s.index("A"), "t1", "silent"}).then({"lease_expired A by bob (silent)"});
  s.hand_out("A", "ann", "t2");
  s.when(complete_task{by("bob", "A", "t1"), {}, {}}).then({"report_rejected_stale A by bob t1: task_complete"});
  REQUIRE(s.last.rejection);
  CHECK(s.last.rejection->code == rejection_code::lease_lost);
  s.when(fail_task{by("bob", "A", "t1"), {}, {}}).refused(rejection_code::lease_lost);
  s.when(report_progress{by("bob", "A"), 5, {}}).refused(rejection_code::lease_lost);
  CHECK(s.task("A").lease->agent == agent_id{"ann"});
  CHECK_EQ(s.task("A").attempt, 2);
}

TEST_CASE("a report must name a leaf that there is") {
  auto s = held_by_bob();
  s.when(complete_task{by("bob", "X"), {}, {}}).refused(rejection_code::not_found);
  s.when(unblock_task{by("bob", "X"), {}}).refused(rejection_code::not_found);
  s.when(complete_task{by("bob", "P"), {}, {}}).refused(rejection_code::validation_failed);
  REQUIRE_EQ(s.last.rejection->errors.size(), 1);
  CHECK_EQ(s.last.rejection->errors[0].field, "task_id");
}

TEST_CASE("the same completion again gets the first answer, another one does not") {
  auto s = held_by_bob();
  s.when(complete_task{by("bob", "A", "t1"), "{}", {}});
  const auto seq = s.state.version;
  s.when(complete_task{by("bob", "A", "t1"), "{}", "again"}).duplicate_of(seq);
  s.when(complete_task{by("bob", "A"), "{}", {}}).duplicate_of(seq);
  s.when(complete_task{by("ann", "A"), "{}", {}}).refused(rejection_code::lease_lost);
  s.when(complete_task{by("bob", "A"), R"({"y":2})", {}}).refused(rejection_code::lease_lost);
  s.when(fail_task{by("bob", "A"), "io", "no"}).refused(rejection_code::lease_lost);
}

TEST_CASE("the same error again gets the first answer, also while somebody else has taken the task up") {
  auto s = held_by_bob();
  s.when(fail_task{by("bob", "A", "t1"), "io", "broke"});
  const auto seq = s.state.version - 1;  // the retry was scheduled after it
  s.when(fail_task{by("bob", "A", "t1"), "io", "broke"}).duplicate_of(seq);
  s.when(fail_task{by("bob", "A", "t1"), "io", "otherwise"});
  CHECK(s.last.rejection);
  s.after(seconds(300)).when(wake_retry{s.index("A")}).then({"task_retry_due A"});
  s.when(fail_task{by("bob", "A"), "io", "broke"}).duplicate_of(seq);
  s.hand_out("A", "ann", "t2").when(fail_task{by("bob", "A", "t1"), "io", "broke"}).duplicate_of(seq);
  s.when(fail_task{by("bob", "A"), "io", "broke"}).refused(rejection_code::lease_lost);
  s.when(fail_task{by("bob", "A", "t1"), "io", "otherwise"}).refused(rejection_code::lease_lost);
}

TEST_CASE("the same block again gets the first answer") {
  auto s = held_by_bob();
  s.when(block_task{by("bob", "A", "t1"), "rain", {}, false});
  const auto seq = s.state.version;
  s.when(block_task{by("bob", "A", "t1"), "rain", {}, false}).duplicate_of(seq);
  s.when(block_task{by("bob", "A"), "snow", {}, false}).refused(rejection_code::lease_lost);
}

TEST_CASE("an error is not taken for an earlier attempt's when the attempt ended by a block") {
  auto s = held_by_bob();
  s.when(fail_task{by("bob", "A"), "io", "broke"}).after(seconds(300)).when(wake_retry{s.index("A")});
  s.hand_out("A", "bob", "t2").when(block_task{by("bob", "A"), "rain", {}, false});
  s.when(fail_task{by("bob", "A"), "io", "broke"}).refused(rejection_code::lease_lost);
}

TEST_CASE("an error is retried after 300 s, then 600 s, then a person is asked") {
  auto s = held_by_bob();
  s.when(fail_task{by("bob", "A"), "io", "broke"});
  s.then({"task_error A by bob #1 io: broke", "task_retry_scheduled A @300s"});
  s.task_is("A", task_status::queued, leaf_stage::retrying).is(execution_status::running);
  s.after(seconds(299)).when(wake_retry{s.index("A")}).then({});
  s.after(seconds(1)).when(wake_retry{s.index("A")}).then({"task_retry_due A"});
  s.task_is("A", task_status::queued, leaf_stage::ready).hand_out("A", "bob");
  s.when(fail_task{by("bob", "A"), "io", "broke"});
  s.then({"task_error A by bob #2 io: broke", "task_retry_scheduled A @900s"});
  s.after(seconds(600)).when(wake_retry{s.index("A")}).hand_out("A", "bob");
  s.when(fail_task{by("bob", "A"), "io", "broke"});
  s.then({"task_error A by bob #3 io: broke", "review_requested A failure (failed 3 times: broke)",
          "task_escalated A 1 (failed 3 times: broke)"});
  s.task_is("A", task_status::error, leaf_stage::reviewing).is(execution_status::running);  // C can go on
  CHECK(s.task("A").failure == task_failure{"io", "broke"});
}

TEST_CASE("a task's own policy goes before the execution's") {
  auto s = scenario::started(plan_builder{}.phase("A").retry(2, seconds(10)), {.retry = {9, seconds(99)}});
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  s.then({"task_error A by bob #1 io: broke", "task_retry_scheduled A @10s"});
  s.after(seconds(10)).when(wake_retry{s.index("A")}).hand_out("A", "bob");
  s.when(fail_task{by("bob", "A"), "io", "broke"});
  s.then({"task_error A by bob #2 io: broke", "review_requested A failure (failed 2 times: broke)",
          "task_escalated A 1 (failed 2 times: broke)", "execution_blocked (waits for a person's decision on 1 task)"});
}

TEST_CASE("a backoff grows to a week and no longer") {
  auto s = scenario::started(plan_builder{}.phase("A").retry(5000, hours(100)), {.timeout = hours(80'000)});
  for (int i = 0; i < 3; ++i) {
    s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
    const auto wait = *s.task("A").retry_at - s.now;
    CHECK(wait == (i == 0 ? hours(100) : hours(168)));
    s.after(wait).when(wake_retry{s.index("A")});
  }
}

TEST_CASE("no backoff stays no backoff, however often the task has failed") {
  auto s = scenario::started(plan_builder{}.phase("A").retry(5000, milliseconds{0}));
  const execution_event failure = task_error{{"A"}, {"bob"}, 1, "io", "broke", true, false};
  s.given(std::vector<execution_event>(2000, failure));
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  s.then({"task_error A by bob #1 io: broke", "task_retry_scheduled A @0s"});
}

TEST_CASE("an error that cannot be retried, or that asks for a person, is a review at once") {
  auto s = held_by_bob();
  s.when(fail_task{by("bob", "A"), "io", "broke", false, false});
  s.then({"task_error A by bob #1 io: broke", "review_requested A failure (failed and cannot be retried: broke)",
          "task_escalated A 1 (failed and cannot be retried: broke)"});
  s.task_is("A", task_status::error, leaf_stage::reviewing);
  s = held_by_bob();
  s.when(fail_task{by("bob", "A"), "io", "broke", true, true});
  s.then({"task_error A by bob #1 io: broke", "review_requested A requested (the agent asks for a person: broke)"});
  s.task_is("A", task_status::blocked, leaf_stage::reviewing);
}

TEST_CASE("a failed decomposition is a review at once") {
  auto s = held_by_bob();
  s.when(fail_task{by("bob", "A"), "decomposition_failed", "too vague", true, false});
  s.then({"task_error A by bob #1 decomposition_failed: too vague",
          "review_requested A requested (the agent asks for a person: too vague)"});
}

TEST_CASE("an attempt that takes too long is an error of that attempt and of no later one") {
  auto s = held_by_bob();
  s.after(hours(24) - milliseconds{1}).when(time_out_attempt{s.index("A"), "t1"}).then({});
  s.after(milliseconds{1}).when(time_out_attempt{s.index("A"), "t0"}).then({});
  s.when(time_out_attempt{s.index("A"), "t1"});
  s.then({"task_error A by bob #1 timeout: no result within the task's timeout", "task_retry_scheduled A @86700s"});
  s.when(time_out_attempt{s.index("A"), "t1"}).then({});
  s.when(complete_task{by("bob", "A", "t1"), {}, {}});
  CHECK(s.last.rejection);
}

TEST_CASE("an agent that goes silent loses its lease, and the attempt is not charged") {
  auto s = held_by_bob();
  s.when(report_progress{by("bob", "A"), 50, {}});
  s.when(release_task{s.index("A"), "t0", "silent"}).then({});
  s.when(release_task{s.index("A"), "t1", "silent"}).then({"lease_expired A by bob (silent)"});
  s.task_is("A", task_status::queued, leaf_stage::ready);
  CHECK_EQ(s.task("A").charged, 0);
  CHECK_EQ(s.task("A").progress_percent, 0);
  s.hand_out("A", "ann");
  CHECK_EQ(s.task("A").attempt, 2);
  s.when(fail_task{by("ann", "A"), "io", "broke"});
  s.then({"task_error A by ann #2 io: broke", "task_retry_scheduled A @300s"});
}

TEST_CASE("a block waits for 48 h or as long as the agent says, and other branches go on") {
  auto s = held_by_bob();
  s.when(block_task{by("bob", "A"), "rain", {}, false}).then({"task_blocked A by bob until @172800s (rain)"});
  s.task_is("A", task_status::blocked, leaf_stage::external).is(execution_status::running);
  s.hand_out("C", "bob").when(block_task{by("bob", "C"), "snow", hours(1), false});
  s.then({"task_blocked C by bob until @3600s (snow)", "execution_blocked (waits for something outside in 2 tasks)"});
  s.when(unblock_task{by("ann", "C"), "gone"}).refused(rejection_code::task_not_held);
  s.when(unblock_task{by("bob", "C"), "gone"}).then({"task_unblocked C (gone)", "execution_unblocked RUNNING"});
  s.task_is("C", task_status::queued, leaf_stage::ready);
}

TEST_CASE("a block's length is kept within bounds") {
  auto s = held_by_bob();
  s.when(block_task{by("bob", "A"), "rain", milliseconds::max(), false});
  CHECK(s.task("A").external->until == epoch + hours(24 * 366 * 10));
  s.hand_out("C", "bob").when(block_task{by("bob", "C"), "rain", milliseconds::min(), false});
  CHECK(s.task("C").external->until == epoch);
}

TEST_CASE("a block that lasts too long is escalated to a person") {
  auto s = held_by_bob();
  s.when(block_task{by("bob", "A"), "rain", hours(1), false});
  s.after(hours(1) - milliseconds{1}).when(escalate_wait{s.index("A")}).then({});
  s.after(milliseconds{1}).when(escalate_wait{s.index("A")});
  s.then({"review_requested A escalated (waited too long for something outside: rain)",
          "task_escalated A 1 (waited too long for something outside: rain)"});
  s.task_is("A", task_status::blocked, leaf_stage::reviewing);
  s.when(escalate_wait{s.index("A")}).then({});
  s.when(unblock_task{by("bob", "A"), "gone"});
  s.then({"task_unblocked A (gone)", "review_resolved A unblock (the agent says that it can go on)"});
  s.task_is("A", task_status::queued, leaf_stage::ready);
}

TEST_CASE("the end of an earlier attempt's block does not end the block of a later one") {
  auto s = held_by_bob();
  s.when(block_task{by("bob", "A", "t1"), "rain", {}, false}).when(resolution("A", review_action::unblock));
  s.hand_out("A", "bob", "t2").when(block_task{by("bob", "A", "t2"), "snow", {}, false});
  s.when(unblock_task{by("bob", "A", "t1"), "gone"}).then({"report_rejected_stale A by bob t1: task_unblocked"});
  CHECK(s.last.rejection);
  s.task_is("A", task_status::blocked, leaf_stage::external);
  s.when(unblock_task{by("bob", "A", "t2"), "gone"}).then({"task_unblocked A (gone)"});
}

TEST_CASE("a block of a cancelled execution cannot be ended any more") {
  auto s = held_by_bob();
  s.when(block_task{by("bob", "A"), "rain", {}, false}).when(cancel_execution{});
  s.when(unblock_task{by("bob", "A"), "gone"}).refused(rejection_code::task_not_held);
}

TEST_CASE("blocking: true blocks the whole execution, whatever else is ready, until the block ends") {
  auto s = held_by_bob();
  s.when(block_task{by("bob", "A"), "permit", hours(1), true});
  s.then({"task_blocked A by bob until @3600s blocking (permit)",
          "execution_blocked (an agent says that the whole execution has to wait)"});
  s.task_is("C", task_status::queued, leaf_stage::ready);
  s.when(s.assignment("C", "ann", "t2")).refused(rejection_code::invalid_transition);
  s.after(hours(1)).when(escalate_wait{s.index("A")}).is(execution_status::blocked);
  s.when(unblock_task{by("bob", "A"), "granted"});
  CHECK_EQ(to_string(s.last.events.back()), "execution_unblocked RUNNING");
  CHECK_EQ(s.state.blocking, 0);
}

TEST_CASE("while one agent blocks everything, another one's work is still taken") {
  auto s = held_by_bob();
  s.hand_out("C", "ann").when(block_task{by("bob", "A"), "permit", {}, true}).is(execution_status::blocked);
  s.when(complete_task{by("ann", "C"), {}, {}}).then({"task_complete C by ann"});
}

}  // namespace planexe::tests
