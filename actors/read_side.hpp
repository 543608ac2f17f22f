// Everything that is read: the views, what keeps them up to date, and who follows them. Belongs to the projector's
// thread from the moment that actor is spawned; others reach it by sending the projector something to run.
#pragma once

#include "actors/hub.hpp"
#include "projections/projection.hpp"
#include "projections/view_set.hpp"

namespace planexe::actors {

struct read_side : projections::view_set {
  read_side(const eventstore::event_log& log, eventstore::derived_store& derived, double review_threshold)
      : view_set(log, derived, review_threshold), runner(log, derived) {
    for (auto* view : in_order()) runner.add(*view);
  }

  projections::projection_runner runner;
  projections::length_histogram delays;  ///< from a batch's last event being recorded to its being in the views
  actors::hub hub;
};

}  // namespace planexe::actors
