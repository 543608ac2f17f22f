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
  // Leaves the directory first: whatever is sent from now on starts a new actor, and what was sent before is passed on
  // to that one. An execution has one writer.
  const auto leave = [self, env, id] {
    self->state.leaving = true;
    env->directory.forget(id, self->id());
    self->send(self, stop_atom_v);
  };
  const auto passed_on = [self, env, id](const auto&... message) {
    if (self->state.leaving) env->directory.tell(id, message...);
    return self->state.leaving;
  };
  return {
      [=](command_atom command, const execution_request_ptr& request) {
        if (passed_on(command, request)) return;
        self->state.process->load();
        self->state.process->handle(*request);
        if (!self->state.process->exists()) leave();
      },
      [=](assign_atom assign, const assignment_ptr& assignment) {
        if (passed_on(assign, assignment)) return;
        self->state.process->load();
        self->state.process->assign(*assignment);
      },
      [=](wake_atom wake) {
        if (passed_on(wake)) return;
        self->state.process->load();
        if (self->state.process->wake()) leave();
      },
      [=](staffing_atom staffing, bool staffed, const std::string& reason) {
        if (passed_on(staffing, staffed, reason)) return;
        self->state.process->load();
        self->state.process->note_staffing(staffed, reason);
      },
      [=](recover_atom recover) {
        if (passed_on(recover)) return;
        self->state.process->load();
        self->send(env->supervisor, recover_atom_v, id.value);
      },
      [=](restore_atom restore, const std::string& agent) {
        if (passed_on(restore, agent)) return;
        self->state.process->load();
        self->state.process->restore_leases(domain::agent_id{agent});
      },
      [=](rebuild_atom) {
        if (self->state.leaving) return;
        leave();
        env->directory.tell(id, wake_atom_v);  // its successor loads itself and tells everybody what it has
      },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace planexe::actors
