// What can have happened to an execution. Names are past facts; the stored names and versions belong to the codec in
// eventstore/. Every event is applied by `evolve`, which never refuses one.
#pragma once

#include <variant>

#include "domain/decomposition.hpp"
#include "domain/plan_graph.hpp"

namespace planexe::domain {

/// The order fixes the bit in the transition table (execution_status.cpp), not anything stored.
enum class execution_status : std::uint8_t { created, queued, running, blocked, paused, completed, failed, cancelled };
enum class task_status : std::uint8_t { queued, running, blocked, complete, error, skipped, cancelled };

/// Why a person is asked about a task.
enum class review_kind : std::uint8_t {
  approval,   ///< before it is handed out: confidence under the threshold
  failure,    ///< the last attempt failed, or the error cannot be retried
  requested,  ///< the agent asked for a person
  escalated,  ///< something waited too long
};

/// What a person decided; the actions of the contract's resolution.
enum class review_action : std::uint8_t {
  approve,
  reject,
  retry,
  skip,
  complete,
  unblock,
  choose,
  reassign,
  decompose
};

/// One rung of an escalation ladder: who is told when something has waited for `after` since the rung before it.
struct escalation_rung {
  milliseconds after = hours(24);
  std::string to;  ///< an agent's id, a role, a name; empty: whoever owns the execution
  friend bool operator==(const escalation_rung&, const escalation_rung&) = default;
};

/// Fixed when the execution is created, so that a later change of the server's settings changes no history.
struct execution_options {
  domain::sequencing sequencing = domain::sequencing::phased;
  double review_threshold = 0.7;
  std::uint32_t max_parallel = 0;  ///< leaves held at the same time; 0: no limit
  milliseconds timeout = hours(168);
  milliseconds task_timeout = hours(24);
  milliseconds external_wait = hours(48);
  retry_policy retry;
  milliseconds escalation = hours(24);  ///< the only rung's wait where there is no ladder
  std::vector<escalation_rung> ladder;
  std::uint32_t review_from_tier = 0;  ///< leaves of this tier and above wait for approval; 0: tiers ask nobody
  std::uint32_t human_from_tier = 0;   ///< leaves of this tier and above are for people alone; 0: for anybody
  std::string refusal_override;        ///< why an admin lets a plan be started that PlanExe's redline gate refused
  friend bool operator==(const execution_options&, const execution_options&) = default;
};

struct execution_created {
  std::shared_ptr<const plan> source;  ///< whole, so that an execution's own events are enough to replay it
  std::string title;
  agent_id agent;  ///< empty: any agent may work on it
  std::int32_t priority = 0;
  execution_options options;
};
struct execution_queued {
  std::string reason;
  timestamp deadline;
};
struct execution_started {};
struct execution_paused {
  std::string reason;
  bool by_switch = false;  ///< with everything else
};
struct execution_resumed {
  execution_status to = execution_status::running;
};
/// Nothing can be handed out until something from outside happens, or an agent said so (`blocking: true`).
struct execution_blocked {
  std::string reason;
};
struct execution_unblocked {
  execution_status to = execution_status::running;
};
/// Of the agents within reach none can take any of the leaves that are ready.
struct execution_unstaffed {
  std::string reason;
  timestamp escalate_at;
};
/// One can.
struct execution_staffed {};
struct execution_completed {};
struct execution_failed {
  std::string reason;
};
struct execution_cancelled {
  std::string reason;
};
/// The events before this one were taken over from another execution as it was then; from here on it goes its own way.
/// Nobody holds here what was held there, and nothing is handed out until a person lets it go on.
struct execution_forked {
  execution_id origin;
  std::uint64_t origin_seq = 0;  ///< of the last event that was taken over
  std::string origin_hash;       ///< of that event, 32 bytes
  std::string title;             ///< this and the next as in `execution_created`, from here on
  agent_id agent;
  std::optional<execution_options> options;  ///< from here on; nothing: as before. The sequencing stays
  std::optional<timestamp> deadline;
  std::string reason;
};
struct execution_reprioritized {
  std::int32_t priority = 0;
};

struct task_assigned {
  task_id task;
  agent_id agent;
  std::uint32_t attempt = 0;  ///< counts from 1
  std::string lease_token;
  timestamp timeout_at;  ///< when this attempt counts as failed
  std::string reason;    ///< why this agent
};
struct task_started {
  task_id task;
  agent_id agent;
  std::string message;
};
struct task_progress {
  task_id task;
  agent_id agent;
  double percent = 0;
  std::string message;
};
/// `agent` is empty when a person completed it.
struct task_complete {
  task_id task;
  agent_id agent;
  std::string output_json;
  std::string message;
};
struct task_error {
  task_id task;
  agent_id agent;
  std::uint32_t attempt = 0;
  std::string error_type;
  std::string error_message;
  bool charged = true;  ///< whether the attempt counts against the policy
  bool final = false;   ///< nobody is asked any more: the task has failed for good
};
struct task_retry_scheduled {
  task_id task;
  timestamp retry_at;
};
struct task_retry_due {
  task_id task;
};
struct task_blocked {
  task_id task;
  agent_id agent;
  std::string reason;
  timestamp until;        ///< then it is escalated
  bool blocking = false;  ///< the whole execution waits for it
};
struct task_unblocked {
  task_id task;
  std::string reason;
};
struct task_skipped {
  task_id task;
  std::string note;
};
struct task_reassigned {
  task_id task;
  agent_id agent;
  std::string role;
};
/// What the task waits for has not come for too long: somebody, or somebody else, is told.
struct task_escalated {
  task_id task;
  std::string reason;
  std::uint32_t level = 1;  ///< the rung of the ladder, from 1
  std::string to;           ///< as in `escalation_rung`
};
/// The lease ended without a report; the attempt is not charged.
struct lease_expired {
  task_id task;
  agent_id agent;
  std::string reason;
};
struct review_requested {
  task_id task;
  review_kind kind = review_kind::approval;
  std::string reason;
};
struct review_resolved {
  task_id task;
  review_action action = review_action::approve;
  std::string note;
};
/// The task has been taken apart: it is done when its parts are. They stand in the event as they are carried out.
struct subtasks_added {
  task_id task;
  agent_id agent;  ///< who held it and proposed them; empty when a person did it
  std::shared_ptr<const decomposition> parts;
};
/// A report by somebody who does not hold the task. It changed nothing but is on the record.
struct report_rejected_stale {
  task_id task;
  agent_id agent;
  std::string lease_token;
  std::string report;
};

using execution_event =
    std::variant<execution_created, execution_queued, execution_started, execution_paused, execution_resumed,
                 execution_blocked, execution_unblocked, execution_completed, execution_failed, execution_cancelled,
                 execution_reprioritized, task_assigned, task_started, task_progress, task_complete, task_error,
                 task_retry_scheduled, task_retry_due, task_blocked, task_unblocked, task_skipped, task_reassigned,
                 task_escalated, lease_expired, review_requested, review_resolved, report_rejected_stale,
                 subtasks_added, execution_unstaffed, execution_staffed, execution_forked>;

}  // namespace planexe::domain
