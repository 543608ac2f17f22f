#include "actors/supervisor.hpp"

#include "actors/environment.hpp"

namespace planexe::actors {

supervisor_actor::behavior_type supervisor(supervisor_actor::stateful_pointer<supervisor_state> self, environment* env,
                                           const std::vector<domain::execution_id>& live) {
  for (const auto& id : live) self->state.awaited.insert(id.value);
  return {
      [self, env](start_atom) {
        for (const auto& id : self->state.awaited) env->directory.tell(domain::execution_id{id}, recover_atom_v);
        if (self->state.awaited.empty()) env->on_recovered();
      },
      [self, env](recover_atom, const std::string& id) {
        if (self->state.awaited.erase(id) > 0 && self->state.awaited.empty()) env->on_recovered();
      },
  };
}

}  // namespace planexe::actors
