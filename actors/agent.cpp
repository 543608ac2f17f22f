#include "actors/agent.hpp"

#include <caf/send.hpp>

#include "actors/agent_process.hpp"

namespace planexe::actors {

agent_actor_state::agent_actor_state() = default;
agent_actor_state::~agent_actor_state() = default;

agent_actor::behavior_type agent(agent_actor::stateful_pointer<agent_actor_state> self, environment* env,
                                 const domain::agent_id& id) {
  self->state.process =
      std::make_unique<agent_process>(*env, id, [handle = caf::actor_cast<caf::weak_actor_ptr>(self->address())] {
        if (const auto strong = handle.lock()) caf::anon_send(caf::actor_cast<agent_actor>(strong), rebuild_atom_v);
      });
  // Every message goes the same way: the agent is loaded first, and leaves when there is nothing of it.
  const auto with_process = [self, env, id](auto&& act) {
    self->state.process->load();
    act(*self->state.process);
    if (!self->state.process->is_empty()) return;
    env->directory.forget(id, self->id());
    self->send(self, rebuild_atom_v);
  };
  return {
      [=](command_atom, const agent_request_ptr& request) {
        with_process([&](agent_process& process) { process.handle(*request); });
      },
      [=](poll_atom, const poll_request_ptr& request) {
        with_process([&](agent_process& process) { process.poll(request); });
      },
      [=](claimed_atom, std::uint64_t offer, std::uint32_t count) {
        with_process([&](agent_process& process) { process.claimed(offer, count); });
      },
      [=](settled_atom, std::uint64_t offer, const work_item_ptr& work) {
        with_process([&](agent_process& process) { process.settled(offer, work); });
      },
      [=](notice_atom, const lease_notice_ptr& notice) {
        with_process([&](agent_process& process) { process.notice(*notice); });
      },
      [=](wake_atom) { with_process([](agent_process& process) { process.wake(); }); },
      [self, env, id](rebuild_atom) {
        env->directory.forget(id, self->id());
        self->quit();
      },
  };
}

}  // namespace planexe::actors
