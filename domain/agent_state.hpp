// One agent as its events tell it.
#pragma once

#include "domain/agent_events.hpp"
#include "domain/execution_state.hpp"

namespace planexe::domain {

struct agent_state {
  bool registered = false;
  std::uint64_t version = 0;
  agent_profile profile;
  agent_standing standing = agent_standing::active;
  timestamp registered_at{};
  timestamp updated_at{};
};

/// "active", "paused", "retired".
std::string_view name_of(agent_standing standing);

/// Applies one event; total.
void evolve(agent_state& state, const agent_event& event, event_moment moment);

}  // namespace planexe::domain
