#include "actors/timers.hpp"

#include <caf/send.hpp>

#include "actors/environment.hpp"

namespace planexe::actors {
namespace {

constexpr std::size_t most_woken_a_tick = 1'000;  // after a long standstill others get a turn in between

void wake(environment& env, const owner_key& owner) {
  const auto id = owner.substr(1);
  if (owner == the_matcher)
    caf::anon_send(env.matcher, wake_atom_v);
  else if (owner == the_notifier)
    caf::anon_send(env.notifier, wake_atom_v);
  else if (owner == the_archivist)
    caf::anon_send(env.archivist, wake_atom_v);
  else if (owner.front() == 'e')
    env.directory.tell(domain::execution_id{id}, wake_atom_v);
  else
    env.directory.tell(domain::agent_id{id}, wake_atom_v);
}

}  // namespace

owner_key owner_of(const domain::execution_id& id) {
  return 'e' + id.value;
}
owner_key owner_of(const domain::agent_id& id) {
  return 'a' + id.value;
}

timers_actor::behavior_type timers(timers_actor::stateful_pointer<timers_state> self, environment* env) {
  self->delayed_send(self, env->settings.tick, clock_atom_v);
  return {
      [self](arm_atom, const owner_key& owner, std::int64_t deadline) {
        auto& state = self->state;
        const auto [known, added] = state.armed.try_emplace(owner, deadline);
        if (!added) {
          state.due.erase({known->second, owner});
          known->second = deadline;
        }
        state.due.emplace(deadline, owner);
      },
      [self, env](clock_atom) {
        auto& state = self->state;
        const auto now = env->time.now().time_since_epoch().count();
        for (std::size_t woken = 0; woken < most_woken_a_tick && !state.due.empty(); ++woken) {
          const auto first = state.due.begin();
          if (first->first > now) break;
          wake(*env, first->second);
          state.armed.erase(first->second);
          state.due.erase(first);
        }
        self->delayed_send(self, env->settings.tick, clock_atom_v);
      },
  };
}

}  // namespace planexe::actors
