// What an agent's key may see of executions: those that its agent works on or has worked on. Others do not exist for
// it. Private to gateway/actor_bridge. Any other caller may see all.
#pragma once

#include "actors/read_side.hpp"
#include "domain/execution_state.hpp"
#include "eventstore/event_log.hpp"
#include "gateway/auth/caller.hpp"

namespace planexe::gateway {

bool has_worked_on(const domain::execution_state& state, const caller_ptr& who);

/// The same, looked up in the projector's thread; at little cost while the agent holds something there.
bool may_follow(actors::read_side& views, const domain::execution_id& id, const caller_ptr& who);

/// The same by the log, which knows every hand-out: a state forgets leases that ended without a report, as where the
/// execution was cancelled. Reads all of the execution's events; not in the projector's thread.
result<bool> was_handed_work(const eventstore::event_log& log, const domain::execution_id& id, const caller_ptr& who);

}  // namespace planexe::gateway
