// The archivist: takes executions that are over out of the log, one after the other: those that a person names, and
// those that have been over for longer than the log keeps them. The only writer of the archive's stream. Detached: it
// blocks while it writes files and while tables are written anew.
//
// What was cut off by the end of a process is begun again: an execution is archived with the append that says so, and
// before that nothing but a file of its own has changed.
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <deque>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;
struct read_side;

struct archivist_state {
  archivist_state() = default;
  std::deque<archive_request_ptr> waiting;
  bool busy = false;         ///< an append is under way
  bool left_space = false;   ///< which has not been given back
  bool space_waits = false;  ///< for room on the disk, and the server's log says so
  bool lacks_room = false;   ///< for files, and the server's log says so
  static inline const char* name = "archivist";
};

/// How often it is looked for what has been over for long enough.
domain::milliseconds look_interval(domain::milliseconds keep_for);

/// `views` are looked at in the projector's thread alone.
archivist_actor::behavior_type archivist(archivist_actor::stateful_pointer<archivist_state> self, environment* env,
                                         const read_side* views);

}  // namespace planexe::actors
