// Gaps: the stretches of positions that have left the log with archived streams. Neighbours are merged, so that there
// are never more of them than there are events that have stayed. Shared by all stores. Private to the room. Pure.
#pragma once

#include "eventstore/event_log.hpp"

namespace planexe::eventstore {

struct gap_change {
  std::vector<std::uint64_t> removed;  ///< first positions of gaps that are in others now
  std::vector<log_gap> put;            ///< new, or in the place of the one that begins there
};

/// What `added` makes of the gaps that are there. Both are in order; `known` holds at least every gap that `added`
/// touches. `errc::corrupt` where two overlap, or meet with different hashes.
result<gap_change> merge_gaps(const std::vector<log_gap>& known, const std::vector<log_gap>& added);

}  // namespace planexe::eventstore
