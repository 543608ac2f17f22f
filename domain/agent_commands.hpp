// What can be asked of an agent, and the decision that answers it.
#pragma once

#include <optional>

#include "domain/agent_state.hpp"
#include "domain/rejection.hpp"

namespace planexe::domain {

/// Registering the same content again changes nothing; other content is refused, for it may be another agent.
struct register_agent {
  agent_profile profile;
};

/// Only what is set changes.
struct change_agent {
  std::optional<agent_standing> standing;
  std::optional<std::vector<std::string>> roles;
  std::optional<std::vector<capability>> capabilities;
  std::optional<std::uint32_t> max_concurrent_tasks;
  std::optional<std::string> webhook_url;  ///< empty: none any more
};

using agent_command = std::variant<register_agent, change_agent>;

struct agent_decision {
  std::vector<agent_event> events;
  std::optional<domain::rejection> rejection;
};

agent_decision decide(const agent_state& state, const agent_command& command);

}  // namespace planexe::domain
