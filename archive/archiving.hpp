// How an execution that is over leaves the log. The steps, each of which can be done again: its file is written, synced
// and read back; then one append says so and takes its events out of the log; then their space is given back. Whatever
// ends the process in between, its events are in the log or in a file that was found right, as a rule for a moment in
// both.
//
// Threads: any one that may block; the append is the log's appending thread's.
#pragma once

#include "domain/system_events.hpp"

#include "archive/archive_folder.hpp"

namespace planexe::archive {

/// The last step, ready to be taken.
struct leave_taking {
  domain::execution_archived what;
  std::shared_ptr<const eventstore::retirement> retires;
};

/// Does everything but the last step. `errc::not_found` for no such execution, `errc::archived` for one that has left,
/// `errc::conflict` for one that is not over or goes on meanwhile, `errc::io` where the file cannot be written.
result<leave_taking> prepare(const eventstore::event_log& log, const eventstore::derived_store& derived,
                             const archive_folder& folder, const records::rendering& shown,
                             const domain::execution_id& id);

/// The append that takes it. `version`: of the archive's stream.
eventstore::append_request request_of(const leave_taking& ready, std::uint64_t version,
                                      const domain::event_metadata& metadata);

/// Archives an execution in a log that nobody else writes, and does not give its space back yet.
result<domain::execution_archived> archive_execution(eventstore::event_log& log,
                                                     const eventstore::derived_store& derived,
                                                     const archive_folder& folder, const records::rendering& shown,
                                                     const domain::execution_id& id,
                                                     const domain::event_metadata& metadata);

}  // namespace planexe::archive
