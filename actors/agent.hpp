// One agent: who it is, the leases that it holds, and its polls that wait. What it holds is told by the executions;
// what it is, by its own events. A poll is answered with tasks only after their assignments are durable.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;
class agent_process;

struct agent_actor_state {
  agent_actor_state();
  ~agent_actor_state();
  std::unique_ptr<agent_process> process;
  static inline const char* name = "agent";
};

agent_actor::behavior_type agent(agent_actor::stateful_pointer<agent_actor_state> self, environment* env,
                                 const domain::agent_id& id);

}  // namespace planexe::actors
