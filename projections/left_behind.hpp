// What an erasure of somebody leaves: keys that still work, an agent that still is one, and events of a time before
// words were sealed. Reads the whole log. Any thread.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "domain/time.hpp"
#include "eventstore/remains.hpp"

namespace planexe::projections {

struct left_behind {
  std::vector<std::string> live_keys;  ///< ids of those of its name, or made for the agent
  bool active_agent = false;           ///< it is one, and was not retired
  std::vector<eventstore::unsealed_event> unsealed;
};

/// Asked before the erasure: afterwards nobody is called `subject`. `errc::io` where it is stopped.
result<left_behind> left_behind_by(const eventstore::event_log& log, const std::string& subject, domain::timestamp now,
                                   const std::stop_token& stop = {});

}  // namespace planexe::projections
