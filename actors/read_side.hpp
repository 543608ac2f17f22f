// Everything that is read: the views, what keeps them up to date, and who follows them. Belongs to the projector's
// thread from the moment that actor is spawned; others reach it by sending the projector something to run.
#pragma once

#include "actors/hub.hpp"
#include "projections/agent_views.hpp"
#include "projections/execution_views.hpp"
#include "projections/notification_views.hpp"
#include "projections/plan_views.hpp"
#include "projections/projection.hpp"
#include "projections/timer_views.hpp"

namespace planexe::actors {

struct read_side {
  read_side(const eventstore::event_log& log, eventstore::derived_store& derived, double review_threshold)
      : executions(log, derived), timers(executions), plans(review_threshold), runner(log, derived) {
    runner.add(executions);
    runner.add(timers);
    runner.add(agents);
    runner.add(plans);
    runner.add(notifications);
  }

  projections::execution_views executions;
  projections::timer_views timers;
  projections::agent_views agents;
  projections::plan_views plans;
  projections::notification_views notifications;
  projections::projection_runner runner;
  actors::hub hub;
};

}  // namespace planexe::actors
