// What holds of every report, whatever the plan and whatever happened.
#pragma once

#include <doctest/doctest.h>

#include <map>

#include "domain/report.hpp"

namespace planexe::tests {

inline void check_task_report(const domain::task_report& task, const domain::execution_report& report) {
  REQUIRE(task.planned_start <= task.planned_end);
  if (task.actual_start && task.actual_end) REQUIRE(*task.actual_start <= *task.actual_end);
  if (task.expected_start) REQUIRE(*task.expected_start <= *task.expected_end);
  REQUIRE_FALSE((task.actual_end && task.expected_end));
  REQUIRE_FALSE((task.actual_start && task.expected_start));
  if (task.expected_end) REQUIRE(*task.expected_end <= *report.forecast->eta);
  REQUIRE(task.planned_end <= report.totals.planned_days + 1e-9);
}

/// A container covers what is in it.
inline void check_cover(const domain::task_report& whole, const domain::task_report& part) {
  REQUIRE(whole.planned_start <= part.planned_start);
  REQUIRE(whole.planned_end >= part.planned_end);
  if (part.actual_start) REQUIRE(*whole.actual_start <= *part.actual_start);
  if (whole.actual_end) REQUIRE(part.actual_end);
  if (whole.actual_end) REQUIRE(*whole.actual_end >= *part.actual_end);
  if (part.expected_end) REQUIRE(*whole.expected_end >= *part.expected_end);
  REQUIRE(whole.attempts >= part.attempts);
  REQUIRE((whole.critical || !part.critical));
}

inline void check_report(const domain::execution_state& state, domain::timestamp now) {
  const auto& graph = *state.graph;
  const auto report = domain::report_of(state, now);
  REQUIRE_EQ(report.tasks.size(), graph.size());
  std::map<domain::task_index, const domain::task_report*> of;
  std::uint32_t attempts = 0, critical = 0;
  for (const auto& task : report.tasks) {
    of[task.task] = &task;
    check_task_report(task, report);
    if (graph.is_leaf(task.task)) critical += task.critical ? 1U : 0U;
    if (graph.parent(task.task) == domain::no_task)
      attempts += task.attempts;
    else
      check_cover(*of.at(graph.parent(task.task)), task);  // which comes before it
  }
  REQUIRE_EQ(report.totals.attempts, attempts);
  REQUIRE_EQ(report.totals.critical_tasks, critical);
  std::uint32_t leaves = 0;
  for (const auto& role : report.roles) {
    leaves += role.leaves;
    REQUIRE_EQ(role.leaves,
               role.done + role.running + role.ready + role.waiting + role.reviewing + role.failed + role.cancelled);
  }
  REQUIRE_EQ(leaves, state.leaf_total());
}

}  // namespace planexe::tests
