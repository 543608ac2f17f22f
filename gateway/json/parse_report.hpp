// An agent's reports: the body of POST …/events as commands. The hot way in: one pass over the text, no tree.
// Pure, any thread. Unknown members are ignored here, and only here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/execution_commands.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

/// One request may carry this many reports; the contract's number.
inline constexpr std::size_t max_reports = 256;
inline constexpr std::size_t max_output_bytes = std::size_t{1} << 20;

struct report_request {
  /// Empty unless the reports were sent over several executions.
  domain::execution_id execution;
  /// A start_task, report_progress, heartbeat, complete_task, fail_task, block_task, unblock_task or
  /// propose_subtasks. A heartbeat may name no task: it renews the leases of its agent and nothing else.
  domain::execution_command command;
  std::optional<domain::timestamp> agent_timestamp;
  std::string event_id;  ///< the agent's own name for the report; may be empty

  /// Of `command`.
  const domain::report_header& header() const;
};

/// Where reports were sent.
struct report_origin {
  domain::agent_id agent;        ///< of the path; a report may then leave out `agent_id`, and may not name another
  bool over_executions = false;  ///< each report must name its `execution_id`
};

struct report_batch {
  bool is_array = false;  ///< answered by an array, wrong reports one by one
  std::vector<expected<report_request, problem>> reports;
};

/// Fails as a whole when the body is not JSON, neither object nor array, or too long an array. A body that is one
/// report fails with that report's problem.
expected<report_batch, problem> parse_reports(std::string_view body, const report_origin& origin);

}  // namespace planexe::gateway
