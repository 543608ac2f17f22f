// Reaches the actor of an execution or agent, and starts it when there is none. Any thread.
//
// A message is looked up and sent under one lock, and so is an actor's leave: whatever was sent to an actor stands in
// its mailbox before the message that ends it, and everything later goes to its successor.
#pragma once

#include <caf/send.hpp>

#include <mutex>
#include <unordered_map>

#include "actors/interfaces.hpp"

namespace planexe::actors {

struct environment;

class directory {
 public:
  explicit directory(environment& owner) : env_(owner) {}

  /// After `close` messages are dropped; what they own answers for itself.
  template <class... Message>
  void tell(const domain::execution_id& id, Message&&... message) {
    send_to(executions_, id, std::forward<Message>(message)...);
  }
  template <class... Message>
  void tell(const domain::agent_id& id, Message&&... message) {
    send_to(agents_, id, std::forward<Message>(message)...);
  }

  /// Takes an actor out, so that the next message starts a new one. Nothing when another one has taken its place.
  void forget(const domain::execution_id& id, caf::actor_id actor) { forget_in(executions_, id, actor); }
  void forget(const domain::agent_id& id, caf::actor_id actor) { forget_in(agents_, id, actor); }

  /// Sends everybody away, without waiting for them, and starts nobody any more.
  void close();

 private:
  template <class Map, class Id, class... Message>
  void send_to(Map& map, const Id& id, Message&&... message) {
    typename Map::mapped_type started;
    {
      const std::lock_guard lock{mutex_};
      if (closed_) return;
      auto found = map.find(id);
      if (found == map.end()) found = map.emplace(id, started = spawn(id)).first;
      caf::anon_send(found->second, std::forward<Message>(message)...);
    }
    if (started) watch(id, started->id(), caf::actor_cast<caf::actor>(started));
  }
  template <class Map, class Id>
  void forget_in(Map& map, const Id& id, caf::actor_id actor) {
    const std::lock_guard lock{mutex_};
    if (const auto found = map.find(id); found != map.end() && found->second->id() == actor) map.erase(found);
  }
  execution_actor spawn(const domain::execution_id& id);
  agent_actor spawn(const domain::agent_id& id);
  /// However an actor ends, its place becomes free.
  template <class Id>
  void watch(const Id& id, caf::actor_id number, const caf::actor& handle);

  environment& env_;
  // Recursive: a message that finds its receiver gone is destroyed at once, and what it owned may tell somebody.
  std::recursive_mutex mutex_;
  bool closed_ = false;
  std::unordered_map<domain::execution_id, execution_actor> executions_;
  std::unordered_map<domain::agent_id, agent_actor> agents_;
};

}  // namespace planexe::actors
