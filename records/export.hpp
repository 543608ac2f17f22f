// Reads events as they are stored, in the order in which a record file has them: one stream, or a whole log in its own
// order, so that the copy's head is the log's. Bounded memory, however long the log. One thread.
#pragma once

#include <functional>

#include "eventstore/event_log.hpp"

namespace planexe::records {

/// Stops the export where it fails.
using event_taker = std::function<result<void>(const eventstore::stored_event&)>;

/// Events after `after_seq` up to `last_seq`, or to the last one there is. Returns how many there were.
result<std::uint64_t> each_of_stream(const eventstore::event_log& log, const domain::stream_id& stream,
                                     std::uint64_t after_seq, std::uint64_t last_seq, const event_taker& take);

/// Every event up to the head that the log has now, archived ones too; `errc::archived` where their archive is not
/// known.
result<std::uint64_t> each_of_log(const eventstore::event_log& log, const event_taker& take);

}  // namespace planexe::records
