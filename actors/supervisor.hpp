// The supervisor: after a start, brings every execution back that has work for agents, and says when all of them have
// told the matcher, the agents and the timers what they have. Before that no poll is answered. The others sleep on
// until their deadline comes or somebody asks for them.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <unordered_set>

#include "actors/interfaces.hpp"
#include "projections/rows.hpp"

namespace planexe::actors {

struct environment;

struct read_side;

/// What was there before the start.
struct survivors {
  std::vector<domain::execution_id> live;                        ///< executions that agents have to know of
  std::vector<projections::timer_row> sleeping;                  ///< others that something will happen to
  std::vector<std::pair<domain::agent_id, profile_ptr>> agents;  ///< active ones; each gets its whole patience again
};
/// As the restored views have it. The projector's thread, or before there is one.
result<survivors> survivors_in(read_side& views);

struct supervisor_state {
  supervisor_state() = default;
  std::unordered_set<std::string> awaited;
  static inline const char* name = "supervisor";
};

supervisor_actor::behavior_type supervisor(supervisor_actor::stateful_pointer<supervisor_state> self, environment* env,
                                           const survivors& known);

}  // namespace planexe::actors
