// What the server needs from other servers, as its configuration names them: a language model that takes tasks apart,
// PlanExe's worker that holds finished runs, and whoever is notified. Set up once at the start.
#pragma once

#include <memory>

#include "actors/requests.hpp"
#include "apps/config/config.hpp"
#include "domain/result.hpp"
#include "gateway/actor_bridge/bridge.hpp"
#include "plans/decomposition/decomposer.hpp"

namespace planexe::apps {

/// Templates alone, or the model that PLANEXE_DECOMPOSITION_MODEL names. A model that is not in the list, or whose key
/// is not set, is an error: one line for a person.
result<std::shared_ptr<plans::decomposer>> make_decomposer(const config::server_config& config);

/// Empty where PLANEXE_WORKER_PLAN_URL is.
gateway::run_fetcher make_run_fetcher(const config::server_config& config);

/// Sends notifications as signed webhooks on threads of its own.
class webhook_sender {
 public:
  /// An address or a secret that can never work is an error: one line for a person.
  static result<std::unique_ptr<webhook_sender>> make(const config::server_config& config);
  ~webhook_sender();

  /// Any thread. After `stop` everything is cancelled at once.
  void send(actors::outgoing_notification notification, std::function<void(domain::delivery_outcome)> done);
  /// Cancels what is under way, and returns when that has been told.
  void stop();

 private:
  struct impl;
  explicit webhook_sender(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

}  // namespace planexe::apps
