#include "projections/view_set.hpp"

namespace planexe::projections {

view_set::view_set(const eventstore::event_log& log, const eventstore::derived_store& derived, double review_threshold)
    : executions(log, derived), timers(executions), activity(executions), plans(review_threshold) {}

std::vector<projection*> view_set::in_order() {
  return {&executions, &timers, &activity, &agents, &plans, &notifications};
}

projection* view_set::named(std::string_view name) {
  for (auto* view : in_order())
    if (view->name() == name) return view;
  return nullptr;
}

}  // namespace planexe::projections
