// The matcher: open leaves of all executions on one side, polling agents on the other. It decides nothing that lasts: a
// claim becomes an assignment only when its execution agrees and the log has it.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <optional>
#include <set>
#include <unordered_map>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;

struct matcher_state {
  matcher_state() = default;
  domain::match_table table;
  struct known_agent {
    profile_ptr profile;
    std::optional<domain::timestamp> look_at;  ///< its place in `looks`
  };
  std::unordered_map<domain::agent_id, known_agent> roster;        ///< active agents, within reach or not
  std::set<std::pair<domain::timestamp, domain::agent_id>> looks;  ///< when to see whether each is still there
  std::optional<domain::timestamp> armed;                          ///< the wake-up that is asked for
  static inline const char* name = "matcher";
};

matcher_actor::behavior_type matcher(matcher_actor::stateful_pointer<matcher_state> self, environment* env);

}  // namespace planexe::actors
