// Every view of the log, in the order in which they are run. The server has one set that follows the log; a second one
// is made where a view is built anew beside it.
#pragma once

#include "projections/activity_views.hpp"
#include "projections/agent_views.hpp"
#include "projections/counter_views.hpp"
#include "projections/execution_views.hpp"
#include "projections/notification_views.hpp"
#include "projections/plan_views.hpp"
#include "projections/role_views.hpp"
#include "projections/timer_views.hpp"

namespace planexe::projections {

struct view_set {
  /// Both must outlive the set. `review_threshold` as in the server's settings.
  view_set(const eventstore::event_log& log, const eventstore::derived_store& derived, double review_threshold);

  /// All of them. Those that look at executions as they are come after these, the counters, which look at them as they
  /// were, before.
  std::vector<projection*> in_order();
  /// Null when there is none of that name.
  projection* named(std::string_view name);
  /// What has to be run so that this one of them is right: it, and the executions where it looks at those; in order.
  std::vector<projection*> needed_for(const projection& view);

  execution_views executions;
  timer_views timers;
  counter_views counters;
  activity_views activity;
  role_views roles;
  agent_views agents;
  plan_views plans;
  notification_views notifications;
};

}  // namespace planexe::projections
