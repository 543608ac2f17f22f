// The plan against reality, as clients see it. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/report.hpp"

namespace planexe::gateway {

/// Who there is for a role at the moment of asking.
struct role_agents {
  std::uint32_t agents = 0;         ///< that may take its work, those that were retired left out
  std::uint32_t agents_active = 0;  ///< of them, those that hold something
};

/// Appends the answer to GET …/report. `agents` is by the report's roles, in their order; null: not known, as of a past
/// state.
void render_report(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                   const domain::execution_report& report, const std::vector<role_agents>* agents);

}  // namespace planexe::gateway
