// When each leaf of a plan can begin and when it must have ended, for any durations: one pass forward and one backward
// over the starts and ends of its tasks (the critical path method). A parent starts before its children and ends after
// them, so an edge to a phase or task holds for all of its leaves without being written out.
// Pure functions, linear in tasks and edges, for any thread; a plan may be one chain of all its tasks.
#pragma once

#include <span>
#include <vector>

#include "domain/plan_graph.hpp"

namespace planexe::domain {

/// How a leaf stands towards the order of the plan.
enum class work_stage : std::uint8_t {
  ahead,  ///< begins when everything before it has ended
  begun,  ///< runs already, whatever stands before it
  over,   ///< holds nobody up and is on no path
};

/// What a leaf takes. Any unit of time does; here they are called days.
struct leaf_work {
  double days = 0;        ///< from its begin to its end; not negative
  double not_before = 0;  ///< after the schedule's start
  work_stage stage = work_stage::ahead;
};

/// All in days after the schedule's start. For a task with children: when what it waits for lets it begin, and when the
/// last of its leaves ends.
struct time_slot {
  double earliest_start = 0;
  double earliest_end = 0;
  double latest_start = 0;  ///< without making the whole longer
  double latest_end = 0;

  /// How much later it may end without making the whole longer (total float); never negative.
  double slack() const { return latest_end > earliest_end ? latest_end - earliest_end : 0; }
};

/// The vectors are by task. Of two leaves that end at the same moment the one that stands first in the document counts.
struct schedule {
  double days = 0;  ///< from the start to the last end
  std::vector<time_slot> slots;
  std::vector<task_index> drivers;  ///< the leaf whose end lets this task begin; `no_task`: nothing stands before it
  std::vector<task_index> last_leaves;    ///< the leaf at or below it that ends last; `no_task`: all of them are over
  std::vector<task_index> critical_path;  ///< leaves in order, each the driver of the next one; the last one ends last
};

/// `work` has one entry for each task of the graph; those of tasks with children are not looked at.
schedule schedule_leaves(const plan_graph& graph, std::span<const leaf_work> work);

/// The plan as it was written: every leaf takes its estimated days, and agents are plenty.
schedule schedule_plan(const plan_graph& graph);

/// The realistic estimate, or the graph's effort where the plan gives none.
double estimated_days(const plan_graph& graph, task_index leaf);

}  // namespace planexe::domain
