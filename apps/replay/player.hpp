// Shows a recording event by event: in a terminal one picture drawn over the last one and steered by keys, else a few
// lines an event, or one JSON value a line. One thread; blocks until the end, or until a key ends it.
#pragma once

#include <ostream>

#include "apps/replay/recording.hpp"
#include "apps/replay/texts.hpp"

namespace planexe::replaying {

struct showing {
  text_style style;
  bool json = false;
  bool draws_over = false;  ///< standard output is a terminal that moves
  std::size_t height = 0;   ///< of that terminal, in lines
};

struct playing {
  std::uint64_t from = 1;   ///< the event shown first
  bool by_hand = false;     ///< steps are taken by keys
  double speed = 0;         ///< times as fast as it happened; 0: without waiting
  bool follow = false;      ///< goes on with what is recorded meanwhile, until the execution is over
  std::uint64_t until = 0;  ///< 0: to the last event
};

/// Ends with an error where the recording cannot be read on.
result<void> play(recording& from, const playing& how, const showing& to, std::ostream& out);

}  // namespace planexe::replaying
