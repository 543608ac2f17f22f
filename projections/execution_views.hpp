// The views of executions that are in the log, not of archived ones: a row each for the lists, and the whole state of
// those that are looked at or move. States are folded from the same events by the same `evolve` as the actors', so a
// view cannot disagree with what was decided.
#pragma once

#include <array>
#include <list>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "projections/projection.hpp"
#include "projections/rows.hpp"

namespace planexe::projections {

/// How many states are kept in memory; others are replayed when they are looked at.
inline constexpr std::size_t most_states_kept = 2'048;
inline constexpr std::size_t execution_status_count = 8;

class execution_views final : public projection {
 public:
  execution_views(const eventstore::event_log& log, const eventstore::derived_store& derived)
      : log_(log), derived_(derived) {}

  std::string_view name() const override { return "executions.4"; }
  result<void> restore(const eventstore::derived_store::view_rows& rows) override;
  void reset() override;
  result<void> apply(const domain::event_record& record) override;
  result<void> changes(eventstore::derived_store::view_write& write) override;
  void exchange(projection& other) override;
  std::size_t size() const override { return rows_.size(); }

  const execution_row* row(const domain::execution_id& id) const;
  /// How many are in each status, in the order of `execution_status`.
  std::array<std::uint64_t, execution_status_count> by_status() const;
  /// Every row, newest first. Valid until the next event.
  std::vector<const execution_row*> rows() const { return newest(rows_.size()); }
  /// The first so many of them, which costs no look at the others.
  std::vector<const execution_row*> newest(std::size_t most) const;
  /// The state up to the last applied event; null for an unknown id. Shared and not changed afterwards.
  result<std::shared_ptr<const domain::execution_state>> state(const domain::execution_id& id);
  /// The same for a look within the projector's thread, which costs no copy later. Valid until the next event.
  result<const domain::execution_state*> peek(const domain::execution_id& id);
  /// The state after event `seq`, which the caller has checked to be within the execution's events.
  result<std::shared_ptr<const domain::execution_state>> state_at(const domain::execution_id& id,
                                                                  std::uint64_t seq) const;

 private:
  using state_ptr = std::shared_ptr<domain::execution_state>;
  struct kept_state {
    state_ptr state;
    bool shared = false;  ///< given out: the next event works on a copy
    std::list<domain::execution_id>::iterator place;
  };

  struct is_newer {
    bool operator()(const execution_row* a, const execution_row* b) const;
  };

  void drop(const domain::execution_id& id);
  result<kept_state*> kept(const domain::execution_id& id, std::uint64_t up_to_seq);

  const eventstore::event_log& log_;
  const eventstore::derived_store& derived_;
  std::unordered_map<domain::execution_id, execution_row> rows_;
  std::set<const execution_row*, is_newer> in_order_;  ///< the same rows, newest first
  std::unordered_set<domain::execution_id> changed_;
  std::unordered_map<domain::execution_id, kept_state> states_;
  std::list<domain::execution_id> recently_used_;  ///< most recent first
};

}  // namespace planexe::projections
