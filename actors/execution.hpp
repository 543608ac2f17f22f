// One execution: the only writer of its stream. It decides, applies and goes on with the next command without waiting
// for the disk; what leaves the process waits for the commit. Its state is rebuilt from snapshot and events when the
// first message comes, and it goes when nothing has come for a while.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;
class execution_process;

struct execution_actor_state {
  execution_actor_state();
  ~execution_actor_state();
  std::unique_ptr<execution_process> process;
  bool leaving = false;  ///< has left the directory; another one may be at work already
  static inline const char* name = "execution";
};

execution_actor::behavior_type execution(execution_actor::stateful_pointer<execution_actor_state> self,
                                         environment* env, const domain::execution_id& id);

}  // namespace planexe::actors
