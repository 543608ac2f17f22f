// The projector: applies committed batches to the views in the log's order, tells the followers and the notifier, and
// stores the views now and then. Whoever was answered 201 and asks afterwards finds it, because the batch was sent here
// before the answer.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>

#include "actors/interfaces.hpp"
#include "actors/read_side.hpp"

namespace planexe::actors {

struct environment;

struct projector_state {
  projector_state() = default;
  domain::timestamp stored_at{};
  bool failed = false;
  static inline const char* name = "projector";
};

/// Lets the other actors ask for what only the views know.
void open_views(environment& env, read_side& views);

projector_actor::behavior_type projector(projector_actor::stateful_pointer<projector_state> self, environment* env,
                                         read_side* views);

}  // namespace planexe::actors
