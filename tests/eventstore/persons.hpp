// Persons and what they write, for the tests of sealing and erasing.
#pragma once

#include "tests/eventstore/lab.hpp"

namespace planexe::eventstore::testing {

inline domain::stream_id agent(std::string id) {
  return {domain::stream_kind::agent, std::move(id)};
}
inline domain::stream_id key_stream() {
  return {domain::stream_kind::system, "keys"};
}
inline domain::stream_id erasure_stream() {
  return {domain::stream_kind::system, "erasures"};
}

inline domain::event as_event(domain::execution_event event) {
  return event;
}
inline domain::event as_event(domain::agent_event event) {
  return event;
}
inline domain::event as_event(domain::system_event event) {
  return event;
}

/// The event that follows version `expected` of the stream.
template <class Payload>
append_request event_of(const domain::stream_id& stream, std::uint64_t expected, const std::string& actor,
                        Payload payload) {
  append_request request;
  request.stream = stream;
  request.expected_version = expected;
  const domain::event_metadata metadata{.recorded_at = at_second(0), .actor = actor};
  request.events.push_back({stream, expected + 1, 0, metadata, as_event(std::move(payload)), {}});
  request.bytes.push_back(encode(request.events.back().payload, metadata));
  return request;
}

template <class Payload>
void say(event_log& log, const domain::stream_id& stream, const std::string& actor, Payload payload) {
  const auto done = append(log, {event_of(stream, log.head_of(stream)->version, actor, std::move(payload))});
  REQUIRE(done);
  REQUIRE(done->front().committed);
}

inline void register_agent(event_log& log, const std::string& id, domain::agent_kind kind) {
  domain::agent_profile profile{.name = "Ann Baker", .kind = kind, .webhook_url = "https://ann.example/hook"};
  say(log, agent(id), "system", domain::agent_registered{profile});
}

inline void create_key(event_log& log, const std::string& name, const std::string& by) {
  say(log, key_stream(), by,
      domain::key_created{"key_1", name, domain::key_role::operator_, {}, std::string(32, 'd'), {}});
}

inline domain::task_blocked blocked(std::string reason) {
  return {{"1"}, {"ann"}, std::move(reason), at_second(60), false};
}

/// How the store calls the subject afterwards.
template <class Keys>
std::string name_afterwards(const Keys& keys, const std::string& subject) {
  for (const auto& known : keys.subjects())
    if (known.name == subject) return known.erased;
  FAIL("no subject " << subject);
  return {};
}

inline std::string reason_of(const event_log& log, const domain::stream_id& stream, std::uint64_t seq) {
  const auto events = log.read_stream(stream, seq - 1, 1);
  if (!events) FAIL(events.error().detail);
  return std::get<domain::task_blocked>(std::get<domain::execution_event>(events->front().payload)).reason;
}
inline std::string actor_of(const event_log& log, const domain::stream_id& stream, std::uint64_t seq) {
  const auto events = log.read_stream(stream, seq - 1, 1);
  if (!events) FAIL(events.error().detail);
  return events->front().metadata.actor;
}
inline domain::agent_profile profile_of(const event_log& log, const std::string& id) {
  const auto events = log.read_stream(agent(id), 0, 1);
  if (!events) FAIL(events.error().detail);
  return std::get<domain::agent_registered>(std::get<domain::agent_event>(events->front().payload)).profile;
}

/// Gives how the subject is called from then on.
inline std::string erase_subject(event_log& log, const std::string& subject) {
  const auto afterwards = name_afterwards(log.sealing_keys(), subject);
  say(log, erasure_stream(), "system", domain::subject_erased{afterwards, "asked for"});
  return afterwards;
}

}  // namespace planexe::eventstore::testing
