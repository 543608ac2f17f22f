// Which events of an execution somebody is told of, how they are put together, and in which words.
#include "domain/notifications.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// Events as the log has them: one step of execution "e", beginning at `seq`.
std::vector<event_record> step_of(const std::vector<execution_event>& events, std::uint64_t seq, timestamp at = epoch) {
  std::vector<event_record> records;
  for (const auto& event : events) {
    event_record record;
    record.stream = {stream_kind::execution, "e"};
    record.seq = seq++;
    record.metadata.recorded_at = at;
    record.payload = event;
    records.push_back(std::move(record));
  }
  return records;
}

/// What is told of the last command of a scenario.
std::vector<notification_content> told_of(const scenario& s) {
  return notifications_of(s.state, step_of(s.last.events, s.state.version + 1 - s.last.events.size(), s.now));
}

std::vector<notification_content> told_of(const execution_state& state, const std::vector<execution_event>& events) {
  return notifications_of(state, step_of(events, 1));
}

std::string tasks_of(const notification_content& content) {
  std::string text;
  for (const auto& task : content.tasks) text += (text.empty() ? "" : " ") + task.id.value;
  return text + (content.more_tasks > 0 ? " + " + std::to_string(content.more_tasks) : "");
}

scenario two_tasks() {
  return scenario::started(plan_builder{}.phase("P").task("A").task("B"));
}

}  // namespace

TEST_CASE("an approval that is asked for at the start is one notification however many tasks wait for it") {
  plan_builder plan;
  plan.phase("P");
  for (int i = 0; i < 80; ++i) plan.task("T" + std::to_string(i)).confidence(0.5);
  const auto s = scenario::started(plan);
  const auto told = told_of(s);
  REQUIRE_EQ(told.size(), 1);
  CHECK(told[0].kind == notification_kind::review_requested);
  CHECK_EQ(told[0].tasks.size(), 20);
  CHECK_EQ(told[0].more_tasks, 60);
  CHECK_EQ(told[0].tasks[19].id.value, "T19");
  CHECK_EQ(told[0].tasks[19].title, "T-T19");
  CHECK(told[0].tasks[19].reason.find("50 %") != std::string::npos);
  CHECK_EQ(told[0].message,
           "80 tasks of 'A plan' wait for a person: 'T-T0', 'T-T1', 'T-T2' and 77 more. Nothing else of it can go on "
           "until then.");
  CHECK_EQ(told[0].execution.value, "e");
  CHECK_EQ(told[0].execution_title, "A plan");
  CHECK(told[0].occurred_at == epoch);
  CHECK_EQ(told[0].last_seq, s.state.version);  // it tells of the block as well
}

TEST_CASE("a task that is reviewed and escalated at once is told of as escalated alone") {
  auto s = two_tasks();
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "the disk\n\tis   full. ", false});
  const auto told = told_of(s);
  REQUIRE_EQ(told.size(), 1);
  CHECK(told[0].kind == notification_kind::task_escalated);
  CHECK_EQ(told[0].level, 1);
  CHECK_EQ(told[0].to, "");
  CHECK_EQ(tasks_of(told[0]), "A");
  CHECK_EQ(told[0].message,
           "'T-A' of 'A plan' is escalated (level 1): failed and cannot be retried: the disk is full.");
  CHECK_EQ(told[0].first_seq, told[0].last_seq);
}

TEST_CASE("a review alone says which task and why") {
  auto s = two_tasks();
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "which one?", true, true});
  const auto told = told_of(s);
  REQUIRE_EQ(told.size(), 1);
  CHECK_EQ(told[0].message, "'T-A' of 'A plan' waits for a person: the agent asks for a person: which one?.");
}

TEST_CASE("escalations are put together by level and by whom they are meant for") {
  const auto s = two_tasks();
  const auto told =
      told_of(s.state, {task_escalated{{"A"}, "late", 1, "ann"}, task_escalated{{"B"}, "late", 2, "ann"},
                        task_escalated{{"P"}, "late", 1, "ann"}, task_escalated{{"X"}, "late", 1, "bob"}});
  REQUIRE_EQ(told.size(), 3);  // in the order of their last events
  CHECK_EQ(tasks_of(told[0]), "B");
  CHECK_EQ(told[0].message, "'T-B' of 'A plan' is escalated to ann (level 2): late.");
  CHECK_EQ(tasks_of(told[1]), "A P");
  CHECK_EQ(told[1].message, "2 tasks of 'A plan' are escalated to ann (level 1): 'T-A' and 'T-P'.");
  CHECK_EQ(told[1].first_seq, 1);
  CHECK_EQ(told[1].last_seq, 3);
  CHECK_EQ(tasks_of(told[2]), "X");  // which the plan does not have: by its id
  CHECK_EQ(told[2].tasks[0].title, "X");
}

TEST_CASE("an execution's end and its block are told of") {
  auto s = two_tasks();
  s.hand_out("A", "bob").complete("A", "bob").when(resolution("B", review_action::skip));
  auto told = told_of(s);
  REQUIRE_EQ(told.size(), 1);
  CHECK(told[0].kind == notification_kind::execution_completed);
  CHECK_EQ(told[0].message, "'A plan' is complete: 1 task is done and 1 was skipped.");
  CHECK(told[0].tasks.empty());

  auto blocked = two_tasks();
  blocked.hand_out("A", "bob").when(block_task{by("bob", "A"), "the permit", {}, true});
  told = told_of(blocked);
  REQUIRE_EQ(told.size(), 1);
  CHECK(told[0].kind == notification_kind::execution_blocked);
  CHECK_EQ(told[0].message, "'A plan' is blocked: an agent says that the whole execution has to wait.");

  auto late = two_tasks();
  late.after(hours(200)).when(time_out_execution{});
  told = told_of(late);
  REQUIRE_EQ(told.size(), 1);  // it was blocked on the way, which nobody needs to hear
  CHECK(told[0].kind == notification_kind::execution_failed);
  CHECK_EQ(told[0].message, "'A plan' has failed: the execution's own timeout has passed.");
}

TEST_CASE("a block that ends in the same step and a review that is decided in it are not told of") {
  const auto s = two_tasks();
  CHECK(told_of(s.state, {execution_blocked{"x"}, execution_unblocked{}}).empty());
  CHECK(told_of(s.state, {review_requested{{"A"}, review_kind::approval, "x"}, review_resolved{{"A"}}}).empty());
  CHECK_EQ(told_of(s.state, {review_resolved{{"A"}}, review_requested{{"A"}, review_kind::approval, "x"}}).size(), 1);
}

TEST_CASE("what happens every day is told to nobody") {
  auto s = two_tasks();
  CHECK(told_of(s).empty());
  s.hand_out("A", "bob");
  CHECK(told_of(s).empty());
  s.complete("A", "bob");
  CHECK(told_of(s).empty());
  for (const auto& each : s.last.events) CHECK_FALSE(is_notable(each));
  CHECK_FALSE(is_notable(system_event{everything_paused{}}));
  CHECK(notifications_of(s.state, {}).empty());
}

TEST_CASE("steps are the events of one stream and one moment that follow each other") {
  auto records = step_of({execution_started{}, execution_started{}}, 1);
  const auto later = step_of({execution_started{}}, 3, epoch + seconds(1));
  records.insert(records.end(), later.begin(), later.end());
  records.push_back(records[0]);
  records.back().stream.id = "f";
  records.push_back(later[0]);
  std::string sizes;
  for (const auto& step : steps_of(records)) sizes += std::to_string(step.size()) + step.front().stream.id + " ";
  CHECK_EQ(sizes, "2e 1e 1f 1e ");
  CHECK(steps_of({}).empty());
}

TEST_CASE("titles and reasons are bounded and messages with them") {
  const std::string umlauts = [] {
    std::string text;
    for (int i = 0; i < 2'000; ++i) text += "ü";
    return text;
  }();
  plan_builder plan;
  plan.phase("P").task("A").title(umlauts).task("B");
  auto s = scenario::started(plan);
  s.state.title = umlauts;
  const auto told = told_of(s.state, {task_escalated{{"A"}, umlauts, 1, umlauts}});
  REQUIRE_EQ(told.size(), 1);
  CHECK_LE(told[0].execution_title.size(), longest_notified_title);
  CHECK_LE(told[0].tasks[0].title.size(), longest_notified_title);
  CHECK_LE(told[0].tasks[0].reason.size(), longest_notified_reason);
  CHECK_LE(told[0].message.size(), longest_notification_message);
  CHECK(told[0].message.ends_with("ü…."));
}

TEST_CASE("text is cut between characters and put on one line") {
  CHECK_EQ(one_line("", 10), "");
  CHECK_EQ(one_line("  a\r\n\tb  ", 10), "a b");
  CHECK_EQ(one_line("0123456789", 10), "0123456789");
  CHECK_EQ(one_line("0123456789x", 10), "0123456…");
  CHECK_EQ(one_line("0123456789   ", 10), "0123456789");
  CHECK_EQ(one_line("012345ü789", 10), "012345…");
  CHECK_EQ(one_line("0123\xf0\x9f\x98\x80 89x", 10), "0123…");
  for (std::size_t most = 3; most < 12; ++most) CHECK_LE(one_line("äöü\xf0\x9f\x98\x80ß€€", most).size(), most);
}

}  // namespace planexe::tests
