#include "gateway/json/render_agent.hpp"

#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

void append_capabilities(json_writer& writer, const domain::agent_profile& profile) {
  writer.key("capabilities");
  writer.begin_array();
  for (const auto& capability : profile.capabilities) {
    writer.begin_object();
    writer.member("action", capability.action);
    writer.raw_member("params", capability.params_json);
    writer.end_object();
  }
  writer.end_array();
}

void append_profile(json_writer& writer, const domain::agent_id& id, const domain::agent_profile& profile) {
  writer.member("agent_id", id);
  writer.member("name", profile.name);
  writer.member("kind", agent_kind_name(profile.kind));
  writer.key("roles");
  writer.begin_array();
  for (const auto& role : profile.roles) writer.text(role);
  writer.end_array();
  append_capabilities(writer, profile);
  writer.member("max_concurrent_tasks", profile.max_concurrent_tasks);
  writer.optional_member("webhook_url", profile.webhook_url);
}

void append_history(json_writer& writer, const domain::agent_state& state) {
  writer.member("version", state.version);
  writer.member("registered_at", state.registered_at);
  writer.member("updated_at", state.updated_at);
}

void append_held(json_writer& writer, const std::vector<projections::held_task>& held) {
  writer.key("held_tasks");
  writer.begin_array();
  for (const auto& task : held) {
    writer.begin_object();
    writer.member("execution_id", task.execution);
    writer.member("task_id", task.task);
    writer.member("since", task.since);
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

std::string_view agent_kind_name(domain::agent_kind kind) {
  switch (kind) {
    case domain::agent_kind::human:
      return "human";
    case domain::agent_kind::service:
      return "service";
    case domain::agent_kind::ai:
      break;
  }
  return "ai";
}

void append_agent(json_writer& writer, const projections::agent_row& row, const agent_presence& presence) {
  writer.begin_object();
  append_profile(writer, row.id, row.state.profile);
  writer.member("status", presence.status);
  writer.optional_member("last_seen_at", presence.last_seen_at);
  append_held(writer, row.held);
  writer.member("completed", row.completed);
  writer.member("failed", row.failed);
  writer.optional_member("median_task_seconds", projections::median_task_seconds(row));
  append_history(writer, row.state);
  writer.end_object();
}

void render_agent(std::string& out, const projections::agent_row& row, const agent_presence& presence) {
  json_writer writer(out);
  append_agent(writer, row, presence);
}

void render_registration(std::string& out, const domain::agent_id& id, const domain::agent_state& state,
                         std::string_view api_key) {
  json_writer writer(out);
  writer.begin_object();
  append_profile(writer, id, state.profile);
  // One that has only been registered is active until it is seen to have nothing to do.
  writer.member("status", domain::name_of(state.standing));
  append_history(writer, state);
  writer.optional_member("api_key", api_key);
  writer.end_object();
}

void render_capabilities(std::string& out, const domain::agent_id& id, const domain::agent_profile& profile) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("agent_id", id);
  append_capabilities(writer, profile);
  writer.end_object();
}

}  // namespace planexe::gateway
