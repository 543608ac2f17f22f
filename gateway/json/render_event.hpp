// Recorded events as clients see them. Pure, any thread; each function appends one JSON value to `out`. Lease tokens
// and whole plans never appear.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "domain/event_record.hpp"

namespace planexe::gateway {

/// The contract's name of an event's type: `task_assigned`. Stored names belong to the log's codec and may differ once.
std::string_view event_type_name(const domain::event& event);

/// Of `render_event`. Exports say it, so it is raised whenever an event comes out otherwise than in an earlier release.
inline constexpr std::uint32_t event_rendering_version = 1;

void render_event(std::string& out, const domain::event_record& record);
void render_events(std::string& out, std::span<const domain::event_record> records);

/// `{type: "event", …event}`
void render_event_message(std::string& out, const domain::event_record& record);

}  // namespace planexe::gateway
