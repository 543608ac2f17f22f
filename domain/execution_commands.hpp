// What can be asked of an execution, and the decision that answers it.
#pragma once

#include "domain/execution_state.hpp"
#include "domain/rejection.hpp"

namespace planexe::domain {

struct create_execution {
  std::shared_ptr<const plan> source;
  std::string title;  ///< empty: the plan's
  agent_id agent;
  std::int32_t priority = 0;
  execution_options options;
  bool start = false;
  bool confirm_warnings = false;
};
/// Starts a CREATED execution, or retries a FAILED one.
struct queue_execution {
  bool confirm_warnings = false;
};
struct pause_execution {
  std::string reason;
  bool by_switch = false;  ///< only what would hand out work is paused, and remembered as such
};
struct resume_execution {
  bool by_switch = false;  ///< only what the switch has paused
};
struct cancel_execution {
  std::string reason;
};
/// A change of state, of priority, or of both: all of it or nothing.
struct steer_execution {
  std::optional<std::variant<queue_execution, pause_execution, resume_execution, cancel_execution>> change;
  std::optional<std::int32_t> priority;
};
/// The execution's own deadline has come.
struct time_out_execution {};

/// Hands a ready leaf to an agent. `lease_token` was drawn by the caller.
struct assign_task {
  task_index task = no_task;
  agent_id agent;
  std::string lease_token;
  std::string reason;
};

/// Who reports about which leaf. The holder is known by its token or, without one, by its id.
struct report_header {
  agent_id agent;
  task_id task;
  std::string lease_token;
};
struct start_task {
  report_header report;
  std::string message;
};
struct report_progress {
  report_header report;
  double percent = 0;
  std::string message;
};
/// Renews leases only; records progress when it changed.
struct heartbeat {
  report_header report;
  std::optional<double> percent;
  std::string message;
};
struct complete_task {
  report_header report;
  std::string output_json;
  std::string message;
};
struct fail_task {
  report_header report;
  std::string error_type;
  std::string error_message;
  bool retryable = true;
  bool review_required = false;
  double jitter = 0;  ///< 0 to 1, drawn by the caller: spreads attempts that failed together
};
struct block_task {
  report_header report;
  std::string reason;
  std::optional<milliseconds> max_wait;  ///< nothing: the execution's `external_wait`
  bool blocking = false;
};
struct unblock_task {
  report_header report;
  std::string reason;
};

/// The holder takes its task apart instead of doing it.
struct propose_subtasks {
  report_header report;
  std::shared_ptr<const decomposition> parts;
};

/// Whether any agent within reach can take any of the ready leaves; of the matcher, which knows both.
struct note_staffing {
  bool staffed = true;
  std::string reason;  ///< what is lacking, where it is not
};

/// The agent has gone silent, retired, or gives the task back. Names the lease, so that a later one is not hit.
struct release_task {
  task_index task = no_task;
  std::string lease_token;
  std::string reason;
};

/// Timers. Each names what it was set for; when that has passed the command does nothing.
struct wake_retry {
  task_index task = no_task;
};
struct time_out_attempt {
  task_index task = no_task;
  std::string lease_token;
  double jitter = 0;  ///< as of `fail_task`
};
struct escalate_wait {
  task_index task = no_task;
};
/// Whatever waits for a person or for an agent has perhaps waited too long.
struct escalate_overdue {};

/// A person decides. On a task with children it applies to every leaf below that waits for a person.
struct resolve_review {
  task_id task;
  review_action action = review_action::approve;
  std::string note;
  std::string output_json;                     ///< of `complete`
  std::string option;                          ///< of `choose`
  agent_id agent;                              ///< of `reassign`
  std::string role;                            ///< of `reassign`
  std::shared_ptr<const decomposition> parts;  ///< of `decompose`
};

using execution_command =
    std::variant<create_execution, queue_execution, pause_execution, resume_execution, cancel_execution,
                 steer_execution, time_out_execution, assign_task, start_task, report_progress, heartbeat,
                 complete_task, fail_task, block_task, unblock_task, propose_subtasks, note_staffing, release_task,
                 wake_retry, time_out_attempt, escalate_wait, escalate_overdue, resolve_review>;

/// What a command comes to. Both may be there: a stale report is refused, and the refusal is on the record.
struct decision {
  std::vector<execution_event> events;
  std::optional<domain::rejection> rejection;
  std::optional<std::uint64_t> duplicate_of;  ///< seq of the event that the same report caused the first time
};

/// What is wrong with options, by the API's names; empty: nothing.
std::vector<field_error> problems_of(const execution_options& options);

/// Pure: neither the clock nor chance enters but by `now` and the command's own fields.
decision decide(const execution_state& state, const execution_command& command, timestamp now);

/// The change of the execution's own state that follows from where its leaves stand, if any. To be asked and applied
/// after the events of a command, until there is none; the table of transitions allows each of its answers.
std::optional<execution_event> settle(const execution_state& state);

}  // namespace planexe::domain
