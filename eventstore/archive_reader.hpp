// The archive as the log sees it: where the events of a stream are once they have left the log. What it gives is
// checked by the log, which has kept the hash of the stream's last event.
#pragma once

#include "eventstore/event_log.hpp"

namespace planexe::eventstore {

/// A stream that has left the log, and what the log has kept of it.
struct archived_stream {
  domain::stream_id stream;
  stream_head head;
  archive_entry entry;
};

/// Any thread.
class archive_reader {
 public:
  archive_reader() = default;
  archive_reader(const archive_reader&) = delete;
  archive_reader& operator=(const archive_reader&) = delete;
  virtual ~archive_reader() = default;

  /// The events of the stream after `after_seq`, in order, as many as the limit lets through. `errc::not_found` where
  /// its file is missing, `errc::corrupt` where that is not the file that was written; both name it.
  virtual result<std::vector<stored_event>> read(const archived_stream& wanted, std::uint64_t after_seq,
                                                 read_limit limit) const = 0;
};

}  // namespace planexe::eventstore
