// The matcher: open leaves of all executions on one side, polling agents on the other. It decides nothing that lasts: a
// claim becomes an assignment only when its execution agrees and the log has it.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <unordered_map>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;

struct matcher_state {
  matcher_state() = default;
  domain::match_table table;
  std::unordered_map<domain::agent_id, profile_ptr> roster;  ///< active agents, within reach or not
  bool watching = false;                                     ///< a wake-up is asked for
  static inline const char* name = "matcher";
};

matcher_actor::behavior_type matcher(matcher_actor::stateful_pointer<matcher_state> self, environment* env);

}  // namespace planexe::actors
