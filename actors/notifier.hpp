// The notifier: tells people, by webhooks from a durable outbox. What they are to be told comes from the projector,
// after it was durable; what becomes of telling them is in the log as well, and sending itself is somebody else's work.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <memory>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;
struct read_side;
class notifier_process;

struct notifier_state {
  notifier_state();
  ~notifier_state();
  std::unique_ptr<notifier_process> process;
  static inline const char* name = "notifier";
};

notifier_actor::behavior_type notifier(notifier_actor::stateful_pointer<notifier_state> self, environment* env,
                                       const read_side* views);

}  // namespace planexe::actors
