// What people are asked, and what each of their decisions does, on a leaf and on everything below a task.
#include <doctest/doctest.h>

#include "tests/domain/oracle.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;
using enum review_action;

namespace {

const std::string doubtful =
    "review_requested A approval (a person should look at it before an agent does: "
    "confidence 50 % is under the threshold of 70 %)";

/// A waits for approval; B follows it.
scenario approval_asked() {
  return scenario::started(plan_builder{}.phase("P").task("A").confidence(0.5).task("B").after("B", "A"));
}

/// A has failed for the last time and a person is asked; B follows it.
scenario failed_once() {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").retry(1, seconds(1)).task("B").after("B", "A"));
  s.hand_out("A", "bob", "t1").when(fail_task{by("bob", "A"), "io", "broke"}).is(execution_status::blocked);
  return s;
}

/// A waits for a delivery, which is overdue; B follows it.
scenario escalated() {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B").after("B", "A"));
  s.hand_out("A", "bob", "t1").when(block_task{by("bob", "A"), "rain", hours(1), false});
  s.after(hours(1)).when(escalate_wait{s.index("A")}).is(execution_status::blocked);
  return s;
}

}  // namespace

TEST_CASE("approvals are asked for at the start, where the confidence is under the threshold") {
  const auto plan = plan_builder{}.phase("P").confidence(0).task("A").confidence(0.5).task("B").confidence(0.7).build();
  scenario s{plan};
  s.when(queue_execution{}).then({"execution_queued until @604800s (started)", doubtful});
  s.task_is("A", task_status::queued, leaf_stage::reviewing).task_is("B", task_status::queued, leaf_stage::ready);
  scenario::started(plan, {.review_threshold = 0}).then({"execution_created 'A plan'", "execution_queued*"});
  scenario::started(plan, {.review_threshold = 1})
      .then({"execution_created 'A plan'", "execution_queued*", "review_requested A*", "review_requested B*",
             "execution_blocked (waits for a person's decision on 2 tasks)"});
}

TEST_CASE("no approval is asked for what a person finished before the start") {
  scenario s{plan_builder{}.phase("P").task("A").confidence(0.5).task("B").confidence(0.5)};
  s.when(resolution("A", skip)).when(queue_execution{});
  s.then({"execution_queued*", "review_requested B*", "execution_blocked*"});
}

TEST_CASE("approve lets an agent have it") {
  auto s = approval_asked();
  s.is(execution_status::blocked).when(s.assignment("A", "bob", "t")).refused(rejection_code::invalid_transition);
  s.when(resolution("A", approve, "go on")).then({"review_resolved A approve (go on)", "execution_unblocked QUEUED"});
  s.task_is("A", task_status::queued, leaf_stage::ready);
  CHECK_EQ(s.task("A").resolution, "go on");
  s.when(resolution("A", approve)).refused(rejection_code::invalid_transition);
}

TEST_CASE("an approval may come before its turn") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B").confidence(0.5).after("B", "A"));
  s.task_is("B", task_status::queued, leaf_stage::reviewing);
  s.when(resolution("B", approve)).then({"review_resolved B approve"});
  s.task_is("B", task_status::queued, leaf_stage::waiting);
}

TEST_CASE("reject fails the task for good, and with it an execution that cannot go on") {
  auto s = approval_asked();
  s.when(resolution("A", reject, "too dear"));
  s.then({"review_resolved A reject (too dear)", "task_error A by a person #0 rejected: too dear, not charged, final",
          "execution_failed (a task that the plan needs has failed for good)"});
  s.task_is("A", task_status::error, leaf_stage::failed).task_is("B", task_status::queued, leaf_stage::waiting);
}

TEST_CASE(
    "while other branches go on, a rejected task does not end the execution, and a person can change their mind") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").confidence(0.5).task("B"));
  s.when(resolution("A", reject)).is(execution_status::queued);
  s.task_is("A", task_status::error, leaf_stage::failed);
  s.when(resolution("A", retry)).then({"review_resolved A retry"});
  s.task_is("A", task_status::queued, leaf_stage::ready);
  s.when(resolution("A", retry)).refused(rejection_code::invalid_transition);
}

TEST_CASE("retry after the last failure gives all attempts again") {
  auto s = failed_once();
  s.when(resolution("A", approve)).refused(rejection_code::invalid_transition);
  s.when(resolution("A", choose)).refused(rejection_code::invalid_transition);
  s.when(resolution("A", unblock)).refused(rejection_code::invalid_transition);
  s.when(resolution("A", retry, "once more"))
      .then({"review_resolved A retry (once more)", "execution_unblocked RUNNING"});
  CHECK_EQ(s.task("A").charged, 0);
  s.task_is("A", task_status::queued, leaf_stage::ready).hand_out("A", "ann");
  CHECK_EQ(s.task("A").attempt, 2);
}

TEST_CASE("skip goes on without it") {
  auto s = failed_once();
  s.when(resolution("A", skip, "not needed"));
  s.then({"review_resolved A skip (not needed)", "task_skipped A (not needed)", "execution_unblocked RUNNING"});
  s.task_is("A", task_status::skipped, leaf_stage::done).task_is("B", task_status::queued, leaf_stage::ready);
  CHECK_EQ(s.state.leaves_skipped, 1);
  s.when(resolution("A", skip)).refused(rejection_code::invalid_transition);
  s.when(resolution("B", skip));
  s.then({"task_skipped B", "execution_completed"});
}

TEST_CASE("complete by hand keeps the result, also of a task that an agent holds") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B").after("B", "A"));
  s.hand_out("A", "bob", "t1");
  auto c = resolution("A", complete, "by phone");
  c.output_json = R"({"ok":true})";
  s.when(c).then({"lease_expired A by bob (a person completed the task)",
                  R"(task_complete A by a person {"ok":true} (by phone))"});
  CHECK_EQ(s.task("A").output_json, R"({"ok":true})");
  CHECK(s.state.held.empty());
  s.when(complete_task{by("bob", "A", "t1"), {}, {}}).then({"report_rejected_stale A by bob t1: task_complete"});
}

TEST_CASE("choose hands the choice to the next holder") {
  auto s = scenario::started(plan_builder{}.phase("A"));
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "choice", "left or right?", true, true});
  auto c = resolution("A", choose, "it is shorter");
  c.option = "left";
  s.when(c).then({"review_resolved A choose (left: it is shorter)", "execution_unblocked RUNNING"});
  CHECK_EQ(s.task("A").resolution, "left: it is shorter");
}

TEST_CASE("unblock ends a wait for something outside, escalated or not") {
  auto s = escalated();
  s.when(resolution("A", unblock, "it came"));
  s.then({"task_unblocked A (it came)", "review_resolved A unblock (it came)", "execution_unblocked RUNNING"});
  s.task_is("A", task_status::queued, leaf_stage::ready);
  s.hand_out("A", "bob").when(block_task{by("bob", "A"), "rain", hours(1), false});
  s.when(resolution("A", unblock)).then({"task_unblocked A", "execution_unblocked RUNNING"});
}

TEST_CASE("an escalated wait can be approved, retried, rejected, skipped and completed") {
  for (const auto action : {approve, choose, retry}) {
    auto s = escalated();
    s.when(resolution("A", action)).task_is("A", task_status::queued, leaf_stage::ready);
    CHECK_FALSE(s.task("A").external);
  }
  auto s = escalated();
  s.when(resolution("A", reject)).task_is("A", task_status::error, leaf_stage::failed).is(execution_status::failed);
  s = escalated();
  s.when(resolution("A", skip)).task_is("A", task_status::skipped, leaf_stage::done);
  s = escalated();
  s.when(resolution("A", complete)).task_is("A", task_status::complete, leaf_stage::done);
}

TEST_CASE("reassign pins the task to an agent or a role, takes it from its holder and answers a failure") {
  auto s = failed_once();
  auto c = resolution("A", reassign, "ann knows this");
  c.agent = {"ann"};
  s.when(c).then({"task_reassigned A to agent 'ann', role ''", "review_resolved A reassign (ann knows this)",
                  "execution_unblocked RUNNING"});
  CHECK(s.task("A").pinned_agent == agent_id{"ann"});
  s.hand_out("A", "ann");
  c.agent = {};
  c.role = "Cook";
  s.when(c).then({"lease_expired A by ann (a person gave the task to somebody else)",
                  "task_reassigned A to agent '', role 'Cook'"});
  CHECK_EQ(role_of(s.state, s.index("A")), "Cook");
  CHECK(s.task("A").pinned_agent.empty());
}

TEST_CASE("reassign does not stand for an approval") {
  auto s = approval_asked();
  auto c = resolution("A", reassign);
  c.agent = {"ann"};
  s.when(c).then({"task_reassigned A to agent 'ann', role ''"});
  s.task_is("A", task_status::queued, leaf_stage::reviewing);
}

TEST_CASE("one click approves a phase") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").confidence(0.5).task("B").task("C").confidence(0.5).phase("Q").confidence(
          0.5));
  s.when(resolution("P", approve, "fine"))
      .then({"review_resolved A approve (fine)", "review_resolved C approve (fine)"});
  s.task_is("Q", task_status::queued, leaf_stage::reviewing);
  s.when(resolution("P", approve)).refused(rejection_code::invalid_transition);
  s.when(resolution("nowhere", approve)).refused(rejection_code::not_found);
}

TEST_CASE("on a phase, a decision takes the leaves that it fits and leaves the others") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").confidence(0.5).task("B").retry(1, seconds(1)).task("C").task("D"));
  s.hand_out("B", "bob").when(fail_task{by("bob", "B"), "io", "broke"});
  s.hand_out("C", "bob").when(block_task{by("bob", "C"), "rain", {}, false});
  s.when(resolution("P", retry)).then({"review_resolved B retry"});
  s.when(resolution("P", retry)).refused(rejection_code::invalid_transition);
  s.when(resolution("P", skip)).then({"review_resolved A skip", "task_skipped A"});
  s.task_is("C", task_status::blocked, leaf_stage::external);
  s.when(resolution("P", unblock)).then({"task_unblocked C"});
  s.when(resolution("P", approve)).refused(rejection_code::invalid_transition);
  s.task_is("D", task_status::queued, leaf_stage::ready);
}

}  // namespace planexe::tests
