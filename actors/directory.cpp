#include "actors/directory.hpp"

#include <caf/actor_system.hpp>
#include <spdlog/spdlog.h>

#include "actors/agent.hpp"
#include "actors/environment.hpp"
#include "actors/execution.hpp"

namespace planexe::actors {

execution_actor directory::spawn(const domain::execution_id& id) {
  return env_.system.spawn(actors::execution, &env_, id);
}

agent_actor directory::spawn(const domain::agent_id& id) {
  return env_.system.spawn(actors::agent, &env_, id);
}

template <class Id>
void directory::watch(const Id& id, caf::actor_id number, const caf::actor& handle) {
  caf::actor_cast<caf::abstract_actor*>(handle)->attach_functor([this, id, number](const caf::error& reason) {
    if (reason && reason != caf::exit_reason::user_shutdown)
      spdlog::error("the actor of '{}' ended: {}", id.value, env_.system.render(reason));
    forget(id, number);
  });
}
template void directory::watch(const domain::execution_id&, caf::actor_id, const caf::actor&);
template void directory::watch(const domain::agent_id&, caf::actor_id, const caf::actor&);

void directory::close() {
  std::unordered_map<domain::execution_id, execution_actor> executions;
  std::unordered_map<domain::agent_id, agent_actor> agents;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    executions.swap(executions_);
    agents.swap(agents_);
  }
  for (const auto& [id, handle] : executions) caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  for (const auto& [id, handle] : agents) caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
}

}  // namespace planexe::actors
