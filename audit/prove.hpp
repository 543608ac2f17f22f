// Making a proof of one event from the log that has it. Reads the folder beside its server, changes nothing; blocks for
// as long as it takes to read every event's hash.
#pragma once

#include <variant>

#include "eventstore/archive_reader.hpp"

#include "audit/anchor.hpp"

namespace planexe::audit {

/// Sign a new anchor of the log as it is, or lead to one that was taken before.
using proven_by = std::variant<signing_key, anchor>;

/// `event` stays empty. `errc::not_found` for an event that is not there, `errc::corrupt` where the log is damaged,
/// `errc::conflict` where the anchor is not of this log or was taken before the event.
result<proof> prove(const std::string& folder, std::shared_ptr<const eventstore::archive_reader> archive,
                    const domain::stream_id& stream, std::uint64_t seq, const proven_by& by, domain::timestamp now);

}  // namespace planexe::audit
