// The bridge: turns checked requests into messages to the actors, and their answers into responses. The only part of
// the gateway that knows the actors. Its handlers run on the I/O threads and never block: what takes long goes to one
// worker thread, what is read goes through the projector, what is written through the actors.
#pragma once

#include <atomic>
#include <memory>

#include "domain/execution_events.hpp"
#include "gateway/http/routes.hpp"

namespace planexe::actors {
class runtime;
}

namespace planexe::gateway {

/// What the server is doing, for /readyz and for whoever asks for anything else.
enum class serving_state : std::uint8_t { starting, ready, draining, disabled };

struct bridge_options {
  domain::execution_options defaults;  ///< of executions whose creator does not say otherwise
  double review_threshold = 0.7;
  bool websocket_enabled = true;
  /// Set by whoever learns first that nothing can be recorded any more; never cleared.
  std::shared_ptr<const std::atomic<bool>> storage_failed = std::make_shared<const std::atomic<bool>>(false);
  /// Commands under way at most; a further one is told 503.
  std::size_t most_commands = 4'096;
};

class actor_bridge {
 public:
  /// `runtime` must outlive the bridge.
  actor_bridge(actors::runtime& runtime, bridge_options options);
  ~actor_bridge();

  /// Binds every operation of the route table.
  void bind(router& routes);
  /// Any thread.
  void set_state(serving_state state);
  serving_state state() const;
  /// Refuses what comes from now on, and waits for the commands under way, `limit` at most.
  void drain(domain::milliseconds limit);
  /// Ends the worker; what it had not begun is told 503.
  void stop();

  /// What the parts of the bridge share (core.hpp).
  struct core;

 private:
  std::unique_ptr<core> core_;
};

}  // namespace planexe::gateway
