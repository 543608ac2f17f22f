#include "gateway/json/render_stream.hpp"

#include <algorithm>

#include "domain/execution_status.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

std::uint32_t blockers_of(const domain::execution_state& state) {
  if (!domain::may_have_blockers(state)) return 0;
  const auto& leaves = state.graph->leaves();
  return static_cast<std::uint32_t>(
      std::ranges::count_if(leaves, [&](domain::task_index leaf) { return domain::is_blocker(state, leaf); }));
}

}  // namespace

void render_snapshot_message(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                             domain::timestamp now, const lease_expiry& expiry) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "snapshot");
  writer.member("seq", state.version);
  std::string part;
  render_execution(part, id, state, now);
  writer.raw_member("execution", part);
  part.clear();
  render_task_tree(part, state, now, expiry);
  writer.raw_member("tasks", part);
  writer.end_object();
}

void render_update_message(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                           const projections::task_changes& changes, const lease_expiry& expiry) {
  const auto attention = blockers_of(state);
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "execution_update");
  writer.member("execution_id", id);
  writer.member("seq", state.version);
  writer.member("status", domain::name_of(state.status));
  writer.key("progress");
  append_progress(writer, state);
  writer.member("timestamp", state.updated_at);
  writer.member("version", state.version);
  writer.member("status_message", domain::message_of(state));
  writer.key("agents");
  writer.begin_array();
  for (const auto& agent : holders_of(state)) writer.text(agent.value);
  writer.end_array();
  writer.member("waiting_for_people", state.in(domain::leaf_stage::reviewing));
  writer.member("blockers", attention > 0);
  writer.member("attention", attention);
  writer.member("priority", state.priority);
  writer.optional_member("started_at", state.started_at);
  writer.optional_member("completed_at", state.completed_at);
  writer.member("updated_at", state.updated_at);
  writer.optional_member("deadline_at", state.deadline_at);
  if (changes.structure) writer.member("structure", true);
  writer.key("tasks");
  append_task_rows(writer, state, changes, expiry);
  writer.end_object();
}

void render_caught_up_message(std::string& out, std::uint64_t seq) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "caught_up");
  writer.member("seq", seq);
  writer.end_object();
}

void render_resync_message(std::string& out, std::string_view reason) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "resync");
  writer.member("reason", reason);
  writer.end_object();
}

}  // namespace planexe::gateway
