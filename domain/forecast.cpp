#include "domain/forecast.hpp"

#include <algorithm>
#include <cmath>

namespace planexe::domain {
namespace {

constexpr double ms_per_day = 86'400'000;

constexpr double plan_weighs_leaves = 0.25;  // see pace_of
constexpr double least_pace = 1e-9, greatest_pace = 1e4;

/// A holder that has had its time is not done: something is always left.
constexpr double least_share_left = 0.05;

double days_of(milliseconds span) {
  return static_cast<double>(span.count()) / ms_per_day;
}

double days_between(timestamp from, timestamp to) {
  return days_of(to - from);
}

timestamp after_days(timestamp from, double days) {
  return from + milliseconds{std::llround(days * ms_per_day)};
}

/// Which of a leaf's three estimates is taken.
using estimate_member = double estimate::*;

double estimate_of(const plan_graph& graph, task_index leaf, estimate_member which) {
  const auto& given = graph.task(leaf).estimate;
  return given ? (*given).*which : graph.effort(leaf);
}

/// The leaves that are left, by one of the three estimates.
class work_left {
 public:
  work_left(const execution_state& state, timestamp now, double pace, estimate_member which)
      : state_(state), now_(now), pace_(pace), which_(which), work_(state.graph->size()) {
    for (const auto leaf : state.graph->leaves()) add(leaf);
  }

  const std::vector<leaf_work>& leaves() const { return work_; }
  double estimated_days() const { return estimated_days_; }  ///< of all of them, less what holders have done

 private:
  void add(task_index leaf) {
    const auto& task = state_.tasks[leaf];
    auto& work = work_[leaf];
    if (task.stage == leaf_stage::done) {
      work.stage = work_stage::over;
      return;
    }
    const double estimated = estimate_of(*state_.graph, leaf, which_);
    const double whole = std::clamp(estimated * pace_, 0.0, longest_forecast_days);
    work.days = whole;
    if (task.stage == leaf_stage::held) {
      work.stage = work_stage::begun;
      const double elapsed = std::max(days_between(task.lease->since, now_), 0.0);
      work.days = std::max(whole - elapsed, whole * least_share_left);
    } else if (task.stage == leaf_stage::retrying) {
      work.not_before = wait_until(*task.retry_at);
    } else if (task.stage == leaf_stage::external) {
      work.not_before = wait_until(task.external->until);
    }
    estimated_days_ += whole > 0 ? estimated * (work.days / whole) : estimated;
  }

  double wait_until(timestamp at) const { return std::clamp(days_between(now_, at), 0.0, longest_forecast_days); }

  const execution_state& state_;
  timestamp now_;
  double pace_;
  estimate_member which_;
  std::vector<leaf_work> work_;
  double estimated_days_ = 0;
};

/// Estimated days that were completed for each real day since the start; nothing where that cannot be told yet.
std::optional<double> throughput_of(const execution_state& state, timestamp now) {
  if (!state.started_at || lived_between(state, *state.started_at, now) <= milliseconds{0}) return std::nullopt;
  double done = 0;
  for (const auto leaf : state.graph->leaves()) {
    const auto& task = state.tasks[leaf];
    if (task.status == task_status::complete && task.completed_at > state.started_at)
      done += estimated_days(*state.graph, leaf);
  }
  if (done <= 0) return std::nullopt;
  return done / days_of(lived_between(state, *state.started_at, now));
}

std::optional<double> days_at(std::optional<double> throughput, const work_left& left) {
  if (!throughput) return std::nullopt;
  return std::min(left.estimated_days() / *throughput, longest_forecast_days);
}

double longer_of(double path_days, std::optional<double> throughput_days) {
  return std::min(std::max(path_days, throughput_days.value_or(0)), longest_forecast_days);
}

bool goes_on(execution_status status) {
  return status != execution_status::created && status != execution_status::failed && !is_final(status);
}

}  // namespace

work_pace pace_of(const execution_state& state) {
  double took = 0, estimated = 0;
  work_pace pace;
  for (const auto leaf : state.graph->leaves()) {
    const auto& task = state.tasks[leaf];
    const double days = estimated_days(*state.graph, leaf);
    if (task.status != task_status::complete || !task.started_at || !task.completed_at || days <= 0) continue;
    took += std::max(days_of(lived_between(state, *task.started_at, *task.completed_at)), 1 / ms_per_day);
    estimated += days;
    ++pace.leaves;
  }
  if (pace.leaves == 0) return pace;
  const double weight = pace.leaves / (pace.leaves + plan_weighs_leaves);
  pace.days_per_day = std::clamp(std::pow(took / estimated, weight), least_pace, greatest_pace);
  return pace;
}

schedule schedule_what_is_left(const execution_state& state, timestamp now) {
  const work_left left{state, now, pace_of(state).days_per_day, &estimate::days_realistic};
  return schedule_leaves(*state.graph, left.leaves());
}

std::optional<execution_forecast> forecast(const execution_state& state, timestamp now) {
  if (!state.exists() || is_final(state.status)) return std::nullopt;
  execution_forecast made;
  made.pace = pace_of(state);
  const auto throughput = throughput_of(state, now);
  const auto left_by = [&](estimate_member which) { return work_left{state, now, made.pace.days_per_day, which}; };

  const auto left = left_by(&estimate::days_realistic);
  auto planned = schedule_leaves(*state.graph, left.leaves());
  made.path_days = planned.days;
  made.throughput_days = days_at(throughput, left);
  made.remaining_days = longer_of(made.path_days, made.throughput_days);
  made.critical_path = std::move(planned.critical_path);
  for (const auto leaf : state.graph->leaves()) {
    if (left.leaves()[leaf].stage == work_stage::over) continue;
    const auto& slot = planned.slots[leaf];
    made.leaves.push_back({leaf, slot.earliest_start, slot.earliest_end, slot.slack()});
  }
  if (!goes_on(state.status)) return made;

  const auto end_by = [&](estimate_member which) {
    const auto bound = left_by(which);
    return after_days(now, longer_of(schedule_leaves(*state.graph, bound.leaves()).days, days_at(throughput, bound)));
  };
  made.eta = after_days(now, made.remaining_days);
  made.earliest = end_by(&estimate::days_min);
  made.latest = end_by(&estimate::days_max);
  return made;
}

}  // namespace planexe::domain
