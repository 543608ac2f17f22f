// The messages of streams, each one JSON text. Pure, any thread; each function appends to `out`.
#pragma once

#include <string>
#include <string_view>

#include "gateway/json/render_task.hpp"

namespace planexe::gateway {

/// `{type: "snapshot", seq, execution, tasks}`, forecasts as of `now`; `state` must exist.
void render_snapshot_message(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                             domain::timestamp now, const lease_expiry& expiry);
/// `{type: "execution_update", …, tasks}`, what a batch has made of an execution; `state` must exist. Whoever holds the
/// tasks as they were before and takes each row in place of what it knew holds them as they are.
void render_update_message(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                           const projections::task_changes& changes, const lease_expiry& expiry);
void render_caught_up_message(std::string& out, std::uint64_t seq);
void render_resync_message(std::string& out, std::string_view reason);

}  // namespace planexe::gateway
