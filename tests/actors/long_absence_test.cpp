// A server that was away for days: all that fell due meanwhile is done once, in order and in batches, and nothing else.
#include <doctest/doctest.h>

#include <algorithm>

#include "eventstore/codec.hpp"
#include "projections/replay.hpp"
#include "tests/actors/auditor.hpp"
#include "tests/actors/timer_index.hpp"
#include "tests/domain/plan_builder.hpp"
#include "tests/domain/random_walk.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

constexpr std::size_t executions = 1'500;  // half as many again as are woken in one tick
constexpr std::size_t most_woken = 1'000;  // by the timers, see actors/timers.cpp
constexpr auto absence = hours(24 * 4);

/// What has to happen, and when it fell due.
struct due_event {
  timestamp at{};
  std::string what;
  friend auto operator<=>(const due_event&, const due_event&) = default;
};

/// What a deadline leads to, in the words of `happened`.
std::string outcome_of(const execution_state& state, task_index leaf) {
  const auto& id = state.definition(leaf).id.value;
  if (state.tasks[leaf].stage == leaf_stage::held) return "task_error " + id;
  if (state.tasks[leaf].stage == leaf_stage::retrying) return "task_retry_due " + id;
  if (state.tasks[leaf].stage == leaf_stage::external) return "review_requested " + id;
  return "task_escalated " + id;
}

/// A hundred and twenty hours from now at the latest, which is a day after the server is back.
milliseconds some_time(dice& roll) {
  return hours(1) * (1 + roll.below(72)) + seconds(roll.below(3'600)) + (roll.chance(10) ? hours(48) : hours(0));
}

struct long_absence {
  long_absence() {
    for (std::size_t i = 0; i < executions; ++i) create("e" + std::to_string(i));
    auto ann = able_to({"*"}, 10'000);
    p->ask_agent("ann", ann);
    p->run();
    while (work()) {
    }
    for (std::size_t i = 0; i < executions; ++i) note_due(state_of("e" + std::to_string(i)), "e" + std::to_string(i));
  }

  /// Some of: R fails and is retried, X waits for something outside, V for approval, H is held until it times out. One
  /// in ten has a timeout of its own that is shorter than some of them.
  void create(const std::string& id) {
    plan_builder plan;
    plan.phase("P");
    auto kinds = std::vector<std::string>{"R", "X", "V", "H"};
    std::rotate(kinds.begin(), kinds.begin() + roll.below(kinds.size()), kinds.end());
    kinds.resize(1 + roll.below(kinds.size()));
    for (const auto& kind : kinds) {
      plan.task(kind).confidence(kind == "V" ? 0.5 : 1);
      if (kind == "R") plan.retry(9, some_time(roll));
      if (kind == "H") plan.timeout(some_time(roll));
    }
    execution_options options{.external_wait = some_time(roll), .escalation = some_time(roll)};
    options.retry.max_backoff = hours(1'000);
    if (roll.chance(10)) options.timeout = some_time(roll);
    p->ask(id, create_execution{.source = plan.build(), .options = options, .start = true});
    p->run();
  }

  /// Ann takes what there is and makes it wait. False when there was nothing.
  bool work() {
    const auto polled = p->poll("ann", {.limit = 100});
    p->run();
    REQUIRE(polled->answer);
    for (const auto& task : (*polled->answer)->tasks) {
      const auto header = report_on(*task, "ann");
      if (header.task.value == "R") p->ask(task->execution.value, fail_task{header, "io", "broke"});
      if (header.task.value == "X") p->ask(task->execution.value, block_task{header, "rain", {}, false});
    }
    p->run();
    return !polled->is_empty();
  }

  execution_state state_of(const std::string& id) const {
    auto replayed = projections::replay_execution(m.disk, eventstore::memory_store{}, {id});
    REQUIRE(replayed);
    return replayed->state;
  }

  /// What must have happened to it when the server has been back for a moment.
  void note_due(const execution_state& state, const std::string& id) {
    const auto back = m.clock.now() + absence;
    auto end = back;
    if (state.deadline_at && *state.deadline_at <= back) {
      end = *state.deadline_at;
      due[id].push_back({end, "execution_failed"});
    }
    std::optional<timestamp> told;
    for (const auto leaf : state.graph->leaves()) {
      const auto at = deadline_of(state, leaf);
      REQUIRE(at);
      if (*at > end)
        ++spared;
      else
        due[id].push_back({*at, outcome_of(state, leaf)});
    }
    std::sort(due[id].begin(), due[id].end());
  }

  void come_back() {
    p.reset();
    m.clock.advance(absence);
    start();
  }
  void start() {
    p = std::make_unique<process>(m, process_options{.settings = {}, .seed = ++lives});
    seen = m.disk.head()->position;
    p->recover();
    p->run();
    REQUIRE(p->recovered());
  }

  /// Of each execution what time alone has brought about since the last start, in order.
  std::map<std::string, std::vector<std::string>> happened() {
    std::map<std::string, std::vector<std::string>> found;
    order.clear();
    const auto records = m.disk.read_all(seen, SIZE_MAX);
    REQUIRE(records);
    std::set<std::string> follows;  // an escalation that came along with its review
    for (const auto& record : *records) {
      const auto* event = std::get_if<execution_event>(&record.payload);
      if (event == nullptr) continue;
      const auto type = std::string(eventstore::type_name(record.payload));
      auto what = type;
      if (const auto* e = std::get_if<task_error>(event)) what += " " + e->task.value;
      if (const auto* e = std::get_if<task_retry_due>(event)) what += " " + e->task.value;
      if (const auto* e = std::get_if<review_requested>(event)) {
        what += " " + e->task.value;
        follows.insert(record.stream.id + e->task.value);
      }
      if (const auto* e = std::get_if<task_escalated>(event)) {
        what += " " + e->task.value;
        if (follows.contains(record.stream.id + e->task.value)) continue;
      }
      if (type == "execution_failed" || what != type) {
        if (found[record.stream.id].empty()) order.push_back(record.stream.id);
        found[record.stream.id].push_back(what);
      }
    }
    return found;
  }

  dice roll{7};
  machine m;
  std::uint64_t lives = 0;
  std::unique_ptr<process> p = std::make_unique<process>(m);
  std::map<std::string, std::vector<due_event>> due;  ///< by execution, the earliest first
  std::size_t spared = 0;                             ///< deadlines that had not come when the server was back
  std::uint64_t seen = 0;
  std::vector<std::string> order;  ///< of executions, by the first thing that happened to each
};

std::vector<std::string> words_of(const std::vector<due_event>& due) {
  std::vector<std::string> words;
  for (const auto& each : due) words.push_back(each.what);
  return words;
}

}  // namespace

TEST_CASE("after four days away all that fell due is done once and in order and nothing else") {
  long_absence s;
  std::size_t overdue = 0;
  for (const auto& [id, due] : s.due) overdue += due.empty() ? 0U : 1U;
  REQUIRE_GT(overdue, most_woken);  // or a single batch would do
  REQUIRE_LT(overdue, executions);
  REQUIRE_GT(s.spared, 300);

  s.come_back();
  CHECK(s.happened().empty());  // a start does nothing by itself, the timers do
  s.p->pass(milliseconds{0});
  s.p->run();
  CHECK_EQ(s.happened().size(), most_woken);
  s.p->pass(milliseconds{0});
  s.p->run();
  const auto happened = s.happened();
  CHECK_EQ(happened.size(), overdue);

  for (const auto& [id, due] : s.due) {
    CAPTURE(id);
    const auto found = happened.find(id);
    CHECK_EQ(found == happened.end(), due.empty());
    if (found != happened.end()) CHECK(found->second == words_of(due));
  }
  // Of each execution all that is due is done when its turn comes; turns come in the order of the first deadlines.
  for (std::size_t i = 1; i < s.order.size(); ++i)
    CHECK(s.due.at(s.order[i - 1]).front().at <= s.due.at(s.order[i]).front().at);

  s.p->wait(milliseconds{0});
  CHECK(s.happened() == happened);
  s.p.reset();
  s.start();  // nor does another start do it again
  s.p->wait(milliseconds{0});
  CHECK(s.happened().empty());

  auditor audit{s.m};
  audit.check_wake_ups(*s.p);
  audit.check_nothing_overdue(*s.p);
  audit.compare_everything(*s.p);
  CHECK_EQ(audit.problem(), "");
  CHECK_GT(audit.wake_ups(), executions / 2);
}

}  // namespace planexe::tests
