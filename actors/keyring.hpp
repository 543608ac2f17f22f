// The keyring: makes and revokes keys, the only writer of their stream. Whoever checks keys is told of a change before
// its asker is, so that a key works, or works no more, from the answer on.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;

struct keyring_state {
  keyring_state() = default;
  domain::key_ring now;
  static inline const char* name = "keyring";
};

keyring_actor::behavior_type keyring(keyring_actor::stateful_pointer<keyring_state> self, environment* env,
                                     const domain::key_ring& before);

}  // namespace planexe::actors
