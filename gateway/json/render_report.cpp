#include "gateway/json/render_report.hpp"

#include "domain/execution_status.hpp"
#include "gateway/json/render_forecast.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

std::optional<double> rounded(const std::optional<double>& days) {
  return days ? std::optional{rounded_days(*days)} : std::nullopt;
}

void append_totals(json_writer& writer, const domain::report_totals& totals,
                   const std::optional<domain::fork_origin>& origin) {
  writer.begin_object();
  writer.member("planned_days", rounded_days(totals.planned_days));
  writer.member("elapsed_days", rounded_days(totals.elapsed_days));
  writer.member("planned_effort_days", rounded_days(totals.planned_effort_days));
  writer.member("done_effort_days", rounded_days(totals.done_effort_days));
  writer.optional_member("slip_days", rounded(totals.slip_days));
  writer.member("tasks_total", totals.tasks_total);
  writer.member("tasks_completed", totals.tasks_completed);
  writer.member("tasks_skipped", totals.tasks_skipped);
  writer.member("tasks_failed", totals.tasks_failed);
  writer.member("attempts", totals.attempts);
  writer.member("failed_attempts", totals.failed_attempts);
  writer.member("critical_tasks", totals.critical_tasks);
  if (origin) {
    writer.key("inherited");
    writer.begin_object();
    writer.member("tasks_completed", origin->leaves_complete);
    writer.member("tasks_skipped", origin->leaves_skipped);
    writer.member("attempts", origin->attempts);
    writer.end_object();
  }
  writer.end_object();
}

void append_task(json_writer& writer, const domain::plan& plan, const domain::task_report& made) {
  const auto& definition = plan.tasks[made.task];
  writer.begin_object();
  writer.member("task_id", definition.id);
  if (definition.parent != domain::no_task) writer.member("parent_id", plan.tasks[definition.parent].id);
  writer.member("level", domain::name_of(definition.level));
  writer.member("title", definition.title);
  writer.member("status", domain::name_of(made.status));
  writer.member("critical", made.critical);
  writer.member("planned_start_days", rounded_days(made.planned_start));
  writer.member("planned_end_days", rounded_days(made.planned_end));
  writer.optional_member("planned_start", made.planned_start_at);
  writer.optional_member("planned_end", made.planned_end_at);
  writer.member("effort_days", rounded_days(made.effort_days));
  writer.optional_member("actual_start", made.actual_start);
  writer.optional_member("actual_end", made.actual_end);
  writer.optional_member("actual_days", rounded(made.actual_days));
  writer.optional_member("expected_start", made.expected_start);
  writer.optional_member("expected_end", made.expected_end);
  writer.optional_member("slip_days", rounded(made.slip_days));
  writer.member("attempts", made.attempts);
  writer.member("failed_attempts", made.failed_attempts);
  writer.end_object();
}

void append_role(json_writer& writer, const domain::role_report& role, const role_agents* agents) {
  writer.begin_object();
  writer.member("role", role.role);
  writer.member("leaves", role.leaves);
  writer.member("done", role.done);
  writer.member("running", role.running);
  writer.member("ready", role.ready);
  writer.member("waiting", role.waiting);
  writer.member("reviewing", role.reviewing);
  writer.member("failed", role.failed);
  writer.member("cancelled", role.cancelled);
  writer.member("effort_days", rounded_days(role.effort_days));
  writer.member("effort_done_days", rounded_days(role.effort_done_days));
  if (agents != nullptr) {
    writer.member("agents", agents->agents);
    writer.member("agents_active", agents->agents_active);
  }
  writer.end_object();
}

}  // namespace

void render_report(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                   const domain::execution_report& report, const std::vector<role_agents>* agents) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("execution_id", id);
  writer.member("seq", state.version);
  writer.member("status", domain::name_of(state.status));
  writer.member("title", state.title);
  writer.optional_member("started_at", state.started_at);
  writer.optional_member("completed_at", state.completed_at);
  writer.optional_member("deadline_at", state.deadline_at);
  writer.key("pace");
  append_pace(writer, report.pace);
  append_forecast(writer, state, report.forecast);
  writer.key("totals");
  append_totals(writer, report.totals, state.origin);
  writer.key("tasks");
  writer.begin_array();
  for (const auto& made : report.tasks) append_task(writer, state.graph->plan(), made);
  writer.end_array();
  writer.key("roles");
  writer.begin_array();
  for (std::size_t i = 0; i < report.roles.size(); ++i)
    append_role(writer, report.roles[i], agents != nullptr && i < agents->size() ? &(*agents)[i] : nullptr);
  writer.end_array();
  writer.end_object();
}

}  // namespace planexe::gateway
