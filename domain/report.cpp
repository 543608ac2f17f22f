#include "domain/report.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

namespace planexe::domain {
namespace {

constexpr double ms_per_day = 86'400'000;

milliseconds span_of(double days) {
  return milliseconds{std::llround(days * ms_per_day)};
}

timestamp after_days(timestamp from, double days) {
  return from + span_of(days);
}

/// Whether the leaf's end is its completion, not one of an earlier life.
bool is_over(const task_state& task) {
  return task.stage == leaf_stage::done;
}

class reporter {
 public:
  reporter(const execution_state& state, timestamp now)
      : state_(state),
        graph_(*state.graph),
        now_(now),
        planned_(schedule_plan(graph_)),
        begins_(graph_.size(), false) {}

  execution_report take() {
    made_.pace = pace_of(state_);
    made_.forecast = forecast(state_, now_);
    lay_out();
    for (const auto leaf : planned_.critical_path) made_.tasks[graph_.place(leaf)].critical = true;
    for (const auto leaf : graph_.leaves()) add_leaf(leaf);
    expect();
    // Backwards in the document every task comes after all that is below it.
    for (auto place = graph_.size(); place-- > 0;) {
      judge(made_.tasks[place]);
      roll_up(made_.tasks[place]);
    }
    sum_up();
    made_.roles = role_counts(state_);
    return std::move(made_);
  }

 private:
  task_report& row(task_index task) { return made_.tasks[graph_.place(task)]; }

  /// In days.
  double lived(timestamp from, timestamp to) const {
    return static_cast<double>(lived_between(state_, from, to).count()) / ms_per_day;
  }

  void lay_out() {
    made_.tasks.resize(graph_.size());
    for (task_index i = 0; i < graph_.size(); ++i) {
      auto& made = row(i);
      const auto& task = state_.tasks[i];
      made.task = i;
      made.status = summarize(state_, i).status;
      made.attempts = task.attempt;
      for (const auto& end : task.ends) made.failed_attempts += end.failure ? 1U : 0U;
    }
  }

  void add_leaf(task_index leaf) {
    auto& made = row(leaf);
    const auto& task = state_.tasks[leaf];
    begins_[leaf] = true;
    made.planned_start = planned_.slots[leaf].earliest_start;
    made.planned_end = planned_.slots[leaf].earliest_end;
    made.effort_days = estimated_days(graph_, leaf);
    made.actual_start = task.started_at;
    if (is_over(task)) made.actual_end = task.completed_at;
  }

  /// Of leaves; nothing where nobody works on the execution.
  void expect() {
    if (!made_.forecast || !made_.forecast->eta) return;
    const auto& ahead = *made_.forecast;
    const double stretch = ahead.path_days > 0 ? std::max(ahead.remaining_days / ahead.path_days, 1.0) : 1.0;
    for (const auto& leaf : ahead.leaves) {
      auto& made = row(leaf.leaf);
      if (!made.actual_start)
        made.expected_start = after_days(now_, std::min(leaf.start_days * stretch, ahead.remaining_days));
      made.expected_end = after_days(now_, std::min(leaf.end_days * stretch, ahead.remaining_days));
    }
  }

  /// What follows from a task's own times.
  void judge(task_report& made) const {
    const auto until = state_.completed_at.value_or(now_);  // nothing goes on after the execution's end
    if (made.actual_start) made.actual_days = std::max(lived(*made.actual_start, made.actual_end.value_or(until)), 0.0);
    if (made.actual_start) made.expected_start.reset();  // a part of it that comes later may have one
    if (state_.started_at && made.planned_end <= longest_forecast_days) {
      made.planned_start_at = after_living(state_, *state_.started_at, span_of(made.planned_start));
      made.planned_end_at = after_living(state_, *state_.started_at, span_of(made.planned_end));
    }
    const auto end = made.actual_end ? made.actual_end : made.expected_end;
    if (end && state_.started_at) made.slip_days = lived(*state_.started_at, *end) - made.planned_end;
  }

  static void earliest(std::optional<timestamp>& of, const std::optional<timestamp>& other) {
    if (other && (!of || *other < *of)) of = other;
  }
  static void latest(std::optional<timestamp>& of, const std::optional<timestamp>& other) {
    if (other && (!of || *other > *of)) of = other;
  }

  /// Adds a task to the one that it is in.
  void roll_up(const task_report& made) {
    const auto up = graph_.parent(made.task);
    if (up == no_task) return;
    auto& whole = row(up);
    whole.critical = whole.critical || made.critical;
    whole.effort_days += made.effort_days;
    whole.attempts += made.attempts;
    whole.failed_attempts += made.failed_attempts;
    whole.planned_start = begins_[up] ? std::min(whole.planned_start, made.planned_start) : made.planned_start;
    whole.planned_end = std::max(whole.planned_end, made.planned_end);
    begins_[up] = true;
    earliest(whole.actual_start, made.actual_start);
    if (state_.tasks[up].open_leaves == 0) latest(whole.actual_end, made.actual_end);
    earliest(whole.expected_start, made.expected_start);
    latest(whole.expected_end, made.expected_end);
  }

  void sum_up() {
    auto& totals = made_.totals;
    totals.planned_days = planned_.days;
    totals.tasks_total = state_.leaf_total();
    totals.tasks_completed = state_.leaves_complete;
    totals.tasks_skipped = state_.leaves_skipped;
    totals.tasks_failed = state_.in(leaf_stage::failed);
    totals.critical_tasks = static_cast<std::uint32_t>(planned_.critical_path.size());
    for (const auto leaf : graph_.leaves()) {
      const double days = estimated_days(graph_, leaf);
      totals.planned_effort_days += days;
      if (state_.tasks[leaf].status == task_status::complete) totals.done_effort_days += days;
    }
    for (task_index i = 0; i < graph_.size(); ++i) {
      totals.attempts += state_.tasks[i].attempt;
      for (const auto& end : state_.tasks[i].ends) totals.failed_attempts += end.failure ? 1U : 0U;
    }
    if (!state_.started_at) return;
    totals.elapsed_days = std::max(lived(*state_.started_at, state_.completed_at.value_or(now_)), 0.0);
    std::optional<timestamp> end;
    if (state_.status == execution_status::completed) end = state_.completed_at;
    if (made_.forecast && made_.forecast->eta) end = made_.forecast->eta;
    if (end) totals.slip_days = lived(*state_.started_at, *end) - planned_.days;
  }

  const execution_state& state_;
  const plan_graph& graph_;
  timestamp now_;
  schedule planned_;
  std::vector<bool> begins_;  ///< whether a task has its planned start already
  execution_report made_;
};

}  // namespace

execution_report report_of(const execution_state& state, timestamp now) {
  return reporter{state, now}.take();
}

std::vector<role_report> role_counts(const execution_state& state) {
  std::vector<role_report> roles;
  std::unordered_map<std::string_view, std::size_t> known;
  const bool goes_on = hands_out(state);
  for (const auto leaf : state.graph->leaves()) {
    const auto& name = role_of(state, leaf);
    const auto [place, added] = known.try_emplace(name, roles.size());
    if (added) roles.push_back({.role = name});
    auto& role = roles[place->second];
    const auto& task = state.tasks[leaf];
    const double days = estimated_days(*state.graph, leaf);
    ++role.leaves;
    role.effort_days += days;
    using enum leaf_stage;
    switch (task.stage) {
      case done:
        ++role.done;
        if (task.status == task_status::complete) role.effort_done_days += days;
        break;
      case held:
        ++role.running;
        break;
      case ready:
        ++(goes_on ? role.ready : role.waiting);
        break;
      case reviewing:
        ++role.reviewing;
        break;
      case failed:
        ++role.failed;
        break;
      case cancelled:
        ++role.cancelled;
        break;
      case waiting:
      case retrying:
      case external:
        ++role.waiting;
        break;
    }
  }
  return roles;
}

}  // namespace planexe::domain
