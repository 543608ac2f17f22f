#include "actors/matcher.hpp"

#include <caf/send.hpp>

#include <algorithm>

#include "actors/environment.hpp"
#include "actors/timers.hpp"

namespace planexe::actors {
namespace {

constexpr domain::milliseconds look_again_after{1'000};

void assign(environment& env, const domain::work_claim& claim) {
  const auto settle = [&env, agent = claim.agent, offer = claim.offer](work_item_ptr work) {
    env.directory.tell(agent, settled_atom_v, offer, std::move(work));
  };
  env.directory.tell(claim.execution, assign_atom_v, std::make_shared<assignment>(claim, settle));
}

/// The agent hears how many answers to expect before the first of them can reach it.
void announce(environment& env, const domain::agent_id& agent, std::uint64_t offer, std::size_t claims) {
  env.directory.tell(agent, claimed_atom_v, offer, static_cast<std::uint32_t>(claims));
}

/// Tells executions what has changed about who could work for them.
void tell_staffing(environment& env, domain::match_table& table) {
  for (auto& word : table.changed_staffing())
    env.directory.tell(word.execution, staffing_atom_v, word.staffed, std::move(word.reason));
}

/// Asks to be woken when the next agent may have to be lost, unless a wake-up before that is on its way.
void arm(environment& env, matcher_state& state) {
  if (state.looks.empty()) return;
  // Agents fall silent one by one: those of a moment are looked at together.
  const auto earliest = env.time.now() + std::min(env.settings.agent_timeout / 4, look_again_after);
  const auto at = std::max(state.looks.begin()->first, earliest);
  if (state.armed && *state.armed <= at) return;
  state.armed = at;
  caf::anon_send(env.timers, arm_atom_v, the_matcher, static_cast<std::int64_t>(at.time_since_epoch().count()));
}

void look_at(matcher_state& state, const domain::agent_id& agent, domain::timestamp at) {
  auto& known = state.roster.at(agent);
  if (known.look_at) state.looks.erase({*known.look_at, agent});
  known.look_at = at;
  state.looks.emplace(at, agent);
}

/// Loses the agents that have been silent for too long, and finds those that were heard of again. Each one is looked at
/// when its patience would end by what was known last: most have been heard of since.
void look_for_agents(environment& env, matcher_state& state) {
  state.armed.reset();
  const auto now = env.time.now();
  while (!state.looks.empty() && state.looks.begin()->first <= now) {
    const auto agent = state.looks.begin()->second;
    const auto silent_at = env.presence.last_seen(agent).value_or(now) + env.settings.agent_timeout;
    if (silent_at > now)
      state.table.reach(agent, state.roster.at(agent).profile);
    else
      state.table.lose(agent);
    // Of one that is lost a report may tell that it lives.
    look_at(state, agent, silent_at > now ? silent_at : now + env.settings.agent_timeout);
  }
  arm(env, state);
}

/// Whoever registers or asks for work is there, however long it was silent.
void meet(environment& env, matcher_state& state, const domain::agent_id& agent, const profile_ptr& profile) {
  state.roster[agent].profile = profile;
  state.table.reach(agent, profile);
  look_at(state, agent, env.time.now() + env.settings.agent_timeout);
  arm(env, state);
}

void forget(matcher_state& state, const domain::agent_id& agent) {
  if (const auto known = state.roster.find(agent); known != state.roster.end()) {
    if (known->second.look_at) state.looks.erase({*known->second.look_at, agent});
    state.roster.erase(known);
  }
  state.table.lose(agent);
}

}  // namespace

matcher_actor::behavior_type matcher(matcher_actor::stateful_pointer<matcher_state> self, environment* env) {
  return {
      [self, env](ready_atom, const readiness_ptr& change) {
        auto& table = self->state.table;
        for (const auto& claim : table.open(change->execution, change->priority, change->opened, change->staffed)) {
          announce(*env, claim.agent, claim.offer, 1);
          assign(*env, claim);
        }
        // Last, for it forgets an execution that has nothing open.
        table.close(change->execution, change->closed);
        tell_staffing(*env, table);
      },
      [self, env](offer_atom, const work_offer_ptr& offer, bool wait) {
        auto& table = self->state.table;
        if (!table.reaches(offer->agent) && self->state.roster.contains(offer->agent))
          meet(*env, self->state, offer->agent, offer->profile);
        const auto claims = table.offer(*offer, wait);
        if (!claims.empty() || !wait) {
          announce(*env, offer->agent, offer->id, claims.size());
          for (const auto& claim : claims) assign(*env, claim);
        }
        tell_staffing(*env, table);
      },
      [self, env](withdraw_atom, std::uint64_t offer, const std::string& agent) {
        self->state.table.withdraw(offer);
        announce(*env, domain::agent_id{agent}, offer, 0);
      },
      [self, env](roster_atom, const std::string& agent, const profile_ptr& profile) {
        auto& state = self->state;
        const domain::agent_id id{agent};
        if (profile) {
          meet(*env, state, id, profile);
        } else {
          forget(state, id);
        }
        tell_staffing(*env, state.table);
      },
      [self, env](wake_atom) {
        look_for_agents(*env, self->state);
        tell_staffing(*env, self->state.table);
      },
  };
}

}  // namespace planexe::actors
