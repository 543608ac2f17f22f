#include "projections/view_set.hpp"

namespace planexe::projections {

view_set::view_set(const eventstore::event_log& log, const eventstore::derived_store& derived, double review_threshold)
    : executions(log, derived),
      timers(executions),
      counters(log, derived, executions),
      activity(executions),
      roles(executions),
      plans(review_threshold) {}

std::vector<projection*> view_set::in_order() {
  return {&counters, &executions, &timers, &activity, &roles, &agents, &plans, &notifications};
}

projection* view_set::named(std::string_view name) {
  for (auto* view : in_order())
    if (view->name() == name) return view;
  return nullptr;
}

std::vector<projection*> view_set::needed_for(const projection& view) {
  const bool stands_alone = &view == &agents || &view == &plans || &view == &notifications;
  std::vector<projection*> needed;
  for (auto* each : in_order())
    if (each == &view || (each == &executions && !stands_alone)) needed.push_back(each);
  return needed;
}

}  // namespace planexe::projections
