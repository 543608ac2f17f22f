// When each agent was last heard of. Leases are renewed by this alone: it is not in the log, for a restart gives every
// agent its full time again.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace planexe::actors {

class presence_board {
 public:
  /// Any thread.
  void seen(const domain::agent_id& agent, domain::timestamp now) {
    const std::lock_guard lock{mutex_};
    last_seen_[agent] = now;
  }
  /// As `seen`, for an agent that has been seen before: a name that nobody registered takes no memory.
  void renew(const domain::agent_id& agent, domain::timestamp now) {
    const std::lock_guard lock{mutex_};
    if (const auto found = last_seen_.find(agent); found != last_seen_.end()) found->second = now;
  }
  std::optional<domain::timestamp> last_seen(const domain::agent_id& agent) const {
    const std::lock_guard lock{mutex_};
    const auto found = last_seen_.find(agent);
    if (found == last_seen_.end()) return std::nullopt;
    return found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<domain::agent_id, domain::timestamp> last_seen_;
};

}  // namespace planexe::actors
