// Two executions beside each other, task by task: above all a fork and what it was forked from. Pure, linear in tasks
// (and in what a report costs), any thread.
#pragma once

#include "domain/report.hpp"

namespace planexe::domain {

/// How a task went in one of the two.
struct task_outcome {
  task_index task = no_task;
  task_status status = task_status::queued;
  agent_id agent;              ///< who holds it or ended it last; empty: nobody yet, or a person
  std::uint32_t attempts = 0;  ///< this and the next as in a report
  std::uint32_t failed_attempts = 0;
  std::optional<double> days;  ///< from the first hand-out to the end, or until now
  bool inherited = false;      ///< it was done before the execution was forked
};

/// A task that is a leaf in at least one of the two; what is no leaf stands for all of its leaves.
struct task_comparison {
  task_id id;
  std::optional<task_outcome> here;  ///< nothing: there is no such task
  std::optional<task_outcome> there;
  bool status_differs = false;
  bool agent_differs = false;
  bool attempts_differ = false;
  bool output_differs = false;
  /// Times are never quite the same, and no difference.
  bool is_same() const {
    return here && there && !status_differs && !agent_differs && !attempts_differ && !output_differs;
  }
};

struct execution_comparison {
  report_totals here;
  report_totals there;
  std::vector<task_comparison> tasks;  ///< in the document order of the one, then what only the other has
  std::uint32_t same = 0;              ///< of `tasks`
};

/// Each as it stands at its own `now`. Both must exist.
execution_comparison compare(const execution_state& here, timestamp here_now, const execution_state& there,
                             timestamp there_now);

/// How many events two executions have in common, from the first one on, as far as their forks tell: 0 for strangers.
std::uint64_t shared_events(const execution_id& here_id, const execution_state& here, const execution_id& there_id,
                            const execution_state& there);

}  // namespace planexe::domain
