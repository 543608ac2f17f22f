// One stream checked from its first event to its last: every link, every event's form, its head, and, of an execution,
// its snapshot against replay. Works on any log, also one that is being written. Any thread but the appending one.
#pragma once

#include <optional>
#include <string>

#include "eventstore/event_log.hpp"

namespace planexe::audit {

struct stream_audit {
  std::uint64_t events = 0;                    ///< that the stream's head speaks of
  domain::sha256_digest head_hash{};           ///< as stored
  std::uint64_t stands_to = 0;                 ///< its events 1 to this one are as they were written
  std::string problem;                         ///< what is wrong first; empty: nothing
  std::optional<std::uint64_t> first_bad_seq;  ///< where; nothing when no event is, but what was made of them
  std::uint64_t snapshot_seq = 0;              ///< of the snapshot that was compared with replay; 0: none

  bool verified() const { return problem.empty(); }
};

/// `errc::not_found` for a stream without events.
result<stream_audit> audit_stream(const eventstore::event_log& log, const eventstore::derived_store& derived,
                                  const domain::stream_id& stream);

/// As `GET /api/executions/{id}/audit` answers it.
std::string to_json(const stream_audit& found, const std::string& execution_id);

}  // namespace planexe::audit
