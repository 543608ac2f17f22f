#include "gateway/json/render_activity.hpp"

#include "gateway/json/writer.hpp"

namespace planexe::gateway {

void append_activity(json_writer& writer, const projections::activity_row& row) {
  writer.begin_object();
  writer.member("position", row.position);
  writer.optional_member("execution_id", row.execution);
  writer.optional_member("title", row.title);
  writer.member("seq", row.seq);
  writer.member("event_type", row.event_type);
  writer.optional_member("task_id", row.task);
  writer.optional_member("task_title", row.task_title);
  writer.optional_member("agent_id", row.agent);
  writer.member("actor", row.actor);
  writer.optional_member("message", row.message);
  writer.member("timestamp", row.at);
  writer.end_object();
}

void render_activity(std::string& out, std::span<const projections::activity_row> rows) {
  json_writer writer(out);
  writer.begin_array();
  for (const auto& row : rows) append_activity(writer, row);
  writer.end_array();
}

}  // namespace planexe::gateway
