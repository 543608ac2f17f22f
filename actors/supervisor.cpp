#include "actors/supervisor.hpp"

#include <caf/send.hpp>

#include "actors/environment.hpp"
#include "actors/read_side.hpp"
#include "actors/timers.hpp"

namespace planexe::actors {

result<survivors> survivors_in(read_side& views) {
  survivors known;
  auto rows = views.timers.rows();
  if (!rows) return unexpected{rows.error()};
  for (auto& row : *rows)
    if (row.has_work)
      known.live.push_back(row.execution);
    else
      known.sleeping.push_back(std::move(row));
  for (const auto* row : views.agents.rows())
    if (row->state.standing == domain::agent_standing::active)
      known.agents.emplace_back(row->id, std::make_shared<const domain::agent_profile>(row->state.profile));
  return known;
}

supervisor_actor::behavior_type supervisor(supervisor_actor::stateful_pointer<supervisor_state> self, environment* env,
                                           const survivors& known) {
  for (const auto& id : known.live) self->state.awaited.insert(id.value);
  return {
      [self, env, agents = known.agents, sleeping = known.sleeping](start_atom) {
        for (const auto& row : sleeping)
          caf::anon_send(env->timers, arm_atom_v, owner_of(row.execution),
                         static_cast<std::int64_t>(row.due->time_since_epoch().count()));
        for (const auto& [agent, profile] : agents) {
          env->presence.seen(agent, env->time.now());
          caf::anon_send(env->matcher, roster_atom_v, agent.value, profile);
        }
        for (const auto& id : self->state.awaited) env->directory.tell(domain::execution_id{id}, recover_atom_v);
        if (self->state.awaited.empty()) env->on_recovered();
      },
      [self, env](recover_atom, const std::string& id) {
        if (self->state.awaited.erase(id) > 0 && self->state.awaited.empty()) env->on_recovered();
      },
  };
}

}  // namespace planexe::actors
