// The hub: who follows which execution live, and who follows everything. Lives in the projector's thread, so that a
// follower who is given the state after event N and then listens gets N + 1 next, without a gap or a repeat.
//
// One follower stands for all who are told the same: a stream's subscribers share one that renders a batch once.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "domain/event_record.hpp"
#include "projections/rows.hpp"

namespace planexe::eventstore {
struct committed_batch;
}

namespace planexe::actors {

/// Called in the projector's thread; must be quick and must not throw. May follow others from within a call, and is let
/// go where it says that it wants no more.
class follower {
 public:
  follower() = default;
  follower(const follower&) = delete;
  follower& operator=(const follower&) = delete;
  virtual ~follower() = default;
  /// Events of the execution, in order, and its row after them. False: it wants no more.
  virtual bool on_events(std::span<const domain::event_record* const> events,
                         const projections::execution_row& row) = 0;
  /// Now and then. False: it wants no more.
  virtual bool on_time(domain::timestamp now) = 0;
};

/// The same for everything that is committed.
class watcher {
 public:
  watcher() = default;
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;
  virtual ~watcher() = default;
  virtual void on_batch(const eventstore::committed_batch& batch) = 0;
  virtual void on_time(domain::timestamp now) = 0;
};

class hub {
 public:
  void follow(const domain::execution_id& id, std::shared_ptr<follower> follower);
  void watch(std::shared_ptr<watcher> watcher) { watchers_.push_back(std::move(watcher)); }

  /// Tells of a batch that the views have taken. `row_of` gives an execution's row, or null.
  template <class RowOf>
  void publish(const eventstore::committed_batch& batch, RowOf&& row_of) {
    for (const auto& [id, events] : followed_in(batch))
      if (const projections::execution_row* row = row_of(id)) tell(id, events, *row);
    for (const auto& each : watchers_) each->on_batch(batch);
  }
  void tick(domain::timestamp now);
  void clear();

 private:
  using event_list = std::vector<const domain::event_record*>;
  using follower_list = std::vector<std::shared_ptr<follower>>;

  std::unordered_map<domain::execution_id, event_list> followed_in(const eventstore::committed_batch& batch) const;
  void tell(const domain::execution_id& id, const event_list& events, const projections::execution_row& row);
  /// Keeps those for which `wants` holds, and those that have come meanwhile.
  template <class Wants>
  void keep(const domain::execution_id& id, Wants&& wants);

  std::unordered_map<domain::execution_id, follower_list> followers_;
  std::vector<std::shared_ptr<watcher>> watchers_;
};

}  // namespace planexe::actors
