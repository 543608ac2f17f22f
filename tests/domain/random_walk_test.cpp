// Invariants of an execution under random plans and random commands; see trust 2, 3, 4, 5 and 7 for what they stand
// for. A failure names its seed, and the same seed plays the same walk again.
#include "tests/domain/random_walk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/domain/oracle.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

constexpr std::size_t most_tasks = 16;

/// Who holds what, told from the events alone.
class holders {
 public:
  /// Says which event broke the rule that a leaf has one holder, or nothing.
  std::string apply(const execution_event& event) {
    if (const auto* given = std::get_if<task_assigned>(&event)) {
      if (!held_.emplace(given->task, given->lease_token).second) return to_string(event);
    } else if (std::holds_alternative<execution_failed>(event) || std::holds_alternative<execution_cancelled>(event)) {
      held_.clear();
    } else {
      std::visit([this](const auto& other) { end(other); }, event);
    }
    return {};
  }
  bool matches(const execution_state& state) const {
    for (const auto leaf : state.held) {
      const auto found = held_.find(state.definition(leaf).id);
      if (found == held_.end() || found->second != state.tasks[leaf].lease->token) return false;
    }
    return state.held.size() == held_.size();
  }

 private:
  void end(const task_complete& e) { held_.erase(e.task); }
  void end(const task_error& e) { held_.erase(e.task); }
  void end(const task_blocked& e) { held_.erase(e.task); }
  void end(const lease_expired& e) { held_.erase(e.task); }
  void end(const subtasks_added& e) { held_.erase(e.task); }
  template <class Event>
  void end(const Event&) {}

  std::map<task_id, std::string> held_;
};

/// Leaves that came to be or ceased to be ready, which are those told of an odd number of times.
std::string wrong_touched(const execution_state& before, const execution_state& after,
                          const std::vector<task_index>& touched) {
  if (!before.exists()) return {};
  for (task_index leaf = 0; leaf < after.tasks.size(); ++leaf) {  // also those that were leaves before
    const bool was_ready = leaf < before.tasks.size() && before.tasks[leaf].stage == leaf_stage::ready;
    const bool changed = was_ready != (after.tasks[leaf].stage == leaf_stage::ready);
    if (changed != (std::count(touched.begin(), touched.end(), leaf) % 2 == 1)) return after.definition(leaf).id.value;
  }
  return {};
}

/// What a refusal may leave behind: a record of the stale report.
std::string changed_by_refusal(const execution_state& before, execution_state after, const outcome& out) {
  for (const auto& event : out.events)
    if (!std::holds_alternative<report_rejected_stale>(event)) return to_string(event);
  after.version = before.version;
  after.updated_at = before.updated_at;
  for (std::size_t i = 0; i < after.tasks.size(); ++i) after.tasks[i].stale_token = before.tasks[i].stale_token;
  return difference(before, after);
}

class walker {
 public:
  explicit walker(std::uint64_t seed) : roll_(seed), source_(roll_) {}

  void walk(int steps) {
    play(create_execution{
        .source = random_plan(roll_, most_tasks), .options = random_options(roll_), .start = roll_.chance(90)});
    for (int i = 0; i < steps; ++i) {
      pass_time();
      play(source_.draw(state_));
    }
    check_replay();
  }
  /// How often each kind of event happened, by its place in the variant.
  void count(std::vector<std::size_t>& kinds) const {
    for (const auto& [event, at] : events_) ++kinds[event.index()];
  }

 private:
  void pass_time() {
    if (roll_.chance(5))
      now_ += hours(30);
    else if (roll_.chance(60))
      now_ += seconds(roll_.below(400));
  }

  void play(const execution_command& command) {
    const auto before = state_;
    const auto out = run(state_, command, now_, [this](const execution_state& s) { prefixes_.push_back(s); });
    for (const auto& event : out.events) {
      INFO(to_string(event));
      if (const auto* e = std::get_if<task_assigned>(&event))
        REQUIRE(prerequisites_done(before, before.graph->find(e->task)));
      REQUIRE_EQ(holders_.apply(event), "");
      events_.emplace_back(event, now_);
    }
    REQUIRE_EQ(state_.version, events_.size());
    REQUIRE_EQ(wrong_counter(state_), "");
    REQUIRE_EQ(wrong_status(state_), "");
    REQUIRE_EQ(wrong_wait(state_, now_), "");
    REQUIRE_EQ(wrong_touched(before, state_, out.touched), "");
    REQUIRE(holders_.matches(state_));
    if (state_.options.max_parallel != 0) REQUIRE_LE(state_.held.size(), state_.options.max_parallel);
    if (is_final(before.status) && before.exists()) REQUIRE_EQ(before.status, state_.status);
    if (out.rejection) REQUIRE_EQ(changed_by_refusal(before, state_, out), "");
    if (out.duplicate_of) REQUIRE(out.events.empty());
  }

  void check_replay() const {
    execution_state replayed;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      evolve(replayed, events_[i].first, {i + 1, events_[i].second});
      INFO("at seq ", i + 1, " ", to_string(events_[i].first));
      REQUIRE_EQ(difference(prefixes_[i], replayed), "");
    }
  }

  dice roll_;
  command_source source_;
  timestamp now_ = epoch;
  execution_state state_;
  std::vector<std::pair<execution_event, timestamp>> events_;
  std::vector<execution_state> prefixes_;
  holders holders_;
};

/// What an execution's actor does when the leaf's deadline has come.
execution_command timer_of(const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  if (task.stage == leaf_stage::held) return time_out_attempt{leaf, task.lease->token};
  if (task.stage == leaf_stage::retrying) return wake_retry{leaf};
  if (task.stage == leaf_stage::external) return escalate_wait{leaf};
  return escalate_overdue{};
}

/// Answers reviews, and hands out what is ready to agents that fail less and less. Everything else has to happen by
/// itself, at the execution's own deadlines.
class helpful_world {
 public:
  explicit helpful_world(std::uint64_t seed) : roll_(seed) {}

  void run_to_the_end() {
    auto options = random_options(roll_);
    options.timeout = hours(80'000);
    play(create_execution{.source = random_plan(roll_, most_tasks), .options = options, .start = true});
    constexpr int most_steps = 3000;
    for (int step = 0; step < most_steps && !is_final(state_.status); ++step) {
      patience_ = step > most_steps / 3 ? 0 : 40;
      let_time_pass();
      this->step();
      REQUIRE_EQ(wrong_status(state_), "");
      REQUIRE_EQ(wrong_wait(state_, now_), "");
    }
    REQUIRE_EQ(name_of(state_.status), "COMPLETED");
    REQUIRE_EQ(state_.leaves_complete + state_.leaves_skipped, state_.leaf_total());
  }

 private:
  void play(const execution_command& command) {
    const auto out = run(state_, command, now_);
    REQUIRE_MESSAGE(!out.rejection, out.rejection->detail);
  }

  /// An hour, or until the execution does something by itself: then it must do it, and look at what is next.
  void let_time_pass() {
    const auto next = next_deadline(state_);
    now_ = next && roll_.chance(20) ? std::max(now_, *next) : now_ + hours(1);
    if (const auto own = own_deadline(state_)) REQUIRE(*own > now_);  // far away
    // One may lead to another that has come as well: an attempt that times out, to a retry without a backoff.
    constexpr int rounds = 2;
    for (int i = 0; i < rounds; ++i) run_what_is_due();
    const auto after = next_deadline(state_);
    REQUIRE_MESSAGE((!after || *after > now_), "a deadline that has come is still there");
  }

  void run_what_is_due() {
    for (const auto leaf : state_.graph->leaves()) {
      const auto due = deadline_of(state_, leaf);
      if (!due || *due > now_) continue;
      const auto before = state_.version;
      play(timer_of(state_, leaf));
      REQUIRE_MESSAGE(state_.version > before, "a deadline came and nothing happened");
    }
  }

  void step() {
    if (state_.status == execution_status::paused) return play(resume_execution{});
    if (roll_.chance(patience_ / 10)) return play(pause_execution{"a moment"});
    for (const auto leaf : state_.graph->leaves()) {
      if (is_final(state_.status)) return;
      attend(leaf);
    }
  }

  void attend(task_index leaf) {
    const auto& task = state_.tasks[leaf];
    const auto& id = state_.definition(leaf).id.value;
    using enum leaf_stage;
    if (task.stage == reviewing)
      play(answer(id, task.review->kind));
    else if (task.stage == external && roll_.chance(30))
      play(unblock_task{by(task.ends.back().agent.value, id), "it came"});
    else if (task.stage == ready && hands_out(state_) && may_hold_more())
      play(assign_task{leaf, {"ann"}, "t" + std::to_string(++tokens_), "free"});
    else if (task.stage == held)
      play(work_on(leaf));
  }

  bool may_hold_more() const {
    return state_.options.max_parallel == 0 || state_.held.size() < state_.options.max_parallel;
  }

  execution_command answer(const std::string& id, review_kind kind) {
    using enum review_action;
    if (kind == review_kind::failure) return resolution(id, roll_.chance(90) ? retry : skip);
    return resolution(id, roll_.chance(90) ? approve : complete);
  }

  execution_command work_on(task_index leaf) {
    const auto report = by("ann", state_.definition(leaf).id.value, state_.tasks[leaf].lease->token);
    if (roll_.chance(patience_)) return fail_task{report, "io", "broke", roll_.chance(80), roll_.chance(20)};
    if (roll_.chance(patience_)) return block_task{report, "rain", hours(roll_.below(5)), roll_.chance(40)};
    if (roll_.chance(patience_)) return time_out_attempt{leaf, report.lease_token};
    if (roll_.chance(patience_)) return release_task{leaf, report.lease_token, "silent"};
    return complete_task{report, "{}", {}};
  }

  dice roll_;
  std::uint32_t patience_ = 0;
  std::uint32_t tokens_ = 0;
  timestamp now_ = epoch;
  execution_state state_;
};

}  // namespace

TEST_CASE("whatever is asked of it, an execution keeps its invariants and replays to itself at every prefix") {
  std::vector<std::size_t> kinds(std::variant_size_v<execution_event>, 0);
  for (std::uint64_t seed = 1; seed <= walks(3000); ++seed) {
    INFO("seed ", seed);
    walker w{seed};
    w.walk(100);
    w.count(kinds);
  }
  // Walks that never came to something would prove nothing about it.
  constexpr std::size_t fewest = 100;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    CAPTURE(kind);
    // A fork is another execution's beginning, not a step of this one.
    if (kind != execution_event{execution_forked{}}.index()) CHECK_GE(kinds[kind], fewest);
  }
}

TEST_CASE("where reviews are answered and agents complete in the end, an execution completes") {
  for (std::uint64_t seed = 1; seed <= walks(3000); ++seed) {
    INFO("seed ", seed);
    helpful_world{seed}.run_to_the_end();
  }
}

}  // namespace planexe::tests
