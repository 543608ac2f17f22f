// The longest way through a plan: how long it takes at the least when agents are plenty, and which leaves decide that.
// A pure function of the graph, linear in its tasks and edges.
#pragma once

#include <cstddef>
#include <vector>

#include "domain/plan_graph.hpp"

namespace planexe::plans {

struct critical_step {
  domain::task_index leaf = 0;
  double start_day = 0;  ///< after the plan's start, when everything before it took its realistic time
  double days = 0;
  bool assumed = false;  ///< the leaf has no estimate: the mean of those that have one, or 1
};

struct critical_path {
  std::vector<critical_step> steps;  ///< in order; each follows from the one before
  double days = 0;
};

/// By realistic estimates and in the order of the graph's sequencing; what a phase or task waits for, all of its leaves
/// wait for. Of two ways that are equally long the one that stands first in the document is taken.
critical_path find_critical_path(const domain::plan_graph& graph);

}  // namespace planexe::plans
