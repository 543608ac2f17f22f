// A mark beside the database: where the log's head once was, durably. The log only grows, so a head behind the mark
// means that its end was cut off, which the database alone cannot tell from a write that was never finished.
// The mark is set when a folder is opened and when it is closed in good order. Private to the room.
#pragma once

#include "eventstore/event_log.hpp"

namespace rocksdb {
class Env;
}

namespace planexe::eventstore {

/// Nothing where there is no mark.
result<std::optional<log_head>> read_head_mark(rocksdb::Env& environment, const std::string& folder);
/// Replaces the mark as a whole, and syncs it. `head` must be durable already.
result<void> write_head_mark(rocksdb::Env& environment, const std::string& folder, const log_head& head);

}  // namespace planexe::eventstore
