// Agents as clients see them. Pure, any thread; each function appends one JSON value to `out`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "projections/rows.hpp"

namespace planexe::gateway {

class json_writer;

/// What the log does not say about an agent.
struct agent_presence {
  std::string_view status = "idle";  ///< active, idle, unreachable, paused or retired
  std::optional<domain::timestamp> last_seen_at;
};

void append_agent(json_writer& writer, const projections::agent_row& row, const agent_presence& presence);
void render_agent(std::string& out, const projections::agent_row& row, const agent_presence& presence);
/// The answer to a registration; `api_key` is shown this once, or empty.
void render_registration(std::string& out, const domain::agent_id& id, const domain::agent_state& state,
                         std::string_view api_key);
/// `{agent_id, capabilities}`
void render_capabilities(std::string& out, const domain::agent_id& id, const domain::agent_profile& profile);

std::string_view agent_kind_name(domain::agent_kind kind);

}  // namespace planexe::gateway
