// Keys: who may call, and as whom. The rules of making and revoking them; a key's text is known to its bearer alone,
// and here is its digest. Pure.
#pragma once

#include <map>
#include <string_view>

#include "domain/execution_state.hpp"
#include "domain/rejection.hpp"
#include "domain/result.hpp"
#include "domain/system_events.hpp"

namespace planexe::domain {

struct api_key {
  std::string id;
  std::string name;
  key_role role = key_role::viewer;
  agent_id agent;
  std::string digest;
  timestamp created_at{};
  std::string created_by;
  std::optional<timestamp> expires_at;
  std::optional<timestamp> revoked_at;
  std::string revoked_by;
};
bool is_live(const api_key& key, timestamp now);

/// Every key ever made, by id; ids sort by time.
struct key_ring {
  std::map<std::string, api_key> keys;
  std::uint64_t version = 0;  ///< seq of the last event
};
/// Whether a live key of that role is there.
bool has_live_key(const key_ring& ring, key_role role, timestamp now);

/// Applies one event; total. Events of others change the version alone.
void evolve(key_ring& ring, const system_event& event, event_moment moment, const std::string& actor);

struct create_key {
  std::string id;  ///< drawn by the caller, as the key was
  std::string name;
  key_role role = key_role::viewer;
  agent_id agent;  ///< needed for the role `agent`, where the name may be left out for it
  std::string digest;
  std::optional<timestamp> expires_at;
};
struct revoke_key {
  std::string id;
};
using key_command = std::variant<create_key, revoke_key>;

/// Nothing when it is as wanted already: a key that is revoked stays so.
expected<std::optional<system_event>, rejection> decide(const key_ring& ring, const key_command& command,
                                                        timestamp now);

/// `admin`, `operator`, `viewer`, `agent`.
std::string_view name_of(key_role role);
std::optional<key_role> key_role_named(std::string_view name);

/// Under a digest of its text, 32 bytes.
inline constexpr std::size_t key_digest_bytes = 32;
inline constexpr std::size_t longest_key_name = 128;  // bytes; it stands in every event that its bearer causes
/// Live at once: each costs half a KiB of memory, and ten thousand agents have one or two each.
inline constexpr std::size_t most_live_keys = 100'000;

}  // namespace planexe::domain
