#include "domain/schedule.hpp"

#include <algorithm>
#include <cassert>

namespace planexe::domain {
namespace {

/// A task's start or its end.
using moment = std::uint32_t;

constexpr moment start_of(task_index i) {
  return 2 * i;
}
constexpr moment end_of(task_index i) {
  return 2 * i + 1;
}

class two_passes {
 public:
  two_passes(const plan_graph& graph, std::span<const leaf_work> work)
      : graph_(graph), work_(work), at_(graph.size() * 2, 0), latest_(at_.size()), by_(at_.size(), no_task) {
    assert(work.size() == graph.size());
    pass_forward();
    find_end();
    pass_backward();
  }

  schedule take() {
    schedule made;
    made.days = days_;
    made.slots.resize(graph_.size());
    made.drivers.resize(graph_.size());
    made.last_leaves.resize(graph_.size());
    for (task_index i = 0; i < graph_.size(); ++i) {
      made.slots[i] = {at_[start_of(i)], at_[end_of(i)], latest_[start_of(i)], latest_[end_of(i)]};
      made.drivers[i] = by_[start_of(i)];
      made.last_leaves[i] = by_[end_of(i)];
    }
    for (auto leaf = last_; leaf != no_task; leaf = made.drivers[leaf]) made.critical_path.push_back(leaf);
    std::reverse(made.critical_path.begin(), made.critical_path.end());
    return made;
  }

 private:
  template <class Visit>
  void each_next(moment m, Visit visit) const {
    const task_index task = m / 2;
    if (m == start_of(task)) {
      if (graph_.is_leaf(task)) return visit(end_of(task));
      for (const auto child : graph_.children(task)) visit(start_of(child));
      return;
    }
    if (graph_.parent(task) != no_task) visit(end_of(graph_.parent(task)));
    for (const auto next : graph_.successors(task)) visit(start_of(next));
  }

  bool is_leaf_start(moment m) const { return m == start_of(m / 2) && graph_.is_leaf(m / 2); }

  /// In topological order; the graph has no cycle.
  void pass_forward() {
    std::vector<std::uint32_t> waits_for(at_.size(), 0);
    for (moment m = 0; m < at_.size(); ++m) each_next(m, [&](moment next) { ++waits_for[next]; });
    order_.reserve(at_.size());
    for (moment m = 0; m < at_.size(); ++m)
      if (waits_for[m] == 0) order_.push_back(m);
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const moment m = order_[i];
      if (is_leaf_start(m)) settle_leaf(m / 2);
      each_next(m, [&](moment next) {
        if (!is_leaf_start(m)) reach(next, at_[m], by_[m]);
        if (--waits_for[next] == 0) order_.push_back(next);
      });
    }
  }

  /// Everything before `leaf` is known: so are its start and its end.
  void settle_leaf(task_index leaf) {
    const auto& work = work_[leaf];
    auto& start = at_[start_of(leaf)];
    auto& driver = by_[start_of(leaf)];
    const bool waits = work.stage == work_stage::ahead;
    if (!waits || work.not_before > start) {
      start = work.stage == work_stage::over ? 0 : std::max(work.not_before, 0.0);
      driver = no_task;
    }
    if (work.stage == work_stage::over) return;
    at_[end_of(leaf)] = start + work.days;
    by_[end_of(leaf)] = leaf;
  }

  void reach(moment next, double at, task_index by) {
    if (by == no_task) return;
    const bool later =
        by_[next] == no_task || at > at_[next] || (at == at_[next] && graph_.place(by) < graph_.place(by_[next]));
    if (!later) return;
    at_[next] = at;
    by_[next] = by;
  }

  void find_end() {
    for (const auto leaf : graph_.leaves()) {
      const bool counts = work_[leaf].stage != work_stage::over;
      if (counts && (last_ == no_task || at_[end_of(leaf)] > days_)) {
        last_ = leaf;
        days_ = at_[end_of(leaf)];
      }
    }
  }

  void pass_backward() {
    std::fill(latest_.begin(), latest_.end(), days_);
    for (std::size_t i = order_.size(); i-- > 0;) {
      const moment m = order_[i];
      if (is_leaf_start(m)) continue;
      each_next(m, [&](moment next) { latest_[m] = std::min(latest_[m], latest_for(next)); });
      const task_index task = m / 2;
      if (graph_.is_leaf(task)) latest_[start_of(task)] = latest_[m] - work_[task].days;
    }
  }

  /// When whatever stands before `next` must have ended.
  double latest_for(moment next) const {
    const bool waits = !is_leaf_start(next) || work_[next / 2].stage == work_stage::ahead;
    return waits ? latest_[next] : days_;
  }

  const plan_graph& graph_;
  std::span<const leaf_work> work_;
  std::vector<moment> order_;  ///< each after all that it waits for
  std::vector<double> at_;     ///< the earliest that it can be, by moment
  std::vector<double> latest_;
  std::vector<task_index> by_;  ///< the leaf whose end came last before that moment; at its own end the leaf itself
  task_index last_ = no_task;
  double days_ = 0;
};

}  // namespace

schedule schedule_leaves(const plan_graph& graph, std::span<const leaf_work> work) {
  return two_passes{graph, work}.take();
}

schedule schedule_plan(const plan_graph& graph) {
  std::vector<leaf_work> work(graph.size());
  for (const auto leaf : graph.leaves()) work[leaf].days = estimated_days(graph, leaf);
  return schedule_leaves(graph, work);
}

double estimated_days(const plan_graph& graph, task_index leaf) {
  const auto& estimate = graph.task(leaf).estimate;
  return estimate ? estimate->days_realistic : graph.effort(leaf);
}

}  // namespace planexe::domain
