// The timers: one index of deadlines and one short tick. A due owner is woken; what that means is its own affair. The
// index holds an owner's earliest deadline alone and is made anew from the owners' states after a start.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <set>
#include <unordered_map>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;

struct timers_state {
  timers_state() = default;
  std::set<std::pair<std::int64_t, owner_key>> due;
  std::unordered_map<owner_key, std::int64_t> armed;
  static inline const char* name = "timers";
};

timers_actor::behavior_type timers(timers_actor::stateful_pointer<timers_state> self, environment* env);

owner_key owner_of(const domain::execution_id& id);
owner_key owner_of(const domain::agent_id& id);
inline const owner_key the_matcher = "m";
inline const owner_key the_notifier = "n";
inline const owner_key the_archivist = "r";

}  // namespace planexe::actors
