// An event together with where it stands and who caused it: what the log gives back, what projections and streams see.
#pragma once

#include <array>

#include "domain/agent_events.hpp"
#include "domain/execution_events.hpp"
#include "domain/plan_events.hpp"
#include "domain/system_events.hpp"

namespace planexe::domain {

enum class stream_kind : std::uint8_t { execution = 1, agent = 2, plan = 3, system = 4 };

/// One sequence of events with one writer.
struct stream_id {
  stream_kind kind = stream_kind::execution;
  std::string id;
  friend auto operator<=>(const stream_id&, const stream_id&) = default;
};

using event = std::variant<execution_event, agent_event, plan_event, system_event>;

/// Decided by the writer, stored with the event.
struct event_metadata {
  timestamp recorded_at{};
  std::string actor;                         ///< `agent:ID`, a key's name, `person` without keys, or `system`
  std::string causation_id;                  ///< what asked for it (a request, another event); may be empty
  std::optional<timestamp> agent_timestamp;  ///< the reporting agent's own clock
  bool inherited = false;                    ///< taken over by a fork: it happened to another execution
  friend bool operator==(const event_metadata&, const event_metadata&) = default;
};

using sha256_digest = std::array<std::uint8_t, 32>;

struct event_record {
  stream_id stream;
  std::uint64_t seq = 0;       ///< 1, 2, 3, … in its stream
  std::uint64_t position = 0;  ///< 1, 2, 3, … in the log
  event_metadata metadata;
  domain::event payload;
  sha256_digest hash{};  ///< over the previous event's hash in the stream and this event's stored bytes
};

}  // namespace planexe::domain

template <>
struct std::hash<planexe::domain::stream_id> {
  std::size_t operator()(const planexe::domain::stream_id& id) const noexcept {
    return std::hash<std::string_view>{}(id.id) * 31 + static_cast<std::size_t>(id.kind);
  }
};
