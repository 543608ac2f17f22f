// Two executions beside each other, as clients see them. Pure, any thread.
#pragma once

#include <string>

#include "domain/execution_state.hpp"

namespace planexe::gateway {

struct compared_execution {
  const domain::execution_id& id;
  const domain::execution_state& state;  ///< must exist
  domain::timestamp now;                 ///< its own: that of the clock, or of a past state
};

/// Appends the answer to GET …/compare.
void render_comparison(std::string& out, const compared_execution& here, const compared_execution& there);

}  // namespace planexe::gateway
