// What is left of an execution, and when it may be done: the longest way through its unfinished leaves, from the plan's
// estimates and from how long the finished ones really took. Pure functions of a state and the present, linear in tasks
// and edges, for any thread.
//
// How long people take is unknown: a review counts as answered now, an escalated or failed leaf as taken up again now.
// A wait for something outside counts as lasting until its deadline, at the latest of which somebody is asked.
#pragma once

#include "domain/execution_state.hpp"
#include "domain/schedule.hpp"

namespace planexe::domain {

/// Nothing is told of what lies further ahead: estimates may be absurd, and what is added to a time must stay a time.
inline constexpr double longest_forecast_days = 3653;  // ten years

/// Real days for each estimated day. Agents may do in seconds what a plan estimates in weeks: it may well be 1e-6.
struct work_pace {
  double days_per_day = 1;
  std::uint32_t leaves = 0;  ///< how many finished leaves it rests on; 0: on none, and the estimates stand as they are
};

/// From the leaves that agents completed: from their first hand-out to their end, against their estimates. What few
/// leaves say is drawn towards 1, in logarithms and as if the plan's own word weighed as much as a quarter of a leaf:
/// leaves differ from each other by a few times, while estimates made for people may be off by a million times for
/// agents, so even one leaf tells more about the pace than the plan does.
work_pace pace_of(const execution_state& state);

/// What is left, from `now` on. For any execution that exists, whatever its status.
schedule schedule_what_is_left(const execution_state& state, timestamp now);

/// An unfinished leaf; days from now. `slack_days`: how much later it may end without moving the critical path's end.
struct leaf_forecast {
  task_index leaf = no_task;
  double start_days = 0;
  double end_days = 0;
  double slack_days = 0;
};

struct execution_forecast {
  work_pace pace;
  std::vector<task_index> critical_path;  ///< unfinished leaves, in order
  double path_days = 0;                   ///< until the last of them ends, as if there were enough agents
  /// What is left at the rate at which leaves have been completed since the start; nothing before the first one.
  std::optional<double> throughput_days;
  double remaining_days = 0;  ///< the longer of the two, at most `longest_forecast_days`
  /// `remaining_days` from now, and the same by the least and the greatest estimates: earliest <= eta <= latest. A
  /// paused execution counts as going on now. Nothing where nobody works on it: not started, or failed.
  std::optional<timestamp> eta, earliest, latest;
  std::vector<leaf_forecast> leaves;  ///< every unfinished one, in the order of the document
};

/// Nothing for an execution that is complete or cancelled.
std::optional<execution_forecast> forecast(const execution_state& state, timestamp now);

}  // namespace planexe::domain
