#include "gateway/json/render_overview.hpp"

#include "domain/execution_status.hpp"
#include "gateway/json/parse_control.hpp"
#include "gateway/json/render_activity.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

void append_row(json_writer& writer, const projections::execution_row& row) {
  std::string text;
  render_execution_row(text, row);
  writer.raw(text);
}

void append_entries(json_writer& writer, std::span<const projections::activity_row* const> entries) {
  writer.begin_array();
  for (const auto* entry : entries) append_activity(writer, *entry);
  writer.end_array();
}

}  // namespace

void render_overview(std::string& out, const overview& shown) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "snapshot");
  writer.member("seq", shown.position);
  writer.key("executions");
  writer.begin_array();
  for (const auto* row : shown.executions) append_row(writer, *row);
  writer.end_array();
  writer.key("agents");
  writer.begin_array();
  for (const auto& [row, presence] : shown.agents) append_agent(writer, *row, presence);
  writer.end_array();
  writer.key("activity");
  append_entries(writer, shown.activity);
  if (shown.thrown != nullptr) {
    std::string state;
    render_switch(state, *shown.thrown);
    writer.raw_member("switch", state);
  }
  if (shown.more_executions) writer.member("more_executions", true);
  if (shown.more_agents) writer.member("more_agents", true);
  writer.end_object();
}

void render_overview_update(std::string& out, const projections::execution_row& row) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "execution_update");
  writer.member("execution_id", row.id);
  writer.member("seq", row.version);
  writer.member("status", domain::name_of(row.status));
  writer.key("progress");
  append_progress(writer, row);
  writer.member("timestamp", row.updated_at);
  writer.key("execution");
  append_row(writer, row);
  writer.end_object();
}

void render_agent_update(std::string& out, const projections::agent_row& row, const agent_presence& presence) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "agent_update");
  writer.key("agent");
  append_agent(writer, row, presence);
  writer.end_object();
}

void render_presence(std::string& out, std::span<const agent_and_presence> agents) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "presence");
  writer.key("agents");
  writer.begin_array();
  for (const auto& [row, presence] : agents) {
    writer.begin_object();
    writer.member("agent_id", row->id);
    writer.member("status", presence.status);
    writer.optional_member("last_seen_at", presence.last_seen_at);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

void render_activity_message(std::string& out, std::span<const projections::activity_row* const> entries) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "activity");
  writer.key("entries");
  append_entries(writer, entries);
  writer.end_object();
}

void render_switch_message(std::string& out, const domain::switch_state& state) {
  std::string members;
  render_switch(members, state);
  out += R"({"type":"switch",)";
  out.append(members, 1);
}

}  // namespace planexe::gateway
