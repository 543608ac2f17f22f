// The switch that pauses everything. It is on for everybody at once (stop_board); the log has it before anybody is told
// so, and every live execution records its own pause. One that sleeps heeds the switch when it wakes, so a crash
// between the switch's event and the executions' loses nothing.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;

struct safety_switch_state {
  safety_switch_state() = default;
  domain::switch_state now;
  static inline const char* name = "safety_switch";
};

safety_switch_actor::behavior_type safety_switch(safety_switch_actor::stateful_pointer<safety_switch_state> self,
                                                 environment* env, const domain::switch_state& before);

}  // namespace planexe::actors
