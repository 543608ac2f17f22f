// Creating, starting, pausing, cancelling, the deadline and the retry of a failed execution.
#include <doctest/doctest.h>

#include <limits>

#include "tests/domain/oracle.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;
using enum execution_status;

namespace {

plan_builder two_tasks() {
  return plan_builder{}.phase("P").task("A").task("B").after("B", "A");
}

}  // namespace

TEST_CASE("an execution is created from a plan, and started at once if so asked") {
  scenario s;
  s.when(create_execution{.source = two_tasks(), .title = "mine", .agent = {"bob"}, .priority = 3});
  s.then({"execution_created 'mine'"}).is(created);
  CHECK_EQ(s.state.title, "mine");
  CHECK(s.state.agent == agent_id{"bob"});
  CHECK_EQ(s.state.priority, 3);
  CHECK_EQ(s.state.version, 1);
  CHECK_FALSE(s.state.deadline_at);
  CHECK(s.last.touched == std::vector<task_index>{s.index("A")});
  s = scenario{};
  s.when(create_execution{.source = two_tasks(), .options = {.timeout = hours(1)}, .start = true});
  s.then({"execution_created 'A plan'", "execution_queued until @3600s (started)"}).is(queued);
}

TEST_CASE("options out of their bounds are refused, each by its name") {
  scenario s;
  s.when(create_execution{.source = two_tasks(),
                          .options = {.review_threshold = std::numeric_limits<double>::quiet_NaN(),
                                      .timeout = milliseconds{0},
                                      .task_timeout = milliseconds::max(),
                                      .external_wait = milliseconds{-1},
                                      .retry = {0, milliseconds{-1}}}});
  s.refused(rejection_code::validation_failed);
  CHECK_EQ(s.last.rejection->errors.size(), 6);
  CHECK_EQ(s.last.rejection->errors[1].field, "options.timeout_hours");
  s.when(create_execution{.source = two_tasks(), .options = {.review_threshold = 0, .retry = {1, milliseconds{0}}}});
  s.is(created);
}

TEST_CASE("a plan that cannot be executed is refused with every reason") {
  scenario s;
  s.when(create_execution{.source = two_tasks().after("A", "B")}).refused(rejection_code::validation_failed);
  REQUIRE_EQ(s.last.rejection->errors.size(), 2);
  CHECK_EQ(s.last.rejection->errors[0].field, "B");
  CHECK_EQ(s.last.rejection->errors[1].field, "A");
  CHECK_FALSE(s.state.exists());
}

TEST_CASE("a plan that the redline gate refused can be looked at but not started") {
  const auto plan = two_tasks().redline(redline_verdict::refuse).build();
  scenario s;
  s.when(create_execution{.source = plan, .start = true}).refused(rejection_code::plan_refused);
  s = scenario{plan};
  s.when(queue_execution{}).refused(rejection_code::plan_refused);
  s.when(queue_execution{.confirm_warnings = true}).refused(rejection_code::plan_refused);
  for (const auto verdict : {redline_verdict::none, redline_verdict::allow, redline_verdict::allow_with_safety_framing})
    scenario::started(two_tasks().redline(verdict)).is(queued);
}

TEST_CASE("whoever starts a plan that was advised against must say so") {
  const auto plan = two_tasks().start_warning("Do Not Execute").build();
  scenario s;
  s.when(create_execution{.source = plan, .start = true}).refused(rejection_code::confirmation_required);
  s.when(create_execution{.source = plan, .start = true, .confirm_warnings = true}).is(queued);
  s = scenario{plan};
  s.when(queue_execution{}).refused(rejection_code::confirmation_required);
  CHECK(s.last.rejection->detail.find("Do Not Execute") != std::string::npos);
  s.when(queue_execution{true}).is(queued);
}

TEST_CASE("a pause hands nothing out, keeps the holders' reports, and a resume goes on") {
  auto s = scenario::started(two_tasks());
  s.hand_out("A", "bob").when(pause_execution{"lunch"}).then({"execution_paused (lunch)"});
  CHECK_EQ(s.state.status_message, "lunch");
  s.when(complete_task{by("bob", "A"), {}, {}}).then({"task_complete A by bob"}).is(paused);
  s.when(s.assignment("B", "bob", "t2")).refused(rejection_code::invalid_transition);
  s.when(resume_execution{}).then({"execution_resumed RUNNING"});
  CHECK_EQ(s.state.status_message, "");
}

TEST_CASE("who asks for what comes by itself is told so") {
  auto s = scenario::started(two_tasks());
  s.when(resume_execution{}).refused(rejection_code::invalid_transition);
  CHECK_EQ(s.last.rejection->detail, "a queued execution runs as soon as an agent takes a task of it");
  s.hand_out("A", "bob").when(block_task{by("bob", "A"), "rain", {}, false}).is(blocked);
  for (const execution_command& c : {execution_command{resume_execution{}}, execution_command{queue_execution{}}}) {
    s.when(c).refused(rejection_code::invalid_transition);
    CHECK(s.last.rejection->detail.starts_with("a blocked execution goes on by itself"));
  }
}

TEST_CASE("state and priority change together or not at all") {
  auto s = scenario::started(two_tasks());
  s.when(steer_execution{pause_execution{"lunch"}, 7});
  s.then({"execution_reprioritized 7", "execution_paused (lunch)"});
  CHECK_EQ(s.state.priority, 7);
  s.when(steer_execution{pause_execution{}, 7}).then({});
  s.when(steer_execution{{}, {}}).then({});
  s.when(steer_execution{{}, 8}).then({"execution_reprioritized 8"});
  s.when(steer_execution{cancel_execution{}, {}}).is(cancelled);
  s.when(steer_execution{queue_execution{}, 9}).refused(rejection_code::invalid_transition);
  s.when(steer_execution{cancel_execution{}, 9}).refused(rejection_code::invalid_transition);
  CHECK_EQ(s.state.priority, 8);
}

TEST_CASE("resumed before anything was handed out, it is queued again") {
  auto s = scenario::started(two_tasks());
  s.when(pause_execution{}).when(resume_execution{}).then({"execution_resumed QUEUED"});
}

TEST_CASE("resumed with nothing left, it completes, and with nothing to do it is blocked") {
  auto s = scenario::started(plan_builder{}.phase("A"));
  s.hand_out("A", "bob").when(pause_execution{}).complete("A", "bob").is(paused);
  s.when(resume_execution{}).then({"execution_resumed RUNNING", "execution_completed"});
  s = scenario::started(plan_builder{}.phase("A"));
  s.hand_out("A", "bob").when(pause_execution{}).when(block_task{by("bob", "A"), "rain", {}, false}).is(paused);
  s.when(resume_execution{});
  s.then({"execution_resumed RUNNING", "execution_blocked (waits for something outside in 1 task)"});
}

TEST_CASE("everything done by hand before the start or before the first agent completes it") {
  auto s = scenario::started(plan_builder{}.phase("A"));
  s.when(resolution("A", review_action::complete));
  s.then({"task_complete A by a person", "execution_started", "execution_completed"});
  s = scenario::started(plan_builder{}.phase("A"));
  s.when(pause_execution{}).when(resolution("A", review_action::skip)).when(resume_execution{});
  s.then({"execution_resumed RUNNING", "execution_completed"});
}

TEST_CASE("cancelling cancels every unfinished leaf and takes it from its holder") {
  auto s = scenario::started(two_tasks());
  s.hand_out("A", "bob").complete("A", "bob").hand_out("B", "bob", "t2");
  s.when(cancel_execution{"enough"}).then({"execution_cancelled (enough)"}).is(cancelled);
  s.task_is("A", task_status::complete, leaf_stage::done).task_is("B", task_status::cancelled, leaf_stage::cancelled);
  CHECK(s.state.held.empty());
  s.when(complete_task{by("bob", "B", "t2"), {}, {}}).then({"report_rejected_stale B by bob t2: task_complete"});
  s.task_is("B", task_status::cancelled, leaf_stage::cancelled);
}

TEST_CASE("the execution's own timeout fails it, when it has come and not before") {
  auto s = scenario::started(two_tasks(), {.timeout = hours(10)});
  s.hand_out("A", "bob", "t1").when(report_progress{by("bob", "A"), 60, {}});
  s.after(hours(10) - milliseconds{1}).when(time_out_execution{}).then({});
  s.after(milliseconds{1})
      .when(time_out_execution{})
      .then({"execution_failed (the execution's own timeout has passed)"});
  s.task_is("A", task_status::queued, leaf_stage::ready);
  CHECK(s.state.held.empty());
  CHECK_EQ(s.task("A").progress_percent, 0);
  s.when(time_out_execution{}).then({}).is(failed);
  s = scenario::started(two_tasks(), {.timeout = hours(10)});
  s.after(hours(10)).when(time_out_execution{});
  s.then({"execution_blocked (nobody began it before its deadline)",
          "execution_failed (the execution's own timeout has passed)"});
}

TEST_CASE("a person retries a failed execution: a new deadline, and what had failed has all attempts again") {
  auto s =
      scenario::started(plan_builder{}.phase("P").task("A").retry(1, seconds(1)).task("B"), {.timeout = hours(10)});
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  s.hand_out("B", "bob").complete("B", "bob").is(blocked);
  s.when(resolution("A", review_action::reject)).is(failed);
  s.after(hours(1)).when(queue_execution{}).then({"execution_queued until @39600s (retried)"}).is(queued);
  s.task_is("A", task_status::queued, leaf_stage::ready).task_is("B", task_status::complete, leaf_stage::done);
  CHECK_EQ(s.task("A").charged, 0);
  CHECK_FALSE(s.state.completed_at);
  s.hand_out("A", "ann").complete("A", "ann").is(completed);
}

TEST_CASE("a retry after the deadline takes up open questions where they were") {
  auto s = scenario::started(plan_builder{}.phase("A").confidence(0.5), {.timeout = hours(10)});
  s.after(hours(10)).when(time_out_execution{}).is(failed);
  s.when(resolution("A", review_action::approve)).refused(rejection_code::invalid_transition);
  s.when(queue_execution{});
  s.then({"execution_queued until @72000s (retried)", "execution_blocked (waits for a person's decision on 1 task)"});
}

TEST_CASE("a retry does not hand out what a person had rejected, but asks again") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").confidence(0.5).task("B").after("B", "A"));
  s.when(resolution("A", review_action::reject)).is(failed).when(queue_execution{});
  s.then({"execution_queued until @604800s (retried)", "review_requested A approval*",
          "execution_blocked (waits for a person's decision on 1 task)"});
  s.when(resolution("A", review_action::approve)).task_is("A", task_status::queued, leaf_stage::ready);
}

TEST_CASE("a replay makes do with damaged events") {
  scenario s;
  s.given({execution_started{}, task_complete{{"A"}, {}, {}, {}}});
  CHECK_FALSE(s.state.exists());
  CHECK_EQ(s.state.version, 2);
  s = scenario::started(two_tasks());
  const auto version = s.state.version;
  s.given({task_complete{{"nowhere"}, {}, {}, {}}, task_skipped{{"P"}, {}}});
  CHECK_EQ(s.state.version, version + 2);
  CHECK_EQ(wrong_counter(s.state), "");
}

}  // namespace planexe::tests
