// What an erasure cannot reach: events that were stored before words were sealed hold them as they are, under the hash.
// Reads the whole log. Any thread.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "eventstore/event_log.hpp"

namespace planexe::eventstore {

struct unsealed_event {
  domain::stream_id stream;
  std::uint64_t seq = 0;
  std::string_view type;  ///< by the contract's name
};
/// The events that hold words of the subject, or its name as that of who did something, as they are. `errc::io` where
/// it is stopped.
result<std::vector<unsealed_event>> find_unsealed(const event_log& log, const std::string& subject,
                                                  const std::stop_token& stop = {});

}  // namespace planexe::eventstore
