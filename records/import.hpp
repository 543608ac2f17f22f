// Moves a record file into a log. The whole file is checked, in itself and against the log, before the first event is
// appended; then it is read once more. What is there already is left alone, so an import that was cut off can be done
// again. Memory in proportion to the number of streams, not of events. One thread, the log's appending one.
#pragma once

#include "records/reader.hpp"

namespace planexe::records {

/// What a file would bring to a log, or has brought.
struct import_sum {
  std::uint64_t lines = 0;
  std::uint64_t streams = 0;
  std::uint64_t new_events = 0;
  std::uint64_t new_streams = 0;
  friend bool operator==(const import_sum&, const import_sum&) = default;
};

/// Changes nothing. `into` null: a log that is still empty. Errors as of `record_reader`, and `errc::conflict`, with
/// the line, where a stream of the log has another event.
result<import_sum> check_import(const std::string& path, const rendering& shown, const eventstore::event_log* into);

/// Checks, then appends what the log does not have, in the file's order.
result<import_sum> import_file(const std::string& path, const rendering& shown, eventstore::event_log& into);

}  // namespace planexe::records
