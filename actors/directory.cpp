#include "actors/directory.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include "actors/agent.hpp"
#include "actors/environment.hpp"
#include "actors/execution.hpp"

namespace planexe::actors {

template <class Id, class Handle, class Spawn>
Handle directory::find_or_spawn(std::unordered_map<Id, Handle>& map, const Id& id, Spawn&& spawn) {
  const std::lock_guard lock{mutex_};
  if (const auto found = map.find(id); found != map.end()) return found->second;
  Handle handle = spawn();
  map.emplace(id, handle);
  // However it ends, its place is free: the next message rebuilds it from the log.
  const auto number = handle->id();
  caf::actor_cast<caf::abstract_actor*>(handle)->attach_functor([this, id, number](const caf::error& reason) {
    if (reason && reason != caf::exit_reason::user_shutdown)
      spdlog::error("the actor of '{}' ended: {}", id.value, env_.system.render(reason));
    forget(id, number);
  });
  return handle;
}

execution_actor directory::execution(const domain::execution_id& id) {
  return find_or_spawn(executions_, id, [&] { return env_.system.spawn(actors::execution, &env_, id); });
}

agent_actor directory::agent(const domain::agent_id& id) {
  return find_or_spawn(agents_, id, [&] { return env_.system.spawn(actors::agent, &env_, id); });
}

void directory::forget(const domain::execution_id& id, caf::actor_id actor) {
  const std::lock_guard lock{mutex_};
  if (const auto found = executions_.find(id); found != executions_.end() && found->second->id() == actor)
    executions_.erase(found);
}

void directory::forget(const domain::agent_id& id, caf::actor_id actor) {
  const std::lock_guard lock{mutex_};
  if (const auto found = agents_.find(id); found != agents_.end() && found->second->id() == actor) agents_.erase(found);
}

void directory::dismiss_all() {
  std::unordered_map<domain::execution_id, execution_actor> executions;
  std::unordered_map<domain::agent_id, agent_actor> agents;
  {
    const std::lock_guard lock{mutex_};
    executions.swap(executions_);
    agents.swap(agents_);
  }
  for (const auto& [id, handle] : executions) caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  for (const auto& [id, handle] : agents) caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
}

std::size_t directory::live_executions() const {
  const std::lock_guard lock{mutex_};
  return executions_.size();
}

}  // namespace planexe::actors
