// A plan's risks, failure modes and assumptions as clients see them: whole beside the plan, and in short beside a task
// that is blocked. Pure, any thread.
#pragma once

#include <vector>

#include "domain/plan.hpp"

namespace planexe::gateway {

class json_writer;

/// The array `risks`, each with the ids of the tasks it speaks of.
void append_risks(json_writer& writer, const domain::plan& plan);
/// The array `assumptions`, the same way.
void append_assumptions(json_writer& writer, const domain::plan& plan);

/// Which risks and assumptions concern a task: those attached to itself or to a task above it. The plan must outlive
/// it.
class task_concerns {
 public:
  /// Enough for a person who looks at one blocker; the rest stands with the plan.
  static constexpr std::size_t most_shown = 5;

  explicit task_concerns(const domain::plan& plan);

  /// The members `risks` and `assumptions` in short, at most `most_shown` each, the task's own first, then those of
  /// the nearest above. Nothing is written where there are none.
  void append(json_writer& writer, domain::task_index task) const;

 private:
  /// Positions in the plan's lists, by task.
  using by_task = std::vector<std::vector<std::uint32_t>>;
  /// What concerns a task and where it is attached.
  struct concern {
    std::uint32_t position = 0;
    domain::task_index at = domain::no_task;
  };
  std::vector<concern> of(const by_task& attached, domain::task_index task) const;

  const domain::plan& plan_;
  by_task risks_, assumptions_;
};

}  // namespace planexe::gateway
