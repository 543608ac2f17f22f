// What the server needs from other servers, as its configuration names them: a language model that takes tasks apart,
// and PlanExe's worker that holds finished runs. Set up once at the start.
#pragma once

#include <memory>

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

}  // namespace planexe::apps
