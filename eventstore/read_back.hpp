// Reading a stream from its end: what the log gives at once begins with the earliest events. Any thread that may read
// the log.
#pragma once

#include <algorithm>

#include "eventstore/event_log.hpp"

namespace planexe::eventstore {

/// Events of a stream that end with `last_seq`, which it has, in order: at most `most` of them, fewer where they are
/// large, one at least.
inline result<std::vector<domain::event_record>> read_up_to(const event_log& log, const domain::stream_id& stream,
                                                            std::uint64_t last_seq, std::size_t most) {
  auto count = std::min<std::uint64_t>(most, last_seq);
  while (true) {
    auto events = log.read_stream(stream, last_seq - count, static_cast<std::size_t>(count));
    if (!events || events->empty() || events->size() == count) return events;
    count = events->size();
  }
}

}  // namespace planexe::eventstore
