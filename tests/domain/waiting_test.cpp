// Why a leaf waits, what wakes it, and what a task with children makes of its leaves.
#include <doctest/doctest.h>

#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

const auto tomorrow = epoch + hours(24);

void waits(const scenario& s, const std::string& task, wait_kind kind, const std::string& detail,
           std::optional<timestamp> wake_at = {}) {
  CAPTURE(task);
  const auto why = waiting_of(s.state, s.index(task));
  REQUIRE(why);
  CHECK_EQ(static_cast<int>(why->kind), static_cast<int>(kind));
  CHECK_EQ(why->detail, detail);
  CHECK(why->wake_at == wake_at);
}

void summary_is(const scenario& s, const std::string& task, task_status status, double percent) {
  CAPTURE(task);
  const auto summary = summarize(s.state, s.index(task));
  CHECK_EQ(name_of(summary.status), name_of(status));
  CHECK_EQ(summary.progress_percent, doctest::Approx(percent));
}

}  // namespace

TEST_CASE("a leaf waits for its own prerequisites, or for those of what it is part of") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B").phase("Q").task("C").after("B", "A"));
  waits(s, "A", wait_kind::agent, "waits for an agent that can ''", tomorrow);
  waits(s, "B", wait_kind::prerequisites, "waits for 'T-A'");
  waits(s, "C", wait_kind::parent, "'T-Q' waits for 'T-P'");
  s.after(seconds(5)).hand_out("A", "bob").complete("A", "bob");
  CHECK(waiting_of(s.state, s.index("B"))->since == epoch + seconds(5));
}

TEST_CASE("of many prerequisites three are named") {
  plan_builder b;
  for (const char* id : {"A", "B", "C", "D", "E"}) b.phase(id);
  b.phase("F");
  for (const char* id : {"A", "B", "C", "D", "E"}) b.after("F", id);
  auto s = scenario::started(b, {.sequencing = sequencing::dependencies});
  waits(s, "F", wait_kind::prerequisites, "waits for 'T-A', 'T-B', 'T-C' and 2 more");
  s.hand_out("A", "bob").complete("A", "bob").hand_out("B", "bob").complete("B", "bob");
  waits(s, "F", wait_kind::prerequisites, "waits for 'T-C', 'T-D', 'T-E'");
}

TEST_CASE("a ready leaf waits for an agent, and says what kind of") {
  auto s = scenario::started(plan_builder{}.phase("A").action("cook").role("Cook"));
  waits(s, "A", wait_kind::agent, "waits for an agent that can 'cook' as Cook", tomorrow);
  auto c = resolution("A", review_action::reassign);
  c.role = "Chef";
  s.when(c);
  waits(s, "A", wait_kind::agent, "waits for an agent that can 'cook' as Chef", tomorrow);
  c.agent = {"ann"};
  s.when(c);
  waits(s, "A", wait_kind::agent, "waits for agent 'ann'", tomorrow);
  scenario own;
  own.when(create_execution{.source = plan_builder{}.phase("A"), .agent = {"bob"}, .start = true});
  waits(own, "A", wait_kind::agent, "waits for agent 'bob'", tomorrow);
}

TEST_CASE("retries, reviews and waits outside say what wakes them") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").task("B").confidence(0.5).task("C").task("D").retry(1, seconds(1)));
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  waits(s, "A", wait_kind::retry, "tries again after: broke", epoch + seconds(300));
  waits(s, "B", wait_kind::review,
        "a person should look at it before an agent does: confidence 50 % is under the threshold of 70 %", tomorrow);
  s.hand_out("C", "bob").when(block_task{by("bob", "C"), "rain", hours(2), false});
  waits(s, "C", wait_kind::external, "rain", epoch + hours(2));
  s.hand_out("D", "bob").when(fail_task{by("bob", "D"), "io", "burnt", true, false});
  waits(s, "D", wait_kind::review, "failed 1 time: burnt", epoch + hours(48));  // told at once, and again
}

TEST_CASE("an agent that gives no reason for a block is said to have given none") {
  auto s = scenario::started(plan_builder{}.phase("A"));
  s.hand_out("A", "bob").when(block_task{by("bob", "A"), "", hours(1), false});
  waits(s, "A", wait_kind::external, "the agent did not say what it waits for", epoch + hours(1));
}

TEST_CASE("what is held, finished or failed for good does not wait") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B").task("C").confidence(0.5));
  s.hand_out("A", "bob");
  CHECK_FALSE(waiting_of(s.state, s.index("A")));
  s.complete("A", "bob").when(resolution("B", review_action::skip));
  CHECK_FALSE(waiting_of(s.state, s.index("A")));
  CHECK_FALSE(waiting_of(s.state, s.index("B")));
  s.when(resolution("C", review_action::reject)).is(execution_status::failed);
  CHECK_FALSE(waiting_of(s.state, s.index("C")));
  s = scenario::started(plan_builder{}.phase("A"));
  s.when(cancel_execution{});
  CHECK_FALSE(waiting_of(s.state, s.index("A")));
}

TEST_CASE("a ready leaf of an execution that hands nothing out says why it does not") {
  scenario s{plan_builder{}.phase("P").task("A").task("B")};
  waits(s, "A", wait_kind::paused, "the execution has not been started");
  s.when(queue_execution{}).hand_out("B", "bob").when(pause_execution{});
  waits(s, "A", wait_kind::paused, "the execution is paused");
  s.when(resume_execution{}).when(block_task{by("bob", "B"), "permit", {}, true});
  waits(s, "A", wait_kind::external, "an agent says that the whole execution has to wait", epoch + hours(48));
  s.after(hours(168)).when(time_out_execution{});
  waits(s, "A", wait_kind::parent, "the execution has failed; a person can retry it");
}

TEST_CASE("everything unfinished of a failed execution waits for a person to retry it and then for what it did") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").task("B").confidence(0.5).task("C").task("D").after("D", "A"));
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  s.hand_out("C", "bob").when(block_task{by("bob", "C"), "rain", hours(200), false});
  s.after(hours(168)).when(time_out_execution{}).is(execution_status::failed);
  for (const char* task : {"A", "B", "C"})
    waits(s, task, wait_kind::parent, "the execution has failed; a person can retry it");
  waits(s, "D", wait_kind::prerequisites, "waits for 'T-A'");
  CHECK_FALSE(next_deadline(s.state));
  s.when(queue_execution{});
  waits(s, "A", wait_kind::retry, "tries again after: broke", epoch + seconds(300));  // at once
  waits(s, "B", wait_kind::review,
        "a person should look at it before an agent does: confidence 50 % is under the threshold of 70 %", tomorrow);
  waits(s, "C", wait_kind::external, "rain", epoch + hours(200));
  CHECK(next_deadline(s.state) == epoch + seconds(300));
}

TEST_CASE("a task with children takes its state and progress from its leaves") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B").task("C").retry(1, seconds(1)).task("D"));
  summary_is(s, "P", task_status::queued, 0);
  s.hand_out("A", "bob").when(report_progress{by("bob", "A"), 40, {}});
  summary_is(s, "A", task_status::running, 40);
  summary_is(s, "P", task_status::running, 10);
  s.complete("A", "bob");
  summary_is(s, "P", task_status::running, 25);  // begun, though nothing is held
  s.when(resolution("B", review_action::skip));
  summary_is(s, "P", task_status::running, 50);
  s.hand_out("D", "bob").when(block_task{by("bob", "D"), "rain", {}, false});
  summary_is(s, "P", task_status::blocked, 50);
  s.hand_out("C", "bob").when(fail_task{by("bob", "C"), "io", "broke"});
  summary_is(s, "P", task_status::error, 50);
  s.when(resolution("C", review_action::complete)).when(resolution("D", review_action::complete));
  summary_is(s, "P", task_status::complete, 100);
}

TEST_CASE("all skipped is skipped, and cancelled in part is cancelled") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").task("B").phase("Q"));
  s.when(resolution("A", review_action::skip)).when(resolution("B", review_action::skip));
  summary_is(s, "P", task_status::skipped, 100);
  s = scenario::started(plan_builder{}.phase("P").task("A").task("B"));
  s.when(resolution("A", review_action::complete)).when(cancel_execution{});
  summary_is(s, "P", task_status::cancelled, 50);
}

}  // namespace planexe::tests
