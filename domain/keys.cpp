#include "domain/keys.hpp"

#include <algorithm>
#include <array>

namespace planexe::domain {
namespace {

constexpr std::array<std::string_view, 4> role_names{"admin", "operator", "viewer", "agent"};

unexpected<rejection> refuse_field(std::string field, std::string message) {
  rejection refused{rejection_code::validation_failed, field + " " + message, {}};
  refused.errors.push_back({std::move(field), std::move(message)});
  return unexpected{std::move(refused)};
}

/// What a name may not be, in words; empty: it may. Names stand as actors in events, where nobody may pass for another.
std::string wrong_with_name(std::string_view name) {
  if (name.empty() || name.size() > longest_key_name)
    return "must have 1 to " + std::to_string(longest_key_name) + " bytes";
  const bool has_control =
      std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (has_control || name.front() == ' ' || name.back() == ' ')
    return "must not hold control characters, nor begin or end with a space";
  constexpr std::array<std::string_view, 4> own_prefixes{"agent:", "shell:", "erased:", "sealed:"};
  const bool is_own = std::any_of(own_prefixes.begin(), own_prefixes.end(),
                                  [name](std::string_view prefix) { return name.starts_with(prefix); });
  if (name == "system" || name == "person" || is_own)
    return "must not be 'system' or 'person' or begin with 'agent:', 'shell:', 'erased:' or 'sealed:', which are the "
           "server's own words";
  return {};
}

std::size_t live_keys(const key_ring& ring, timestamp now) {
  return static_cast<std::size_t>(std::count_if(ring.keys.begin(), ring.keys.end(),
                                                [now](const auto& entry) { return is_live(entry.second, now); }));
}

expected<std::optional<system_event>, rejection> decide_creation(const key_ring& ring, const create_key& wanted,
                                                                 timestamp now) {
  if (wanted.role == key_role::agent && wanted.agent.empty())
    return refuse_field("agent_id", "is required for the role 'agent'");
  if (!wanted.agent.empty() && !is_valid_id(wanted.agent.value)) return refuse_field("agent_id", "is not an id");
  const auto& name = wanted.name.empty() ? wanted.agent.value : wanted.name;
  // An agent's events say `agent:ID` whatever its key is called, so its name cannot mislead anybody.
  if (wanted.role != key_role::agent || !wanted.name.empty())
    if (auto wrong = wrong_with_name(name); !wrong.empty()) return refuse_field("name", std::move(wrong));
  if (wanted.expires_at && *wanted.expires_at <= now) return refuse_field("expires_at", "must lie in the future");
  if (ring.keys.size() >= most_live_keys && live_keys(ring, now) >= most_live_keys)
    return unexpected{rejection{
        rejection_code::unavailable, std::to_string(most_live_keys) + " keys are live already; revoke some", {}}};
  return std::optional<system_event>{
      key_created{wanted.id, name, wanted.role, wanted.agent, wanted.digest, wanted.expires_at}};
}

}  // namespace

bool is_live(const api_key& key, timestamp now) {
  return !key.revoked_at && (!key.expires_at || now < *key.expires_at);
}

bool has_live_key(const key_ring& ring, key_role role, timestamp now) {
  return std::any_of(ring.keys.begin(), ring.keys.end(),
                     [&](const auto& entry) { return entry.second.role == role && is_live(entry.second, now); });
}

void evolve(key_ring& ring, const system_event& event, event_moment moment, const std::string& actor) {
  ring.version = moment.seq;
  if (const auto* created = std::get_if<key_created>(&event)) {
    ring.keys[created->key] = {.id = created->key,
                               .name = created->name,
                               .role = created->role,
                               .agent = created->agent,
                               .digest = created->digest,
                               .created_at = moment.at,
                               .created_by = actor,
                               .expires_at = created->expires_at,
                               .revoked_at = {},
                               .revoked_by = {}};
  } else if (const auto* revoked = std::get_if<key_revoked>(&event)) {
    const auto found = ring.keys.find(revoked->key);
    if (found == ring.keys.end()) return;
    found->second.revoked_at = moment.at;
    found->second.revoked_by = actor;
  }
}

expected<std::optional<system_event>, rejection> decide(const key_ring& ring, const key_command& command,
                                                        timestamp now) {
  if (const auto* wanted = std::get_if<create_key>(&command)) return decide_creation(ring, *wanted, now);
  const auto& id = std::get<revoke_key>(command).id;
  const auto found = ring.keys.find(id);
  if (found == ring.keys.end()) return unexpected{rejection{rejection_code::not_found, "no key '" + id + "'", {}}};
  if (found->second.revoked_at) return std::optional<system_event>{};
  return std::optional<system_event>{key_revoked{id}};
}

std::string_view name_of(key_role role) {
  return role_names[static_cast<std::size_t>(role)];
}

std::optional<key_role> key_role_named(std::string_view name) {
  const auto found = std::find(role_names.begin(), role_names.end(), name);
  if (found == role_names.end()) return std::nullopt;
  return static_cast<key_role>(found - role_names.begin());
}

}  // namespace planexe::domain
