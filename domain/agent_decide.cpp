// What each command to an agent comes to. Nothing here changes a state.
#include "domain/agent_commands.hpp"

namespace planexe::domain {
namespace {

agent_decision refuse(rejection_code code, std::string detail) {
  return {{}, rejection{code, std::move(detail), {}}};
}

struct decider {
  const agent_state& state;

  agent_decision operator()(const register_agent& c) const {
    if (!state.registered) return {{agent_registered{c.profile}}, {}};
    if (state.profile == c.profile) return {};
    return refuse(rejection_code::already_exists, "an agent of this id is registered with other content");
  }

  agent_decision operator()(const change_agent& c) const {
    if (!state.registered) return refuse(rejection_code::not_found, "no such agent");
    agent_decision decision;
    auto profile = state.profile;
    if (c.roles) profile.roles = *c.roles;
    if (c.capabilities) profile.capabilities = *c.capabilities;
    if (c.max_concurrent_tasks) profile.max_concurrent_tasks = *c.max_concurrent_tasks;
    if (c.webhook_url) profile.webhook_url = *c.webhook_url;
    if (profile != state.profile) decision.events.emplace_back(agent_profile_changed{std::move(profile)});
    if (c.standing && *c.standing != state.standing) decision.events.emplace_back(agent_standing_changed{*c.standing});
    return decision;
  }
};

}  // namespace

agent_decision decide(const agent_state& state, const agent_command& command) {
  return std::visit(decider{state}, command);
}

}  // namespace planexe::domain
