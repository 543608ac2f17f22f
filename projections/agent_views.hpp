// The view of agents: who they are, what they hold, and what they have done. When an agent was last heard of is not in
// the log; whoever answers adds it.
#pragma once

#include <map>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "projections/projection.hpp"
#include "projections/rows.hpp"

namespace planexe::projections {

/// Completions that the median is taken over.
inline constexpr std::size_t most_recent_durations = 100;

class agent_views final : public projection {
 public:
  std::string_view name() const override { return "agents.3"; }
  result<void> restore(const eventstore::derived_store::view_rows& rows) override;
  void reset() override;
  result<void> apply(const domain::event_record& record) override;
  result<void> changes(eventstore::derived_store::view_write& write) override;
  void exchange(projection& other) override;
  std::size_t size() const override { return rows_.size(); }

  /// Only agents that were registered; null otherwise.
  const agent_row* row(const domain::agent_id& id) const;
  /// Every registered agent in the order of ids. Valid until the next event.
  std::vector<const agent_row*> rows() const;
  /// Those of them that `is_listed` tells of: all that is shown as a list or counted.
  std::vector<const agent_row*> listed() const;
  /// Whose rows have changed since the last call, registered or not.
  std::unordered_set<domain::agent_id> take_touched() { return std::exchange(touched_, {}); }

 private:
  using task_key = std::pair<domain::execution_id, domain::task_id>;

  agent_row& touch(const domain::agent_id& id);
  void assigned(const task_key& key, const domain::agent_id& agent, domain::timestamp at);
  /// The holder, whose hold ends here; null when nobody holds it.
  agent_row* released(const task_key& key, domain::timestamp at, domain::milliseconds* held_for = nullptr);
  /// `subject` as an actor.
  void erased(std::string_view subject);
  void released_all(const domain::execution_id& execution, domain::timestamp at);

  std::map<domain::agent_id, agent_row> rows_;
  std::map<task_key, domain::agent_id> holders_;
  std::unordered_set<domain::agent_id> changed_;  ///< and not stored
  std::unordered_set<domain::agent_id> touched_;  ///< and not told
};

}  // namespace planexe::projections
