// Why something is not done yet: the chain of causes from a task down to the leaf that everything else waits for, and
// every such leaf beside it. Pure functions of a state and the present, linear in tasks and edges, for any thread.
// A chain always ends: each link's leaf stands after the next one in the order of the plan.
#pragma once

#include "domain/execution_state.hpp"

namespace planexe::domain {

/// Why one unfinished leaf is not done: the kinds of waits (`wait_kind`), then what is no wait.
enum class cause_kind : std::uint8_t {
  prerequisites,
  agent,
  retry,
  review,
  external,
  paused,
  parent,
  running,    ///< an agent holds it
  failed,     ///< for good
  cancelled,  ///< with the whole execution
};
inline constexpr std::size_t cause_kind_count = 10;

std::string_view name_of(cause_kind kind);

struct cause {
  task_index task = no_task;  ///< a leaf
  cause_kind kind = cause_kind::prerequisites;
  std::string detail;  ///< for people, without times and names of holders; empty while it runs
  timestamp since{};
  std::optional<timestamp> wake_at;  ///< when it is looked at again by itself
  agent_id agent;                    ///< who holds it, or who alone may take it; empty: anybody
  std::uint32_t attempt = 0;         ///< the current or last one; 0: it was never handed out
};

/// More roots than people read at once; `roots_total` and `counts` tell of all.
inline constexpr std::size_t most_roots = 50;

struct explanation {
  task_index task = no_task;  ///< what was asked about; `no_task`: the whole execution
  std::string headline;       ///< what the execution as a whole is doing, for people
  /// From the leaf that was asked about, or from the unfinished leaf below that is going to end last, each link's task
  /// waiting for the next one's; of all that a leaf waits for, the one that is going to end last. The last link waits
  /// for no other task. One before it may be a review that was asked for before its turn: an answer alone would not let
  /// that leaf begin. Empty when nothing is unfinished.
  std::vector<cause> chain;
  /// Every leaf that does not wait for the order, among those that were asked about and all that these wait for, in the
  /// order of the document. Where there are more than `most_roots`, the first of each kind are among those kept.
  std::vector<cause> roots;
  std::size_t roots_total = 0;
  std::array<std::size_t, cause_kind_count> counts{};  ///< of all roots, by kind

  std::size_t count(cause_kind kind) const { return counts[static_cast<std::size_t>(kind)]; }
};

/// About a task, with or without children, or, with `no_task`, about the whole execution, which must exist. `now`
/// decides which of several prerequisites is going to end last.
explanation explain(const execution_state& state, task_index task, timestamp now);

}  // namespace planexe::domain
