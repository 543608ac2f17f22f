#include "projections/left_behind.hpp"

#include "projections/replay.hpp"

namespace planexe::projections {

result<left_behind> left_behind_by(const eventstore::event_log& log, const std::string& subject, domain::timestamp now,
                                   const std::stop_token& stop) {
  constexpr std::string_view agent_prefix = "agent:";
  left_behind found;
  if (subject.starts_with(agent_prefix)) {
    const auto agent = replay_agent(log, {subject.substr(agent_prefix.size())});
    if (!agent) return unexpected{agent.error()};
    found.active_agent = agent->registered && agent->standing != domain::agent_standing::retired;
  }
  const auto ring = replay_keys(log);
  if (!ring) return unexpected{ring.error()};
  for (const auto& [id, key] : ring->keys) {
    const bool is_own =
        key.role == domain::key_role::agent ? subject == "agent:" + key.agent.value : subject == key.name;
    if (is_own && is_live(key, now)) found.live_keys.push_back(id);
  }
  auto unsealed = eventstore::find_unsealed(log, subject, stop);
  if (!unsealed) return unexpected{unsealed.error()};
  found.unsealed = std::move(*unsealed);
  return found;
}

}  // namespace planexe::projections
