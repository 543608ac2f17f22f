// The view of roles: for every execution that is in the log how its leaves of each role stand, and their sum over all
// executions.
//
// A row is worked out when it is stored or read, not at every event, since it follows from the execution's state alone.
// What that costs the projector's thread: some 50 ns a leaf for each execution that has moved since the last time, so
// a store of a thousand busy executions of three hundred leaves takes about 15 ms, and a read right after it nothing.
#pragma once

#include <map>
#include <set>

#include "projections/execution_views.hpp"

namespace planexe::projections {

/// Leaves by where they stand.
struct role_load {
  std::string role;  ///< empty: of leaves that anybody may do
  std::uint64_t held = 0;
  std::uint64_t ready = 0;
  std::uint64_t waiting = 0;
  std::uint64_t reviewing = 0;
  std::uint64_t completed = 0;  ///< or skipped
  std::uint64_t failed = 0;
  friend bool operator==(const role_load&, const role_load&) = default;
};

struct execution_roles {
  domain::execution_id execution;
  std::vector<role_load> roles;  ///< as they first come in its plan
};

class role_views final : public projection {
 public:
  /// To be run after `executions`, which must outlive it.
  explicit role_views(execution_views& executions) : executions_(executions) {}

  std::string_view name() const override { return "roles.1"; }
  result<void> restore(const eventstore::derived_store::view_rows& rows) override;
  void reset() override;
  result<void> apply(const domain::event_record& record) override;
  result<void> changes(eventstore::derived_store::view_write& write) override;
  void exchange(projection& other) override;
  std::size_t size() const override { return rows_.size(); }

  /// The sum over all executions, by role. Valid until the next event. Fails where a state cannot be read.
  result<const std::map<std::string, role_load>*> totals();

 private:
  result<void> refresh();
  /// `now`: what is in the row's place; null: nothing.
  void forget_roles_of(const execution_roles& before, const execution_roles* now);
  void add(const execution_roles& row);
  void take_away(const execution_roles& row);

  execution_views& executions_;
  std::map<domain::execution_id, execution_roles> rows_;
  std::map<std::string, role_load> totals_;  ///< the sum of `rows_`, of the roles that these name
  std::set<domain::execution_id> stale_;     ///< have moved since their row was worked out
  std::set<domain::execution_id> changed_;   ///< since the last store
};

}  // namespace planexe::projections
