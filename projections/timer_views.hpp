// The index of deadlines: when each execution has to be woken next, and which ones have work for agents. A start needs
// no more than this to let sleeping executions sleep. A row is worked out when it is stored or read, not at every
// event: it follows from the execution's state alone.
#pragma once

#include <map>
#include <set>

#include "projections/execution_views.hpp"

namespace planexe::projections {

class timer_views final : public projection {
 public:
  /// To be run after `executions`, which must outlive it.
  explicit timer_views(execution_views& executions) : executions_(executions) {}

  std::string_view name() const override { return "timers.1"; }
  result<void> restore(const eventstore::derived_store::view_rows& rows) override;
  void reset() override;
  result<void> apply(const domain::event_record& record) override;
  result<void> changes(eventstore::derived_store::view_write& write) override;
  void exchange(projection& other) override;
  std::size_t size() const override { return rows_.size(); }

  /// Every execution that something will happen to, the earliest deadline first, those without one last; then by id.
  /// Fails where a state cannot be read.
  result<std::vector<timer_row>> rows();

 private:
  result<void> refresh();

  execution_views& executions_;
  std::map<domain::execution_id, timer_row> rows_;
  std::set<domain::execution_id> stale_;    ///< have moved since their row was worked out
  std::set<domain::execution_id> changed_;  ///< since the last store
};

}  // namespace planexe::projections
