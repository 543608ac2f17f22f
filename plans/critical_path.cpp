#include "plans/critical_path.hpp"

#include <algorithm>
#include <cstdint>

namespace planexe::plans {
namespace {

using domain::no_task;
using domain::plan_graph;
using domain::task_index;

/// A task's start or its end. A parent starts before its children and ends after them, so an edge to a parent holds for
/// all of its leaves without being written out.
using moment = std::uint32_t;

constexpr moment start_of(task_index i) {
  return 2 * i;
}
constexpr moment end_of(task_index i) {
  return 2 * i + 1;
}

double days_of(const plan_graph& graph, task_index leaf) {
  const auto& estimate = graph.task(leaf).estimate;
  return estimate ? estimate->days_realistic : graph.effort(leaf);
}

class longest_way {
 public:
  explicit longest_way(const plan_graph& graph)
      : graph_(graph), waits_for_(graph.size() * 2, 0), before_(graph.size() * 2, no_task), at_(graph.size() * 2, 0) {
    for (moment m = 0; m < waits_for_.size(); ++m) each_next(m, [&](moment next, double) { ++waits_for_[next]; });
    walk();
  }

  critical_path take() const {
    critical_path path;
    moment last = 0;
    for (moment m = 0; m < at_.size(); ++m)
      if (at_[m] > at_[last]) last = m;
    path.days = at_.empty() ? 0 : at_[last];
    for (moment m = last; !at_.empty() && m != no_task; m = before_[m]) {
      const task_index task = m / 2;
      if (m == end_of(task) && graph_.is_leaf(task))
        path.steps.push_back(
            {task, at_[start_of(task)], days_of(graph_, task), !graph_.task(task).estimate.has_value()});
    }
    std::reverse(path.steps.begin(), path.steps.end());
    return path;
  }

 private:
  template <class Visit>
  void each_next(moment m, Visit visit) const {
    const task_index task = m / 2;
    if (m == start_of(task)) {
      if (graph_.is_leaf(task)) return visit(end_of(task), days_of(graph_, task));
      for (const task_index child : graph_.children(task)) visit(start_of(child), 0.0);
      return;
    }
    if (graph_.parent(task) != no_task) visit(end_of(graph_.parent(task)), 0.0);
    for (const task_index next : graph_.successors(task)) visit(start_of(next), 0.0);
  }

  /// In topological order; the graph has no cycle.
  void walk() {
    std::vector<moment> ready;
    for (moment m = 0; m < waits_for_.size(); ++m)
      if (waits_for_[m] == 0) ready.push_back(m);
    for (std::size_t i = 0; i < ready.size(); ++i) {
      const moment m = ready[i];
      each_next(m, [&](moment next, double days) {
        const double reached = at_[m] + days;
        const bool first = before_[next] == no_task;
        if (first || reached > at_[next] || (reached == at_[next] && m < before_[next])) {
          at_[next] = reached;
          before_[next] = m;
        }
        if (--waits_for_[next] == 0) ready.push_back(next);
      });
    }
  }

  const plan_graph& graph_;
  std::vector<std::uint32_t> waits_for_;
  std::vector<moment> before_;  ///< the moment that came last before this one; `no_task` at the beginning
  std::vector<double> at_;      ///< days after the start
};

}  // namespace

critical_path find_critical_path(const plan_graph& graph) {
  return longest_way{graph}.take();
}

}  // namespace planexe::plans
