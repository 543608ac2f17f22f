// Finds in the log what people are to be told, and whom. Reads the views: in the projector's thread, or before anybody
// was let in.
#pragma once

#include <span>
#include <string>

#include "actors/requests.hpp"
#include "domain/result.hpp"

namespace planexe::actors {

struct environment;
struct read_side;

/// What `records`, which the views have applied, give. Without `notifies_server` only what goes to an agent's own
/// address: nobody else could be told.
result<notices> notices_in(std::span<const domain::event_record> records, read_side& views, bool notifies_server);

/// Where an agent wants to be told; empty where it has no address, is retired or does not exist.
std::string address_of(const read_side& views, const domain::agent_id& agent);

/// The outbox as the restored views have it, and what the log has beyond what was looked at. A log that nobody has
/// looked at yet begins at its end: nobody wants to hear of the past. Without a sender nobody looks.
result<notifier_start> notifier_start_of(environment& env, read_side& views);

/// Notes that everything up to `position` has been looked at; to be called when what was queued of it is durable.
result<void> keep_looked_position(eventstore::derived_store& derived, std::uint64_t position);

}  // namespace planexe::actors
