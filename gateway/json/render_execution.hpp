// Executions as clients see them. Pure, any thread; each function appends one JSON value to `out`.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "domain/execution_state.hpp"
#include "projections/rows.hpp"

namespace planexe::gateway {

class json_writer;

/// The whole execution, with blockers, and with a forecast made at `now` where it is not final. `state` must exist.
void render_execution(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                      domain::timestamp now, bool archived = false);
/// One line of a list.
void render_execution_row(std::string& out, const projections::execution_row& row);
void render_execution_rows(std::string& out, std::span<const projections::execution_row> rows);
/// What an agent checks before each task.
void render_status(std::string& out, const domain::execution_state& state);
/// Leaves that wait for a person or for something outside, or that have failed for good, with the risks and assumptions
/// that concern them.
void render_blockers(std::string& out, const domain::execution_state& state);

/// What one execution adds to a list of blockers over several.
struct blocker_page {
  std::uint32_t written = 0;
  domain::task_id last;  ///< of the last one written
  bool more = false;     ///< there was no room for all of them
};
/// Those after the task `after` (empty: from the first one) that are `wanted`, at most `room`, each with its execution.
blocker_page append_blockers(json_writer& writer, const domain::execution_id& id, const domain::execution_state& state,
                             const domain::task_id& after, std::uint32_t room,
                             const std::function<bool(domain::task_index)>& wanted);

/// The ids of the agents that hold some of it.
std::vector<domain::agent_id> holders_of(const domain::execution_state& state);
/// The object `progress`, also part of stream messages.
void append_progress(json_writer& writer, const domain::execution_state& state);
void append_progress(json_writer& writer, const projections::execution_row& row);
/// The object `options`.
void append_options(json_writer& writer, const domain::execution_options& options);
/// The member `forked_from`, of a fork alone.
void append_origin(json_writer& writer, const domain::execution_state& state);
/// The array `warnings`: the plan's own, then orders that were left out.
void append_warnings(json_writer& writer, std::span<const domain::plan_warning> warnings,
                     std::span<const domain::plan_warning> dropped);
void append_retry_policy(json_writer& writer, const domain::retry_policy& policy);
/// Whether holders are told to pause, or to stop for good.
bool forces_pause(domain::execution_status status);
bool forces_cancel(domain::execution_status status);

}  // namespace planexe::gateway
