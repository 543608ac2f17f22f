#include "eventstore/remains.hpp"

#include "eventstore/codec.hpp"
#include "eventstore/each_stream.hpp"
#include "eventstore/sealing.hpp"

namespace planexe::eventstore {
namespace {

constexpr std::size_t chunk = 1'000;  // events read at a time

/// Its own profile is an agent's, and its own key a person's, whoever made them.
bool is_about(const domain::stream_id& stream, const domain::event& event, const std::string& subject) {
  if (stream.kind == domain::stream_kind::agent) return subject == "agent:" + stream.id;
  const auto* of_system = std::get_if<domain::system_event>(&event);
  const auto* created = of_system == nullptr ? nullptr : std::get_if<domain::key_created>(of_system);
  if (created == nullptr) return false;
  const bool of_agent = created->role == domain::key_role::agent && subject == "agent:" + created->agent.value;
  return created->name == subject || of_agent;
}

result<void> look_into(const event_log& log, const listed_stream& listed, const std::string& subject,
                       const std::stop_token& stop, std::vector<unsealed_event>& found) {
  for (std::uint64_t seq = 0; seq < listed.head.version;) {
    if (stop.stop_requested()) return unexpected{error{errc::io, "the search was stopped"}};
    const auto events = log.read_stored(listed.stream, seq, chunk);
    if (!events) return unexpected{events.error()};
    if (events->empty()) return {};
    for (const auto& event : *events) {
      seq = event.seq;
      const auto decoded = decode(event.bytes);  // without keys: what is sealed stays so
      if (!decoded) return unexpected{decoded.error()};
      const bool did_it = decoded->metadata.actor == subject;
      const bool is_plain =
          (did_it && is_named_person(subject)) ||
          ((did_it || is_about(event.stream, decoded->payload, subject)) && has_words(decoded->payload));
      if (is_plain) found.push_back({event.stream, event.seq, type_name(decoded->payload)});
    }
  }
  return {};
}

}  // namespace

result<std::vector<unsealed_event>> find_unsealed(const event_log& log, const std::string& subject,
                                                  const std::stop_token& stop) {
  std::vector<unsealed_event> found;
  const auto looked =
      each_stream(log, [&](const listed_stream& each) { return look_into(log, each, subject, stop, found); });
  if (!looked) return unexpected{looked.error()};
  return found;
}

}  // namespace planexe::eventstore
