// The counters as they are stored: maps as lists. Private to the counters' view.
#pragma once

#include "projections/counter_views.hpp"
#include "projections/row_layout.hpp"

namespace planexe::projections {

struct stored_counters {
  std::vector<named_count> events, errors;
  counters_row rest;  ///< its maps stay empty
};

void describe(auto& a, row_of<named_count> auto& count) {
  a(1, count.name)(2, count.count);
}

void describe(auto& a, row_of<length_histogram> auto& lengths) {
  a.packed(1, lengths.buckets)(2, lengths.count)(3, lengths.sum)(4, lengths.longest);
}

void describe(auto& a, row_of<stored_counters> auto& row) {
  auto& rest = row.rest;
  a.repeated(1, row.events).repeated(2, row.errors)(4, rest.attempts);
  a(5, rest.attempts_failed)(6, rest.tasks_completed)(7, rest.tasks_failed)(8, rest.tasks_skipped);
  a(9, rest.tasks_escalated)(10, rest.reviews_opened)(11, rest.reviews_resolved)(12, rest.attempt_lengths);
  a(13, rest.waits)(14, rest.review_lengths)(15, rest.execution_lengths);
}

inline stored_counters to_stored(const counters_row& row) {
  stored_counters stored;
  for (const auto& [name, count] : row.events) stored.events.push_back({name, count});
  for (const auto& [name, count] : row.errors) stored.errors.push_back({name, count});
  stored.rest = row;
  stored.rest.events.clear();
  stored.rest.errors.clear();
  return stored;
}

inline counters_row from_stored(const stored_counters& stored) {
  auto row = stored.rest;
  for (const auto& [name, count] : stored.events) row.events.emplace(name, count);
  for (const auto& [name, count] : stored.errors) row.errors.emplace(name, count);
  return row;
}

}  // namespace planexe::projections
