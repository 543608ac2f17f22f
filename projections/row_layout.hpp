// The stored fields of the views' rows. A change here is a new view name: rows are rebuilt from the log, not migrated.
#pragma once

#include "domain/notifications.hpp"
#include "eventstore/layout.hpp"
#include "projections/activity_views.hpp"
#include "projections/role_views.hpp"
#include "projections/rows.hpp"

template <>
struct planexe::eventstore::stored_enumerators<planexe::domain::notification_stage> {
  using enum planexe::domain::notification_stage;
  static constexpr planexe::domain::notification_stage order[] = {pending, delivered, dead};
};

namespace planexe::projections {

template <class T, class Row>
concept row_of = std::is_same_v<std::remove_const_t<T>, Row>;

void describe(auto& a, row_of<execution_row> auto& row) {
  a(1, row.id)(2, row.plan)(3, row.title)(4, row.goal).always(5, row.status)(6, row.status_message)(7, row.version);
  a(8, row.agent)(9, row.priority)(10, row.tasks_total)(11, row.tasks_completed)(12, row.tasks_skipped);
  a(13, row.effort_percent)(14, row.waiting_for_people)(15, row.current_task)(16, row.current_task_title);
  a.repeated(17, row.agents)(18, row.created_at)(19, row.updated_at)(20, row.started_at)(21, row.completed_at);
  a(22, row.deadline_at)(23, row.blockers)(24, row.forked_from)(25, row.forked_seq);
}

void describe(auto& a, row_of<timer_row> auto& row) {
  a(1, row.execution)(2, row.due)(3, row.has_work);
}

void describe(auto& a, row_of<held_task> auto& held) {
  a(1, held.execution)(2, held.task)(3, held.since);
}

void describe(auto& a, row_of<task_duration> auto& duration) {
  a(1, duration.length);
}

void describe(auto& a, row_of<agent_row> auto& row) {
  a(1, row.id)(2, row.state.registered)(3, row.state.version)(4, row.state.profile).always(5, row.state.standing);
  a(6, row.state.registered_at)(7, row.state.updated_at).repeated(8, row.held)(9, row.completed)(10, row.failed);
  a(11, row.last_event_at).repeated(12, row.recent)(13, row.erased);
}

void describe(auto& a, row_of<plan_row> auto& row) {
  a(1, row.id)(2, row.title)(3, row.goal)(4, row.phases)(5, row.tasks)(6, row.tasks_total)(7, row.dependencies);
  a.repeated(8, row.roles).repeated(9, row.warnings)(10, row.agent_executable)(11, row.needs_review)(12, row.human);
  a(13, row.mean_confidence).always(14, row.redline)(15, row.start_warning)(16, row.imported_at);
}

/// What the outbox is besides its notifications.
struct outbox_head {
  std::uint64_t version = 0;
  std::uint64_t last_number = 0;
  std::uint64_t last_position = 0;
};

void describe(auto& a, row_of<outbox_head> auto& head) {
  a(1, head.version)(2, head.last_number)(3, head.last_position);
}

void describe(auto& a, row_of<domain::notification> auto& row) {
  a(1, row.number)(2, row.agent)(3, row.content).always(4, row.stage)(5, row.queued_at)(6, row.tried_since);
  a(7, row.attempts)(8, row.failures)(9, row.next_attempt_at)(10, row.settled_at)(11, row.status)(12, row.detail);
  a(13, row.seq);
}

void describe(auto& a, row_of<activity_row> auto& row) {
  a(1, row.position)(2, row.execution)(3, row.title)(4, row.seq)(5, row.event_type)(6, row.task)(7, row.task_title);
  a(8, row.agent)(9, row.actor)(10, row.message)(11, row.at);
}

void describe(auto& a, row_of<role_load> auto& load) {
  a(1, load.role)(2, load.held)(3, load.ready)(4, load.waiting)(5, load.reviewing)(6, load.completed)(7, load.failed);
}

void describe(auto& a, row_of<execution_roles> auto& row) {
  a(1, row.execution).repeated(2, row.roles);
}

template <class Row>
std::string stored_form(const Row& row) {
  std::string bytes;
  eventstore::field_writer writer{bytes};
  describe(writer, row);
  return bytes;
}

/// Nothing when the bytes are not a row.
template <class Row>
std::optional<Row> parse_row(std::string_view bytes) {
  Row row;
  eventstore::field_reader reader{bytes};
  describe(reader, row);
  reader.finish();
  if (!reader.ok()) return std::nullopt;
  return row;
}

}  // namespace planexe::projections
