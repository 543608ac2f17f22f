// What a batch of append requests comes to, before anything is written: which requests stand, and the positions and
// hashes of their events. And the way back: a stored event checked and decoded. Shared by all stores, so that they
// cannot differ. Private to the room. Called by the appending thread (plan) and by readers (restore).
#pragma once

#include <unordered_map>

#include "eventstore/event_log.hpp"
#include "eventstore/vault.hpp"

namespace planexe::eventstore {

struct append_plan {
  std::vector<append_outcome> outcomes;      ///< one for each request
  std::vector<domain::event_record> events;  ///< in log order, positions and hashes set
  std::vector<std::string> bytes;            ///< the same events as stored
  std::vector<kept_answer> answers;
  std::unordered_map<domain::stream_id, stream_head> heads;  ///< afterwards, of every stream that got events
  log_head head;                                             ///< afterwards
  std::shared_ptr<const retirement> retired;                 ///< the stream that leaves; null as a rule
  domain::timestamp latest{};                                ///< when the newest of the events was recorded
};

using head_lookup = std::function<result<stream_head>(const domain::stream_id&)>;

/// Fails as the lookup fails, and with `errc::invalid` for a request whose events are not numbered on from its expected
/// version or do not come with their bytes. What persons wrote is sealed; the vault's changes belong to the plan.
result<append_plan> plan_append(std::vector<append_request> batch, const log_head& head, const head_lookup& head_of,
                                vault& keys);

/// Where an event stands and what its stored bytes, which are somebody else's, must fit to.
struct event_at_rest {
  const domain::stream_id& stream;
  std::uint64_t seq = 0;
  std::uint64_t position = 0;
  domain::sha256_digest hash{};
  std::string_view bytes;
};
/// Appends the event to `events`. `errc::corrupt`, naming stream and seq, when the bytes do not hash to the event's
/// link or do not decode; nothing is appended then.
result<void> restore(const event_at_rest& stored, const domain::sha256_digest& previous, const vault& keys,
                     std::vector<domain::event_record>& events);

/// `execution abc`, for messages.
std::string display_name(const domain::stream_id& stream);

}  // namespace planexe::eventstore
