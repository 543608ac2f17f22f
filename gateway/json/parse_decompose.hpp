// The body of POST /api/agents/{agent_id}/decompose. Pure, any thread. Fails with 400 for what is not JSON and with a
// 422 that names every wrong member.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/plan.hpp"
#include "domain/result.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

struct decompose_request {
  /// Not empty: where the task is one of that execution, what the execution knows of it counts. A task without a title
  /// must be.
  domain::execution_id execution;
  domain::task_definition task;
  /// What the task is part of; from `plan_context`, or from the `context` that a work answer gave with the task.
  std::string plan_goal;
  std::string phase;
  std::vector<std::string> siblings;
  std::vector<std::string> agent_capabilities;  ///< actions
};

/// `task` is a task as the work answer gives it: members that say nothing here (attempt, lease_token, …) are ignored.
expected<decompose_request, problem> parse_decompose(std::string_view body);

}  // namespace planexe::gateway
