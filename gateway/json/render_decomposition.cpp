#include "gateway/json/render_decomposition.hpp"

#include "domain/execution_status.hpp"
#include "gateway/json/task_members.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

constexpr double hours_a_day = 8;  // of work, as plans count it

void append_ids(json_writer& writer, std::string_view name, const std::vector<domain::task_id>& ids) {
  writer.key(name);
  writer.begin_array();
  for (const auto& id : ids) writer.text(id.value);
  writer.end_array();
}

/// In the form that parse_subtasks reads, so that an answer can be sent back as it came.
void append_part(json_writer& writer, const domain::new_subtask& part) {
  const auto& task = part.definition;
  writer.begin_object();
  writer.member("subtask_id", task.id);
  writer.member("title", task.title);
  writer.optional_member("description", task.description);
  append_action(writer, task);
  append_ids(writer, "depends_on", part.depends_on);
  writer.member("success_criteria", task.success_criteria);
  if (task.estimate) writer.member("estimated_hours", task.estimate->days_realistic * hours_a_day);
  if (task.timeout) writer.member("timeout_hours", as_hours(*task.timeout));
  writer.optional_member("assignee_role", task.assignee_role);
  writer.end_object();
}

}  // namespace

void render_decomposition(std::string& out, const decomposition_answer& answer) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("task_id", answer.task);
  writer.member("decomposition_confidence", answer.confidence);
  writer.key("decomposed_subtasks");
  writer.begin_array();
  for (const auto& part : answer.parts.subtasks) append_part(writer, part);
  writer.end_array();
  append_ids(writer, "execution_sequence", answer.sequence);
  writer.member("notes", answer.parts.notes);
  writer.key("warnings");
  writer.begin_array();
  for (const auto& warning : answer.warnings) {
    writer.begin_object();
    writer.member("code", warning.code);
    writer.member("detail", warning.detail);
    writer.optional_member("task_id", warning.task);
    writer.end_object();
  }
  writer.end_array();
  writer.member("source", domain::name_of(answer.parts.source));
  writer.optional_member("model", answer.parts.model);
  writer.end_object();
}

}  // namespace planexe::gateway
