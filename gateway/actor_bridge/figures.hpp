// Gathering the server's figures. Private to gateway/actor_bridge.
#pragma once

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/render_metrics.hpp"

namespace planexe::gateway {

/// How far each view is behind the log. In the projector's thread.
result<std::vector<view_lag>> lags_of(const actor_bridge::core& core);

/// Everything but what the process itself tells. In the projector's thread; looks at each agent once.
result<server_figures> figures_of(actor_bridge::core& core);

/// What /proc/self says. Reads files; not in the projector's thread.
process_figures figures_of_process();

}  // namespace planexe::gateway
