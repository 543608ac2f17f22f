// The switch that pauses everything: whether it is on, and what throwing it comes to. One for the server.
#pragma once

#include "domain/execution_state.hpp"
#include "domain/system_events.hpp"

namespace planexe::domain {

struct switch_state {
  bool on = false;
  std::string reason;  ///< of the last change
  timestamp since{};
  std::uint64_t version = 0;  ///< seq of the last event
};

/// Applies one event; total. Events of others change the version alone.
void evolve(switch_state& state, const system_event& event, event_moment moment);

struct throw_switch {
  bool on = true;
  std::string reason;
};
/// Nothing when it stands as wanted already.
std::optional<system_event> decide(const switch_state& state, const throw_switch& command);

}  // namespace planexe::domain
