// The state of one execution: what its events add up to. Built by `evolve` alone; two states built from the same events
// are equal. Reading it is cheap; the counters are kept, not computed.
#pragma once

#include <array>
#include <set>

#include "domain/execution_events.hpp"

namespace planexe::domain {

/// Where a leaf stands, in finer steps than its status: every leaf is in exactly one.
enum class leaf_stage : std::uint8_t {
  waiting,    ///< for prerequisites
  ready,      ///< can be handed out
  held,       ///< by an agent
  retrying,   ///< waits for its backoff to pass
  reviewing,  ///< waits for a person
  external,   ///< waits for something outside
  done,       ///< complete or skipped
  failed,     ///< for good
  cancelled,
};
inline constexpr std::size_t leaf_stage_count = 9;

struct lease {
  agent_id agent;
  std::string token;
  timestamp since{};
  timestamp timeout_at{};  ///< of the attempt
  friend bool operator==(const lease&, const lease&) = default;
};

struct open_review {
  review_kind kind = review_kind::approval;
  std::string reason;
  timestamp since{};
  friend bool operator==(const open_review&, const open_review&) = default;
};

struct external_wait {
  std::string reason;
  timestamp since{};
  timestamp until{};
  bool blocking = false;
  friend bool operator==(const external_wait&, const external_wait&) = default;
};

struct task_failure {
  std::string type;
  std::string message;
  friend bool operator==(const task_failure&, const task_failure&) = default;
};

/// How many ends of attempts a task remembers. A client that repeats a report does so soon.
inline constexpr std::size_t most_attempt_ends = 8;

/// How an attempt ended, to recognise the same report coming twice, also while a later one runs.
struct attempt_end {
  agent_id agent;
  std::string token;
  std::uint64_t seq = 0;
  timestamp at{};
  std::optional<task_failure> failure;  ///< nothing: it did not fail
  friend bool operator==(const attempt_end&, const attempt_end&) = default;
};

/// How far up the ladder a leaf's present wait has been told of.
struct escalation_state {
  std::uint32_t level = 0;  ///< the last rung; 0: none yet
  timestamp at{};           ///< of the last rung
  friend bool operator==(const escalation_state&, const escalation_state&) = default;
};

/// Of a leaf; a task with children uses only `unmet` and `open_leaves`.
struct task_state {
  task_status status = task_status::queued;
  leaf_stage stage = leaf_stage::waiting;
  std::uint32_t unmet = 0;        ///< prerequisites of its own that are not done
  std::uint32_t gates = 0;        ///< how many of it and its ancestors have some unmet
  std::uint32_t open_leaves = 0;  ///< leaves at or below it that are not done
  std::uint32_t attempt = 0;      ///< the current or last one
  std::uint32_t charged = 0;      ///< failed attempts that count against the policy
  double progress_percent = 0;
  std::optional<domain::lease> lease;
  std::optional<open_review> review;
  std::optional<external_wait> external;
  std::optional<timestamp> retry_at;
  std::optional<task_failure> failure;
  std::vector<attempt_end> ends;  ///< of the last attempts, in order
  std::string output_json;
  std::string resolution;   ///< what a person said last, given to the next holder
  agent_id pinned_agent;    ///< set by a reassignment
  std::string role;         ///< set by a reassignment; else the plan's
  std::string stale_token;  ///< of the last stale report on the record, so that one is recorded once
  timestamp since{};        ///< when it came into its stage
  escalation_state escalation;
  std::optional<timestamp> started_at;
  std::optional<timestamp> completed_at;
  bool failed_for_good = false;
  friend bool operator==(const task_state&, const task_state&) = default;
};

/// Work is ready, and nobody is there who could do it.
struct staffing_gap {
  std::string reason;
  timestamp since{};
  friend bool operator==(const staffing_gap&, const staffing_gap&) = default;
};

/// When work of one kind was last handed out.
struct kind_of_work {
  std::string action;
  std::string role;
  agent_id pinned;
  timestamp assigned_at{};
  friend bool operator==(const kind_of_work&, const kind_of_work&) = default;
};

/// The moment of another execution that this one began from.
struct fork_origin {
  execution_id execution;
  std::uint64_t seq = 0;
  timestamp moment{};          ///< of the last event that was taken over
  std::uint32_t attempts = 0;  ///< that had been begun by then: somebody worked on the other one
  std::uint32_t leaves_complete = 0;
  std::uint32_t leaves_skipped = 0;
  friend bool operator==(const fork_origin&, const fork_origin&) = default;
};

/// From the moment that a fork began from until it was forked. Nobody worked on it then.
struct standstill {
  timestamp from{};
  timestamp to{};
  friend bool operator==(const standstill&, const standstill&) = default;
};

struct execution_state {
  std::shared_ptr<const plan_graph> graph;  ///< null until created
  execution_status status = execution_status::created;
  timestamp status_since{};
  std::string status_message;  ///< as recorded with the status; `message_of` is up to date
  std::uint64_t version = 0;   ///< seq of the last event applied
  std::string title;
  agent_id agent;
  std::int32_t priority = 0;
  execution_options options;
  bool begun = false;             ///< something has been handed out since it was last queued
  bool paused_by_switch = false;  ///< while it is paused
  timestamp created_at{};
  timestamp updated_at{};
  std::optional<timestamp> started_at;
  std::optional<timestamp> completed_at;
  std::optional<timestamp> deadline_at;
  std::vector<task_state> tasks;                         ///< one for each task of the plan
  std::array<std::uint32_t, leaf_stage_count> stages{};  ///< leaves in each stage
  std::uint32_t leaves_complete = 0;
  std::uint32_t leaves_skipped = 0;
  std::uint32_t blocking = 0;   ///< external waits that block the whole execution
  std::uint32_t escalated = 0;  ///< leaves whose present wait has been escalated
  double effort_done = 0;       ///< days
  std::set<task_index> held;    ///< leaves in stage held, so that polls need not search for them
  std::optional<staffing_gap> unstaffed;
  std::vector<kind_of_work> kinds;     ///< few: a plan has some roles and some actions
  std::vector<subtasks_added> grafts;  ///< in order: what the graph has beyond the plan that it began with
  std::optional<fork_origin> origin;
  std::vector<standstill> standstills;  ///< in order; several where a fork was forked

  bool exists() const { return graph != nullptr; }
  std::uint32_t in(leaf_stage stage) const { return stages[static_cast<std::size_t>(stage)]; }
  const task_definition& definition(task_index i) const { return graph->task(i); }
  std::uint32_t leaf_total() const { return static_cast<std::uint32_t>(graph->leaves().size()); }
};

bool is_final(execution_status status);

/// Whether a leaf was done before the execution was forked: its work is the origin's.
bool is_inherited(const execution_state& state, task_index leaf);
/// How much of the time between two moments the execution lived through: all but its standstills.
milliseconds lived_between(const execution_state& state, timestamp from, timestamp to);
/// When it will have lived for `span` since `from`.
timestamp after_living(const execution_state& state, timestamp from, milliseconds span);

/// What keeps the whole execution from going on, for people.
std::string block_of(const execution_state& state);
/// Why the execution is in its status, for people. A block's cause changes while it lasts.
std::string message_of(const execution_state& state);

/// The policies that hold for a leaf: its own, else the execution's.
retry_policy retry_policy_of(const execution_state& state, task_index leaf);
milliseconds timeout_of(const execution_state& state, task_index leaf);
const std::string& role_of(const execution_state& state, task_index leaf);
/// The only agent that may have the leaf; empty: any.
const agent_id& pinned_agent_of(const execution_state& state, task_index leaf);
/// Whether only a person may do the leaf.
bool is_for_people(const execution_options& options, const task_definition& leaf);
/// Why a person has to approve the leaf before it is handed out; nothing when nobody has to.
std::optional<std::string> approval_reason(const execution_options& options, const task_definition& leaf);

/// How long a wait may last after `level` rungs before it is escalated again. After the last rung the interval doubles
/// each time, up to a week.
milliseconds escalation_interval(const execution_options& options, std::uint32_t level);
/// Who is told at `level`, from 1.
const std::string& escalation_target(const execution_options& options, std::uint32_t level);
/// When the leaf's wait for a person or an agent is escalated next. Ready work counts from when work of its kind was
/// last handed out: a long queue that moves is no wait without an end. Nothing in other stages, and while nothing is
/// handed out.
std::optional<timestamp> escalation_due(const execution_state& state, task_index leaf);
/// When something happens to the leaf by itself: its attempt times out, its retry is due, its wait is escalated.
/// Nothing of what is over or has failed.
std::optional<timestamp> deadline_of(const execution_state& state, task_index leaf);
/// The execution's own deadline, where it can still come.
std::optional<timestamp> own_deadline(const execution_state& state);
/// The earliest of all; nothing: nothing will happen by itself.
std::optional<timestamp> next_deadline(const execution_state& state);

/// Why an unfinished leaf is not running.
enum class wait_kind : std::uint8_t { prerequisites, agent, retry, review, external, paused, parent };
struct waiting_for {
  wait_kind kind = wait_kind::prerequisites;
  std::string detail;
  timestamp since{};
  std::optional<timestamp> wake_at;
};
/// Nothing for a leaf that runs or is finished.
std::optional<waiting_for> waiting_of(const execution_state& state, task_index leaf);

/// Whether a leaf needs somebody's attention: it waits for a person or for something outside, has failed for good, or
/// no agent comes for it.
bool is_blocker(const execution_state& state, task_index leaf);
/// Whether any leaf may be one; false: none is.
bool may_have_blockers(const execution_state& state);

/// Status and progress of any task; those of one with children follow from its leaves.
struct task_summary {
  task_status status = task_status::queued;
  double progress_percent = 0;
};
task_summary summarize(const execution_state& state, task_index task);

/// Where and when an event stands: its seq and the time it was recorded.
struct event_moment {
  std::uint64_t seq = 0;
  timestamp at{};
};

/// Applies one event. Total: it never refuses, and replay calls nothing else. An event about a task that the plan does
/// not have changes the version alone. `touched`, where given, collects leaves that entered or left the stage `ready`;
/// one that did both is there twice, and its stage tells how it ended.
void evolve(execution_state& state, const execution_event& event, event_moment moment,
            std::vector<task_index>* touched = nullptr);

/// Whether leaves are handed out in this state.
bool hands_out(const execution_state& state);

}  // namespace planexe::domain
