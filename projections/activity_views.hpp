// The view of activity: the newest of what people would want to hear of, over all executions, agents and the server
// itself. Progress, heartbeats and the steps that only follow from others are not in it.
//
// What an event costs is a copy of its few names. Titles are looked up when entries are read or stored, and only of
// those that are still there then: titles never change, so it is the same whenever it is done.
#pragma once

#include <deque>
#include <span>

#include "projections/execution_views.hpp"

namespace planexe::projections {

/// How many entries are kept: a page of the dashboard shows a hundred; a few bytes each, some 1 MB in all.
inline constexpr std::size_t most_activity = 2'000;

struct activity_row {
  std::uint64_t position = 0;
  domain::execution_id execution;  ///< empty: of an agent, a plan or the server
  std::string title;               ///< of the execution or plan
  std::uint64_t seq = 0;           ///< in its own stream
  std::string event_type;
  domain::task_id task;
  std::string task_title;
  domain::agent_id agent;
  std::string actor;
  std::string message;  ///< why, or what was said; may be empty
  domain::timestamp at{};
};

/// The types of events that are in the view, sorted.
std::span<const std::string_view> activity_types();

class activity_views final : public projection {
 public:
  /// To be run after `executions`, which must outlive it.
  explicit activity_views(execution_views& executions) : executions_(executions) {}

  std::string_view name() const override { return "activity.1"; }
  result<void> restore(const eventstore::derived_store::view_rows& rows) override;
  void reset() override;
  result<void> apply(const domain::event_record& record) override;
  result<void> changes(eventstore::derived_store::view_write& write) override;
  void exchange(projection& other) override;
  std::size_t size() const override { return rows_.size(); }

  /// Oldest first, with their titles. Valid until the next event. Fails where a state cannot be read.
  result<const std::deque<activity_row>*> rows();

 private:
  result<void> look_titles_up();

  execution_views& executions_;
  std::deque<activity_row> rows_;
  std::uint64_t titled_ = 0;            ///< position through which entries have their titles
  std::uint64_t stored_ = 0;            ///< position through which entries were stored
  std::vector<std::uint64_t> dropped_;  ///< of entries that were stored
};

}  // namespace planexe::projections
