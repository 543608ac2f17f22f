#include "gateway/json/render_comparison.hpp"

#include "domain/comparison.hpp"
#include "domain/execution_status.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_forecast.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

// A longer output is one for a page of its own: GET …/tasks has all of them.
constexpr std::size_t longest_shown_output = 4 * 1024;

void append_side(json_writer& writer, const compared_execution& side, const domain::report_totals& totals) {
  const auto& state = side.state;
  writer.begin_object();
  writer.member("execution_id", side.id);
  writer.member("title", state.title);
  writer.member("status", domain::name_of(state.status));
  writer.member("version", state.version);
  append_origin(writer, state);
  writer.optional_member("agent_id", state.agent);
  append_options(writer, state.options);
  writer.optional_member("started_at", state.started_at);
  writer.optional_member("completed_at", state.completed_at);
  writer.member("elapsed_days", rounded_days(totals.elapsed_days));
  writer.member("tasks_total", totals.tasks_total);
  writer.member("tasks_completed", totals.tasks_completed);
  writer.member("tasks_skipped", totals.tasks_skipped);
  writer.member("tasks_failed", totals.tasks_failed);
  writer.member("attempts", totals.attempts);
  writer.member("failed_attempts", totals.failed_attempts);
  writer.end_object();
}

void append_outcome(json_writer& writer, const domain::task_outcome& outcome, const domain::execution_state& state,
                    bool with_output) {
  writer.begin_object();
  writer.member("status", domain::name_of(outcome.status));
  writer.optional_member("agent_id", outcome.agent);
  writer.member("attempts", outcome.attempts);
  writer.member("failed_attempts", outcome.failed_attempts);
  if (outcome.days) writer.member("days", rounded_days(*outcome.days));
  if (outcome.inherited) writer.member("inherited", true);
  const auto& output = state.tasks[outcome.task].output_json;
  if (with_output && output.size() <= longest_shown_output) writer.raw_member("output_data", output);
  if (with_output && output.size() > longest_shown_output) writer.member("output_bytes", output.size());
  writer.end_object();
}

void append_differences(json_writer& writer, const domain::task_comparison& row) {
  writer.key("differs");
  writer.begin_array();
  if (!row.here || !row.there) writer.text("existence");
  if (row.status_differs) writer.text("status");
  if (row.agent_differs) writer.text("agent");
  if (row.attempts_differ) writer.text("attempts");
  if (row.output_differs) writer.text("output");
  writer.end_array();
}

}  // namespace

void render_comparison(std::string& out, const compared_execution& here, const compared_execution& there) {
  const auto made = domain::compare(here.state, here.now, there.state, there.now);
  json_writer writer(out);
  writer.begin_object();
  writer.key("execution");
  append_side(writer, here, made.here);
  writer.key("with");
  append_side(writer, there, made.there);
  writer.member("shared_events", domain::shared_events(here.id, here.state, there.id, there.state));
  writer.member("tasks_same", made.same);
  writer.member("tasks_different", made.tasks.size() - made.same);
  writer.key("tasks");
  writer.begin_array();
  for (const auto& row : made.tasks) {
    const auto& definition = row.here ? here.state.definition(row.here->task) : there.state.definition(row.there->task);
    writer.begin_object();
    writer.member("task_id", row.id);
    writer.member("title", definition.title);
    writer.member("same", row.is_same());
    append_differences(writer, row);
    if (row.here) {
      writer.key("execution");
      append_outcome(writer, *row.here, here.state, row.output_differs);
    }
    if (row.there) {
      writer.key("with");
      append_outcome(writer, *row.there, there.state, row.output_differs);
    }
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

}  // namespace planexe::gateway
