// The plan against reality: for every task what was planned, what happened and what is expected, and how far they are
// apart. Pure functions of a state and the present, linear in tasks and edges, for any thread.
//
// Planned is the plan's own schedule: every leaf takes its realistic estimate, agents are plenty, and it begins when
// the execution began. Expected is the forecast, stretched where the agents' throughput and not the plan's order
// decides when it ends, so that the last expected end is the forecast's eta. A task with children spans its leaves.
#pragma once

#include "domain/forecast.hpp"

namespace planexe::domain {

struct task_report {
  task_index task = no_task;
  task_status status = task_status::queued;
  bool critical = false;     ///< on the plan's critical path, or a leaf below it is
  double planned_start = 0;  ///< in days after the execution's start
  double planned_end = 0;
  /// The same as times, once it has started; nothing beyond `longest_forecast_days`.
  std::optional<timestamp> planned_start_at, planned_end_at;
  double effort_days = 0;                   ///< estimated, of all leaves below
  std::optional<timestamp> actual_start;    ///< first handed out
  std::optional<timestamp> actual_end;      ///< complete or skipped, all of it
  std::optional<double> actual_days;        ///< from the one to the other, or until the execution's end or now
  std::optional<timestamp> expected_start;  ///< of what has not begun
  std::optional<timestamp> expected_end;    ///< of what is not finished
  std::optional<double> slip_days;          ///< actual or expected end after the planned one; negative: ahead
  std::uint32_t attempts = 0;               ///< of all leaves below, and its own before it was taken apart
  std::uint32_t failed_attempts = 0;        ///< among the last `most_attempt_ends` of each
};

/// The leaves of a role; each is in exactly one of the counts after `leaves`.
struct role_report {
  std::string role;  ///< empty: of leaves that anybody may do
  std::uint32_t leaves = 0;
  std::uint32_t done = 0;  ///< complete or skipped
  std::uint32_t running = 0;
  std::uint32_t ready = 0;    ///< can be handed out now
  std::uint32_t waiting = 0;  ///< for something else than a person or an agent
  std::uint32_t reviewing = 0;
  std::uint32_t failed = 0;
  std::uint32_t cancelled = 0;
  double effort_days = 0;
  double effort_done_days = 0;
};

struct report_totals {
  double planned_days = 0;
  double elapsed_days = 0;  ///< since the start, until the end or now; 0 before
  double planned_effort_days = 0;
  double done_effort_days = 0;  ///< estimated, of what was completed
  std::optional<double> slip_days;
  std::uint32_t tasks_total = 0;  ///< leaves, here and below
  std::uint32_t tasks_completed = 0;
  std::uint32_t tasks_skipped = 0;
  std::uint32_t tasks_failed = 0;  ///< for good
  std::uint32_t attempts = 0;
  std::uint32_t failed_attempts = 0;
  std::uint32_t critical_tasks = 0;  ///< leaves on the plan's critical path
};

struct execution_report {
  work_pace pace;
  std::optional<execution_forecast> forecast;
  report_totals totals;
  std::vector<task_report> tasks;  ///< in the order of the document, containers before what is in them
  std::vector<role_report> roles;  ///< as they first come in the document
};

/// `state` must exist.
execution_report report_of(const execution_state& state, timestamp now);

/// The leaves of each role, as they first come in the document. `state` must exist.
std::vector<role_report> role_counts(const execution_state& state);

}  // namespace planexe::domain
