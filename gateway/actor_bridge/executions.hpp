// What the answers to commands about executions have in common. Private to gateway/actor_bridge.
#pragma once

#include "gateway/actor_bridge/core.hpp"

namespace planexe::gateway {

/// The whole execution, with its `ETag`; a new one with its `Location`.
response execution_response(unsigned status, const domain::execution_id& id, const domain::execution_state& state,
                            domain::timestamp now);

/// The version that `If-Match` asks for. Nothing: any. A tag that no version can have is a mismatch.
expected<std::optional<std::uint64_t>, problem> wanted_version(const request& request);

}  // namespace planexe::gateway
