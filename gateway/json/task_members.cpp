#include "gateway/json/task_members.hpp"

#include "domain/execution_status.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {

void append_identity(json_writer& writer, const domain::plan& plan, domain::task_index task) {
  const auto& definition = plan.tasks[task];
  writer.member("task_id", definition.id);
  if (definition.parent != domain::no_task) writer.member("parent_id", plan.tasks[definition.parent].id);
  writer.member("level", domain::name_of(definition.level));
  writer.member("title", definition.title);
  writer.member("description", definition.description);
}

void append_action(json_writer& writer, const domain::task_definition& task) {
  writer.member("action", task.action);
  writer.raw_member("params", task.params_json.empty() ? std::string_view("{}") : task.params_json);
}

void append_capabilities(json_writer& writer, const domain::task_definition& task) {
  writer.key("required_capabilities");
  writer.begin_array();
  for (const auto& capability : task.required_capabilities) writer.text(capability);
  writer.end_array();
  writer.optional_member("success_criteria", task.success_criteria);
}

void append_estimate(json_writer& writer, const domain::task_definition& task) {
  if (!task.estimate) return;
  writer.key("estimate");
  writer.begin_object();
  writer.member("days_min", task.estimate->days_min);
  writer.member("days_realistic", task.estimate->days_realistic);
  writer.member("days_max", task.estimate->days_max);
  writer.end_object();
}

void append_judgement(json_writer& writer, const domain::task_definition& task) {
  writer.member("priority", task.priority);
  writer.member("agent_executable", task.agent_executable);
  writer.member("decomposition_confidence", task.decomposition_confidence);
  writer.member("autonomy_tier", static_cast<unsigned>(task.tier));
  writer.member("role_certainty", task.role_certainty);
  writer.key("why");
  writer.begin_array();
  for (const auto& factor : task.why) {
    writer.begin_object();
    writer.member("feature", factor.feature);
    writer.member("weight", factor.weight);
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace planexe::gateway
