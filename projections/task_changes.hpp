// Which tasks of an execution look different after a batch of events: what a live view has to be told so that it holds
// what a whole read would give. One thread; knows the state after the last batch it was shown.
#pragma once

#include <span>

#include "domain/event_record.hpp"
#include "domain/execution_state.hpp"

namespace planexe::projections {

struct task_changes {
  struct change {
    domain::task_index task = domain::no_task;
    bool whole = false;  ///< also what the plan fixes of it: it is new, or has become a task with children
  };
  std::vector<change> tasks;  ///< in the order of the document
  bool structure = false;     ///< the tree has grown
};

/// Every task, as whole ones where the tree has ever grown: for whoever holds an earlier state of which nothing is
/// known.
task_changes every_task(const domain::execution_state& state);

class change_tracker {
 public:
  /// `state` must exist.
  explicit change_tracker(const domain::execution_state& state) : graph_(state.graph), common_(common_of(state)) {}

  /// `events` are those since the last call, or since the state that the tracker was made with; `state` is what they
  /// lead to. Names every task whose status, wait, holder, progress, attempt, error or times may differ. Two things
  /// move without being named: leases, which are renewed by no event, and when a wait for an agent is escalated, which
  /// each hand-out of work of the same kind puts off.
  task_changes after(std::span<const domain::event_record* const> events, const domain::execution_state& state);

 private:
  /// What leaves say that is not their own but the execution's.
  struct common_causes {
    domain::execution_status status_class = domain::execution_status::created;
    std::optional<domain::timestamp> since;
    std::optional<domain::staffing_gap> unstaffed;
    std::string block;
    std::optional<domain::timestamp> block_ends;
    bool full = false;  ///< as many tasks are held as may be at the same time
    friend bool operator==(const common_causes&, const common_causes&) = default;
  };
  static common_causes common_of(const domain::execution_state& state);

  std::shared_ptr<const domain::plan_graph> graph_;
  common_causes common_;
};

}  // namespace planexe::projections
