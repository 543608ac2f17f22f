// What the lists show: one row an execution, agent and plan. Values only; made by the projections, read by the gateway.
#pragma once

#include "domain/agent_state.hpp"
#include "domain/execution_state.hpp"

namespace planexe::projections {

struct execution_row {
  domain::execution_id id;
  domain::plan_id plan;
  std::string title;
  std::string goal;
  domain::execution_status status = domain::execution_status::created;
  std::string status_message;
  std::uint64_t version = 0;
  domain::agent_id agent;
  std::int32_t priority = 0;
  std::uint32_t tasks_total = 0;
  std::uint32_t tasks_completed = 0;
  std::uint32_t tasks_skipped = 0;
  double effort_percent = 0;
  std::uint32_t waiting_for_people = 0;  ///< leaves under review
  bool blockers = false;                 ///< whether any leaf may need attention; false: none does
  domain::task_id current_task;          ///< the first one held; empty when none is
  std::string current_task_title;
  std::vector<domain::agent_id> agents;  ///< those that hold a task
  domain::timestamp created_at{};
  domain::timestamp updated_at{};
  std::optional<domain::timestamp> started_at;
  std::optional<domain::timestamp> completed_at;
  std::optional<domain::timestamp> deadline_at;
  domain::execution_id forked_from;  ///< empty: of nothing
  std::uint64_t forked_seq = 0;
};

/// What has to happen to an execution that nobody asks for anything.
struct timer_row {
  domain::execution_id execution;
  std::optional<domain::timestamp> due;  ///< when it has to be woken
  bool has_work = false;                 ///< agents hold some of it, or could have some
  friend bool operator==(const timer_row&, const timer_row&) = default;
};

struct held_task {
  domain::execution_id execution;
  domain::task_id task;
  domain::timestamp since{};
  friend auto operator<=>(const held_task&, const held_task&) = default;
};

struct task_duration {
  domain::milliseconds length{};
};

struct agent_row {
  domain::agent_id id;
  domain::agent_state state;
  std::vector<held_task> held;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::optional<domain::timestamp> last_event_at;  ///< of its last recorded report or assignment
  std::vector<task_duration> recent;               ///< of its last completed tasks, oldest first, bounded
  /// The person was, and the agent has not been brought back or given work since.
  bool erased = false;
};

/// Whether lists have it: whom nobody can name any more is there as long as they work.
inline bool is_listed(const agent_row& row) {
  return row.state.registered && (!row.erased || !row.held.empty());
}

/// The median of `recent` in seconds; nothing before the first completion.
std::optional<double> median_task_seconds(const agent_row& row);

/// A plan's summary; the plan itself stays in its stream.
struct plan_row {
  domain::plan_id id;
  std::string title;
  std::string goal;
  std::uint32_t phases = 0;       ///< tasks of level `phase`
  std::uint32_t tasks = 0;        ///< tasks of level `task`
  std::uint32_t tasks_total = 0;  ///< leaves
  std::uint32_t dependencies = 0;
  std::vector<std::string> roles;
  std::vector<domain::plan_warning> warnings;
  std::uint32_t agent_executable = 0;  ///< leaves that an agent may do, confident enough
  std::uint32_t needs_review = 0;      ///< leaves under `review_threshold`
  std::uint32_t human = 0;             ///< leaves that a person leads
  double mean_confidence = 0;
  domain::redline_verdict redline = domain::redline_verdict::none;
  std::string start_warning;
  domain::timestamp imported_at{};
};

/// `review_threshold` as in the server's settings; it only sorts leaves into the three counts.
plan_row make_plan_row(const domain::plan& plan, double review_threshold, domain::timestamp imported_at);

}  // namespace planexe::projections
