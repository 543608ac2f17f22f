// Who may do what: a role against what a route asks for, and an agent's key against the agent that a path names. Pure,
// any thread.
#pragma once

#include <optional>

#include "gateway/auth/caller.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/routes.hpp"

namespace planexe::gateway {

/// Whether that role may use a route at all. An agent's own record and work are further bound to its id.
bool may_use(domain::key_role role, access required) noexcept;

/// 403 for what the role may not do; for another agent's affairs the 404 of an agent that does not exist.
std::optional<problem> refuse_access(const caller& who, const request_head& head, const route& asked);

/// The 404 for an agent's affairs that are not the caller's: an agent's key works for its own agent alone.
std::optional<problem> refuse_agent(const caller_ptr& who, const domain::agent_id& agent);

}  // namespace planexe::gateway
