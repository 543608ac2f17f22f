// A view made anew from the log beside the live one, while that one goes on.
//
// Steps and threads: `carry_to` and `gather` run on any one thread at a time, most of the way beside the projections'
// own; the last events, `install` and the store before it run on the thread that owns the live views. From then until
// `compare` has ended the live views are not stored (`projection_runner::hold_stores`), so that what is compared, and
// mended where it was wrong, is the view as it stood at one position; `compare` may run elsewhere again.
// Needs memory for the view's rows once more, and for the states of executions where the view looks at those.
#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "projections/view_set.hpp"

namespace planexe::projections {

class view_rebuild {
 public:
  /// `name` must be a view's. All must outlive the rebuild.
  view_rebuild(const eventstore::event_log& log, eventstore::derived_store& derived, double review_threshold,
               std::string_view name);

  /// Applies the log's events up to and with `position`. Ends early, at any position, when asked to stop.
  result<void> carry_to(std::uint64_t position, const std::stop_token& stop = {});
  /// Takes up the rows that have changed. Once before the last step it keeps that one short.
  result<void> gather();
  /// The live view takes what was made here; what it held goes with the rebuild. Both must be at the same position, and
  /// everything must have been gathered here and stored there.
  void install(projection& live);
  /// Whether what is stored of the live view is, byte for byte, what was made here; where not, that is written.
  result<bool> compare();

  std::string_view name() const { return view_->name(); }
  std::uint64_t position() const { return position_; }
  /// Events that were applied.
  std::uint64_t events() const { return position_; }
  std::size_t rows() const { return rows_.size(); }

 private:
  const eventstore::event_log& log_;
  eventstore::derived_store& derived_;
  view_set views_;
  projection* view_;
  std::vector<projection*> needed_;
  std::map<std::string, std::string> rows_;
  std::uint64_t position_ = 0;
};

}  // namespace planexe::projections
