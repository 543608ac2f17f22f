// Who sends a request, as its key says. One value for each key, shared by the requests and streams that it opened: when
// the key is revoked, all of them see it. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "domain/system_events.hpp"

namespace planexe::gateway {

struct caller {
  std::string key;   ///< its id; empty for whoever calls without one where none is needed
  std::string name;  ///< of the key: the actor in the events that it causes
  domain::key_role role = domain::key_role::viewer;
  domain::agent_id agent;  ///< whose key it is, if an agent's
  std::optional<domain::timestamp> expires_at;
  mutable std::atomic<bool> revoked{false};
  mutable std::atomic<std::int64_t> last_used_ms{0};  ///< since 1970; 0: not since the start

  bool is_agent() const { return role == domain::key_role::agent; }
  bool is_admin() const { return role == domain::key_role::admin; }
  bool is_live(domain::timestamp now) const { return !revoked && (!expires_at || now < *expires_at); }
  /// As events name it.
  std::string actor() const { return is_agent() ? "agent:" + agent.value : name; }
};

using caller_ptr = std::shared_ptr<const caller>;

/// Whether what this caller has open must end: its key was revoked or has expired. Reads the clock only where it must.
inline bool has_ended(const caller_ptr& who) {
  if (!who) return false;
  if (who->revoked) return true;
  return who->expires_at && *who->expires_at <= std::chrono::system_clock::now();
}

}  // namespace planexe::gateway
