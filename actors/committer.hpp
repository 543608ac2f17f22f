// The committer: one thread through which everything reaches the disk. It gathers what is queued into one durable write
// without lingering: while one write syncs, the next one gathers. (The shape of LevelDB's write queue.)
//
// After a failed write nothing is acknowledged any more: what waits is dropped, and so is all that comes.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <functional>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;

struct committer_state {
  committer_state() = default;
  std::vector<commit_item_ptr> gathered;
  std::size_t bytes = 0;
  bool commit_sent = false;
  bool failed = false;
  static inline const char* name = "committer";
};

committer_actor::behavior_type committer(committer_actor::stateful_pointer<committer_state> self, environment* env);

}  // namespace planexe::actors
