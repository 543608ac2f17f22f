// Finds the actor of an execution or agent, and starts it when there is none. Any thread.
#pragma once

#include <mutex>
#include <unordered_map>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;

class directory {
 public:
  explicit directory(environment& owner) : env_(owner) {}

  execution_actor execution(const domain::execution_id& id);
  agent_actor agent(const domain::agent_id& id);

  /// Takes an execution's actor out, so that the next message starts a new one. Nothing when another one has taken its
  /// place already.
  void forget(const domain::execution_id& id, caf::actor_id actor);
  void forget(const domain::agent_id& id, caf::actor_id actor);
  /// Sends every execution's and agent's actor away, without waiting for them.
  void dismiss_all();
  std::size_t live_executions() const;

 private:
  template <class Id, class Handle, class Spawn>
  Handle find_or_spawn(std::unordered_map<Id, Handle>& map, const Id& id, Spawn&& spawn);

  environment& env_;
  mutable std::mutex mutex_;
  std::unordered_map<domain::execution_id, execution_actor> executions_;
  std::unordered_map<domain::agent_id, agent_actor> agents_;
};

}  // namespace planexe::actors
