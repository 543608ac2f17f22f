// Recorded events as clients see them, and the messages of an execution's stream. Pure, any thread; each function
// appends one JSON value to `out`. Lease tokens and whole plans never appear.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "domain/event_record.hpp"
#include "domain/execution_state.hpp"

namespace planexe::gateway {

/// The contract's name of an event's type: `task_assigned`. Stored names belong to the log's codec and may differ once.
std::string_view event_type_name(const domain::event& event);

void render_event(std::string& out, const domain::event_record& record);
void render_events(std::string& out, std::span<const domain::event_record> records);

/// `{type: "event", …event}`
void render_event_message(std::string& out, const domain::event_record& record);
/// `{type: "snapshot", seq, execution, tasks}`, forecasts as of `now`; `state` must exist.
void render_snapshot_message(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                             domain::timestamp now);
/// `{type: "execution_update", …}`; `state` must exist.
void render_update_message(std::string& out, const domain::execution_id& id, const domain::execution_state& state);
void render_caught_up_message(std::string& out, std::uint64_t seq);
void render_resync_message(std::string& out, std::string_view reason);

}  // namespace planexe::gateway
