// Agents that can do the same, counted together: thousands of agents have a few profiles, and who serves a role is
// asked of each profile once. Private to gateway/actor_bridge.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "domain/role_service.hpp"
#include "gateway/actor_bridge/asked_state.hpp"

namespace planexe::gateway {

struct agent_crowd {
  domain::agent_profile profile;  ///< roles and capabilities of all of them; the rest is one's of them
  std::uint32_t agents = 0;       ///< those that were retired left out
  std::uint32_t active = 0;       ///< hold something
  std::uint32_t within_reach = 0;
  std::uint64_t capacity = 0;  ///< tasks that those within reach may hold at once
  std::uint64_t held = 0;
};
using agent_crowds = std::shared_ptr<const std::vector<agent_crowd>>;

/// In the projector's thread; takes about a microsecond for each agent. What it gives is a copy.
inline agent_crowds crowds_of(const actor_bridge::core& core) {
  std::map<std::string, agent_crowd> crowds;
  for (const auto* row : core.views.agents.listed()) {
    if (row->state.standing == domain::agent_standing::retired) continue;
    const auto& profile = row->state.profile;
    std::string key;
    for (const auto& role : profile.roles) key.append(role).push_back('\0');
    for (const auto& capability : profile.capabilities)
      if (capability.action == "*") key.push_back('\1');
    auto& crowd = crowds[key];
    if (crowd.agents++ == 0) crowd.profile = profile;
    const auto status = presence_of(core.env, *row).status;
    crowd.active += row->held.empty() ? 0U : 1U;
    crowd.held += row->held.size();
    if (status != "active" && status != "idle") continue;
    ++crowd.within_reach;
    crowd.capacity += profile.max_concurrent_tasks;
  }
  auto all = std::make_shared<std::vector<agent_crowd>>();
  for (auto& [key, crowd] : crowds) all->push_back(std::move(crowd));
  return all;
}

}  // namespace planexe::gateway
