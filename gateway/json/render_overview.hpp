// The messages of the stream that shows everything at a glance. Pure, any thread; each function appends one JSON text
// to `out`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/safety_switch.hpp"
#include "gateway/json/render_agent.hpp"
#include "projections/activity_views.hpp"

namespace planexe::gateway {

struct agent_and_presence {
  const projections::agent_row* row;
  agent_presence presence;
};

/// What a snapshot shows; everything pointed to outlives it.
struct overview {
  std::uint64_t position = 0;
  std::span<const projections::execution_row* const> executions;  ///< newest first
  bool more_executions = false;
  std::vector<agent_and_presence> agents;
  bool more_agents = false;
  std::vector<const projections::activity_row*> activity;  ///< newest first
  const domain::switch_state* thrown = nullptr;
};

/// `{type: "snapshot", seq, executions, agents, activity, switch, more_executions?, more_agents?}`
void render_overview(std::string& out, const overview& shown);
/// `{type: "execution_update", execution_id, seq, status, progress, timestamp, execution}`
void render_overview_update(std::string& out, const projections::execution_row& row);
/// `{type: "agent_update", agent}`
void render_agent_update(std::string& out, const projections::agent_row& row, const agent_presence& presence);
/// `{type: "presence", agents: [{agent_id, status, last_seen_at}]}`
void render_presence(std::string& out, std::span<const agent_and_presence> agents);
/// `{type: "activity", entries}`
void render_activity_message(std::string& out, std::span<const projections::activity_row* const> entries);
/// `{type: "switch", …}`
void render_switch_message(std::string& out, const domain::switch_state& state);

}  // namespace planexe::gateway
