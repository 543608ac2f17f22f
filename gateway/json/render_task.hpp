// Tasks of an execution as clients see them. Pure, any thread; each function appends one JSON value to `out`.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "domain/execution_state.hpp"

namespace planexe::gateway {

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

}  // namespace planexe::gateway
