// Which agents count towards a role. Pure, any thread.
#pragma once

#include <string_view>

#include "domain/agent_events.hpp"

namespace planexe::domain {

/// Whether the agent may be handed work of the role, whatever the action: one of its roles agrees (`roles_agree`), or
/// it takes any role or any action. Work without a role (empty) is everybody's.
bool serves_role(const agent_profile& profile, std::string_view role);

}  // namespace planexe::domain
