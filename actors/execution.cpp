#include "actors/execution.hpp"

#include <caf/send.hpp>

#include "actors/execution_process.hpp"

namespace planexe::actors {

execution_actor_state::execution_actor_state() = default;
execution_actor_state::~execution_actor_state() = default;

execution_actor::behavior_type execution(execution_actor::stateful_pointer<execution_actor_state> self,
                                         environment* env, const domain::execution_id& id) {
  self->state.process =
      std::make_unique<execution_process>(*env, id, [handle = caf::actor_cast<caf::weak_actor_ptr>(self->address())] {
        if (const auto strong = handle.lock()) caf::anon_send(caf::actor_cast<execution_actor>(strong), rebuild_atom_v);
      });
  // Leaves the directory first: whatever is sent from now on starts a new actor, and what was sent before is handled.
  const auto leave = [self, env, id] {
    env->directory.forget(id, self->id());
    self->send(self, stop_atom_v);
  };
  return {
      [self, leave](command_atom, const execution_request_ptr& request) {
        self->state.process->load();
        self->state.process->handle(*request);
        if (!self->state.process->exists()) leave();
      },
      [self, leave](assign_atom, const assignment_ptr& assignment) {
        self->state.process->load();
        self->state.process->assign(*assignment);
      },
      [self, leave](wake_atom) {
        self->state.process->load();
        if (self->state.process->wake()) leave();
      },
      [self, env, id](recover_atom) {
        self->state.process->load();
        self->send(env->supervisor, recover_atom_v, id.value);
      },
      [self](restore_atom, const std::string& agent) {
        self->state.process->load();
        self->state.process->restore_leases(domain::agent_id{agent});
      },
      [self, env, id](rebuild_atom) {
        env->directory.forget(id, self->id());
        self->quit();
      },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace planexe::actors
