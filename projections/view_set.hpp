// Every view of the log, in the order in which they are run. The server has one set that follows the log; a second one
// is made where a view is built anew beside it.
#pragma once

#include "projections/activity_views.hpp"
#include "projections/agent_views.hpp"
#include "projections/execution_views.hpp"
#include "projections/notification_views.hpp"
#include "projections/plan_views.hpp"
#include "projections/timer_views.hpp"

namespace planexe::projections {

struct view_set {
  /// Both must outlive the set. `review_threshold` as in the server's settings.
  view_set(const eventstore::event_log& log, const eventstore::derived_store& derived, double review_threshold);

  /// All of them, each after those that it looks at.
  std::vector<projection*> in_order();
  /// Null when there is none of that name.
  projection* named(std::string_view name);

  execution_views executions;
  timer_views timers;
  activity_views activity;
  agent_views agents;
  plan_views plans;
  notification_views notifications;
};

}  // namespace planexe::projections
