// Tasks of an execution as clients see them. Pure, any thread; each function appends one JSON value to `out`.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "domain/execution_state.hpp"
#include "projections/task_changes.hpp"

namespace planexe::gateway {

class json_writer;

/// When the leases of an agent end, where it is known; may be empty.
using lease_expiry = std::function<std::optional<domain::timestamp>(const domain::agent_id&)>;

/// How much time tasks have is as it is at `now`.
void render_task(std::string& out, const domain::execution_state& state, domain::timestamp now, domain::task_index task,
                 const lease_expiry& expiry);
/// All tasks, those below a task as its `children`.
void render_task_tree(std::string& out, const domain::execution_state& state, domain::timestamp now,
                      const lease_expiry& expiry);
/// A page of the tasks in document order: `count` of them from `first` on; past the end there are none.
void render_task_list(std::string& out, const domain::execution_state& state, domain::timestamp now,
                      domain::task_index first, domain::task_index count, const lease_expiry& expiry);

/// The array of rows that tells what tasks have become: of each every member that moves, an absent one being cleared,
/// and of a whole one also those that its plan fixes. In place of `result`, which may be long, stands `has_result`;
/// slack, which moves with the clock, is not there.
void append_task_rows(json_writer& writer, const domain::execution_state& state,
                      const projections::task_changes& changes, const lease_expiry& expiry);

}  // namespace planexe::gateway
