// Work that is ready while nobody within reach can do it: said, blocked for, escalated, and over as soon as one can.
#include <doctest/doctest.h>

#include "tests/domain/scenario.hpp"

namespace planexe::tests {
namespace {

using namespace domain;

const note_staffing nobody{false, "nobody can"};
const note_staffing somebody{true, {}};

/// A is done, B and C are ready.
scenario two_ready() {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").task("B").task("C").after("B", "A").after("C", "A").build());
  s.hand_out("A", "bob", "t1").complete("A", "bob");
  return s;
}

}  // namespace

TEST_CASE("an execution that nobody can go on with is blocked until somebody can") {
  auto s = two_ready();
  s.when(nobody).then({"execution_unstaffed until @86400s (nobody can)", "execution_blocked (nobody can)"});
  const auto waits = waiting_of(s.state, s.index("B"));
  REQUIRE(waits);
  CHECK(waits->kind == wait_kind::agent);
  CHECK_EQ(waits->detail, "nobody can");
  CHECK(waits->wake_at == s.now + hours(24));
  s.when(nobody).then({});
  s.when(somebody).then({"execution_staffed", "execution_unblocked RUNNING"});
  s.when(somebody).then({});
}

TEST_CASE("whoever takes a task of an unstaffed execution ends the block") {
  auto s = two_ready();
  s.when(nobody).when(s.assignment("B", "ann", "t2"));
  s.then({"execution_staffed", "execution_unblocked RUNNING", "task_assigned B to ann*"});
}

TEST_CASE("before the first hand-out and while something is held or due nobody is missed") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B").build());
  s.when(nobody).then({}).is(execution_status::queued);
  s.hand_out("A", "bob", "t1").when(nobody).then({});
  s.when(fail_task{by("bob", "A"), "io", "broke"}).when(nobody).then({}).is(execution_status::running);
  s.when(pause_execution{"lunch"}).when(nobody).then({});
}

TEST_CASE("an escalation names every task that waits for an agent") {
  auto s = two_ready();
  s.when(nobody).when(escalate_overdue{}).then({});
  s.after(hours(24)).when(escalate_overdue{});
  s.then({"task_escalated B 1 (nobody has taken it yet: nobody can)",
          "task_escalated C 1 (nobody has taken it yet: nobody can)"});
  CHECK(waiting_of(s.state, s.index("B"))->wake_at == s.now + hours(48));
  s.when(escalate_overdue{}).then({});
}

TEST_CASE("a gap is over when nothing is ready any more") {
  auto s = two_ready();
  s.when(nobody);
  s.when(resolution("B", review_action::skip)).is(execution_status::blocked);
  s.when(resolution("C", review_action::skip)).is(execution_status::completed);
  CHECK_FALSE(s.state.unstaffed);
}

TEST_CASE("a pause ends the gap and a resume asks anew") {
  auto s = two_ready();
  s.when(nobody).when(pause_execution{"lunch"});
  CHECK_FALSE(s.state.unstaffed);
  s.when(resume_execution{}).then({"execution_resumed RUNNING"});
  s.when(nobody).is(execution_status::blocked);
}

TEST_CASE("a person can give work that waits for an agent to one") {
  auto s = two_ready();
  auto give = resolution("B", review_action::reassign);
  give.agent = {"ann"};
  s.when(nobody).when(give).then({"task_reassigned B to agent 'ann', role ''"});
  s.hand_out("B", "ann", "t2").is(execution_status::running);
}

TEST_CASE("what blocks everybody is not ended by somebody who comes") {
  auto s = two_ready();
  s.hand_out("B", "bob", "t2").when(block_task{by("bob", "B"), "rain", {}, true});
  s.when(nobody).is(execution_status::blocked);
  s.when(s.assignment("C", "ann", "t3")).refused(rejection_code::invalid_transition);
}

}  // namespace planexe::tests
