// The hub: who follows which execution live. Lives in the projector's thread, so that a follower who is given the state
// after event N and then listens gets N + 1 next, without a gap or a repeat.
#pragma once

#include <list>
#include <memory>
#include <span>
#include <unordered_map>

#include "domain/event_record.hpp"
#include "projections/rows.hpp"

namespace planexe::actors {

/// Called in the projector's thread; must be quick and must not throw.
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

class hub {
 public:
  void follow(const domain::execution_id& id, std::shared_ptr<follower> follower) {
    followers_[id].push_back(std::move(follower));
  }
  bool followed(const domain::execution_id& id) const { return followers_.contains(id); }

  void publish(const domain::execution_id& id, std::span<const domain::event_record* const> events,
               const projections::execution_row& row) {
    const auto found = followers_.find(id);
    if (found == followers_.end()) return;
    found->second.remove_if([&](const auto& follower) { return !follower->on_events(events, row); });
    if (found->second.empty()) followers_.erase(found);
  }

  void tick(domain::timestamp now) {
    for (auto entry = followers_.begin(); entry != followers_.end();) {
      entry->second.remove_if([&](const auto& follower) { return !follower->on_time(now); });
      entry = entry->second.empty() ? followers_.erase(entry) : std::next(entry);
    }
  }
  void clear() { followers_.clear(); }

 private:
  std::unordered_map<domain::execution_id, std::list<std::shared_ptr<follower>>> followers_;
};

}  // namespace planexe::actors
