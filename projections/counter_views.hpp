// The view of counters: what the whole log adds up to. Totals only ever grow.
//
// How long something took is found in the execution's state as it was before the event that ended it, so this view is
// run before the executions' view. Where that one is ahead, after a start with checkpoints apart, states are replayed.
#pragma once

#include <array>
#include <map>
#include <unordered_map>

#include "projections/execution_views.hpp"

namespace planexe::projections {

/// Names of errors are the agents' own words: so many are counted by name, later ones together.
inline constexpr std::size_t most_error_names = 100;
inline constexpr std::string_view other_errors = "other";

/// Upper bounds of the buckets in seconds, 1-2-5 from a millisecond to eleven days: agents take the one, people the
/// other. One bucket more holds what is longer.
inline constexpr std::array<double, 28> length_bounds{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
                                                      2,     5,     10,    20,   50,   100,  200, 500, 1e3, 2e3,
                                                      5e3,   1e4,   2e4,   5e4,  1e5,  2e5,  5e5, 1e6};

/// How long something took, many times.
struct length_histogram {
  std::array<std::uint64_t, length_bounds.size() + 1> buckets{};
  std::uint64_t count = 0;
  domain::milliseconds sum{};
  domain::milliseconds longest{};

  void add(domain::milliseconds length);
  /// The length in seconds that a share `q` (0 to 1) stays within, as far as the buckets tell; nothing without any.
  std::optional<double> quantile(double q) const;
};

struct named_count {
  std::string name;
  std::uint64_t count = 0;
};

struct counters_row {
  std::map<std::string, std::uint64_t, std::less<>> events;  ///< by type
  std::map<std::string, std::uint64_t, std::less<>> errors;  ///< attempts that failed, by their error's type
  std::uint64_t attempts = 0;                                ///< hand-outs
  std::uint64_t attempts_failed = 0;
  std::uint64_t tasks_completed = 0;
  std::uint64_t tasks_failed = 0;  ///< for good
  std::uint64_t tasks_skipped = 0;
  std::uint64_t tasks_escalated = 0;  ///< rungs
  std::uint64_t reviews_opened = 0;
  std::uint64_t reviews_resolved = 0;
  length_histogram attempt_lengths;    ///< from a hand-out to the completion
  length_histogram waits;              ///< from ready in a started execution to handed out
  length_histogram review_lengths;     ///< from a person being asked to the decision
  length_histogram execution_lengths;  ///< from the first hand-out to the last completion
};

class counter_views final : public projection {
 public:
  /// To be run before `executions`. All must outlive it.
  counter_views(const eventstore::event_log& log, const eventstore::derived_store& derived, execution_views& executions)
      : log_(log), derived_(derived), executions_(executions) {}

  std::string_view name() const override { return "counters.2"; }
  result<void> restore(const eventstore::derived_store::view_rows& rows) override;
  void reset() override;
  result<void> apply(const domain::event_record& record) override;
  result<void> changes(eventstore::derived_store::view_write& write) override;
  void exchange(projection& other) override;
  std::size_t size() const override { return 1; }

  /// Valid until the next event.
  const counters_row& row() const { return row_; }

 private:
  result<const domain::execution_state*> before(const domain::event_record& record);
  result<void> count(const domain::event_record& record, const domain::execution_event& event);
  void count_error(const std::string& type);

  const eventstore::event_log& log_;
  const eventstore::derived_store& derived_;
  execution_views& executions_;
  counters_row row_;
  bool changed_ = false;
  /// States of executions whose view is ahead, as they were before the next event of theirs.
  std::unordered_map<domain::execution_id, domain::execution_state> behind_;
};

}  // namespace planexe::projections
