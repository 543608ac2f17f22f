#include "gateway/json/render_task.hpp"

#include <algorithm>

#include "domain/execution_status.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_forecast.hpp"
#include "gateway/json/task_members.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::execution_state;
using domain::leaf_stage;
using domain::task_index;
using domain::task_state;

std::string_view name_of(domain::wait_kind kind) {
  using enum domain::wait_kind;
  switch (kind) {
    case prerequisites:
      return "prerequisites";
    case agent:
      return "agent";
    case retry:
      return "retry";
    case review:
      return "review";
    case external:
      return "external";
    case paused:
      return "paused";
    case parent:
      break;
  }
  return "parent";
}

/// Whose the task is: its holder, or the agent that ended its last attempt. Nobody's while it waits to be handed out.
const domain::agent_id* agent_of(const task_state& task) {
  if (task.lease) return &task.lease->agent;
  const bool handed_on = task.stage == leaf_stage::waiting || task.stage == leaf_stage::ready;
  return !task.ends.empty() && !handed_on ? &task.ends.back().agent : nullptr;
}

struct task_times {
  std::optional<domain::timestamp> started_at;
  std::optional<domain::timestamp> completed_at;
};

/// A task with children starts with its first leaf and ends with its last.
task_times times_of(const execution_state& state, task_index task) {
  if (state.graph->is_leaf(task)) return {state.tasks[task].started_at, state.tasks[task].completed_at};
  task_times times;
  for (const auto i : state.graph->subtree(task)) {
    const auto& leaf = state.tasks[i];
    if (!state.graph->is_leaf(i)) continue;
    if (leaf.started_at && (!times.started_at || *leaf.started_at < *times.started_at))
      times.started_at = leaf.started_at;
    if (leaf.completed_at && (!times.completed_at || *leaf.completed_at > *times.completed_at))
      times.completed_at = leaf.completed_at;
  }
  if (state.tasks[task].open_leaves > 0) times.completed_at.reset();
  return times;
}

/// A person is asked, or will be as soon as the execution starts.
bool needs_review(const execution_state& state, task_index task) {
  const bool not_started = state.status == domain::execution_status::created;
  return state.tasks[task].review ||
         (not_started && state.graph->is_leaf(task) && domain::approval_reason(state.options, state.definition(task)));
}

void append_waiting(json_writer& writer, const execution_state& state, task_index task) {
  if (!state.graph->is_leaf(task)) return;
  const auto waiting = domain::waiting_of(state, task);
  if (!waiting) return;
  writer.key("waiting_for");
  writer.begin_object();
  writer.member("kind", name_of(waiting->kind));
  writer.member("detail", waiting->detail);
  writer.member("since", waiting->since);
  writer.optional_member("wake_at", waiting->wake_at);
  writer.end_object();
}

void append_assignment(json_writer& writer, const execution_state& state, task_index task, const lease_expiry& expiry) {
  const auto& progress = state.tasks[task];
  writer.optional_member("assignee_role", domain::role_of(state, task));
  if (const auto* agent = agent_of(progress)) writer.optional_member("agent_id", *agent);
  if (progress.lease && expiry) writer.optional_member("lease_expires_at", expiry(progress.lease->agent));
}

void append_error(json_writer& writer, const task_state& task) {
  // A task that was done in the end keeps its last failure, but it is no error any more.
  if (!task.failure || task.stage == leaf_stage::done) return;
  writer.key("error");
  writer.begin_object();
  writer.member("error_type", task.failure->type);
  writer.member("error_message", task.failure->message);
  writer.end_object();
}

void append_prerequisites(json_writer& writer, const domain::plan_graph& graph, task_index task) {
  writer.key("prerequisites");
  writer.begin_array();
  for (const auto before : graph.prerequisites(task)) writer.text(graph.task(before).id.value);
  writer.end_array();
}

void append_standing(json_writer& writer, const execution_state& state, task_index task, domain::task_status status) {
  const auto& progress = state.tasks[task];
  writer.member("status", domain::name_of(status));
  writer.member("ready", progress.stage == leaf_stage::ready && state.graph->is_leaf(task) && domain::hands_out(state));
  append_waiting(writer, state, task);
  writer.member("attempt", progress.attempt);
}

/// All members but `children`.
void append_members(json_writer& writer, const execution_state& state, task_index task, const lease_expiry& expiry,
                    const task_slack& slack) {
  const auto& graph = *state.graph;
  const auto& definition = graph.task(task);
  const auto& progress = state.tasks[task];
  const auto summary = domain::summarize(state, task);
  const auto times = times_of(state, task);
  append_identity(writer, graph.plan(), task);
  append_standing(writer, state, task, summary.status);
  const auto policy = domain::retry_policy_of(state, task);
  writer.member("max_attempts", policy.max_attempts);
  append_action(writer, definition);
  append_capabilities(writer, definition);
  append_assignment(writer, state, task, expiry);
  writer.member("progress_percent", rounded_percent(summary.progress_percent));
  append_prerequisites(writer, graph, task);
  append_estimate(writer, definition);
  writer.optional_member("slack_days", slack.of(task));
  writer.member("timeout_hours", as_hours(domain::timeout_of(state, task)));
  writer.key("retry_policy");
  append_retry_policy(writer, policy);
  append_judgement(writer, definition);
  writer.member("human_review_required", needs_review(state, task));
  writer.raw_member("result", progress.output_json);
  append_error(writer, progress);
  writer.optional_member("started_at", times.started_at);
  writer.optional_member("completed_at", times.completed_at);
}

/// What moves of a task, and nothing that its plan fixes.
void append_moving_members(json_writer& writer, const execution_state& state, task_index task,
                           const lease_expiry& expiry) {
  const auto& progress = state.tasks[task];
  const auto summary = domain::summarize(state, task);
  const auto times = times_of(state, task);
  writer.member("task_id", state.definition(task).id);
  append_standing(writer, state, task, summary.status);
  writer.member("max_attempts", domain::retry_policy_of(state, task).max_attempts);
  append_assignment(writer, state, task, expiry);
  writer.member("progress_percent", rounded_percent(summary.progress_percent));
  writer.member("human_review_required", needs_review(state, task));
  append_error(writer, progress);
  writer.optional_member("started_at", times.started_at);
  writer.optional_member("completed_at", times.completed_at);
  if (!progress.output_json.empty()) writer.member("has_result", true);
}

/// What the plan fixes of a task, beside its id.
void append_fixed_members(json_writer& writer, const execution_state& state, task_index task) {
  const auto& graph = *state.graph;
  const auto& definition = graph.task(task);
  if (definition.parent != domain::no_task) writer.member("parent_id", graph.task(definition.parent).id);
  writer.member("level", domain::name_of(definition.level));
  writer.member("title", definition.title);
  writer.member("description", definition.description);
  append_action(writer, definition);
  append_capabilities(writer, definition);
  append_prerequisites(writer, graph, task);
  append_estimate(writer, definition);
  writer.member("timeout_hours", as_hours(domain::timeout_of(state, task)));
  writer.key("retry_policy");
  append_retry_policy(writer, domain::retry_policy_of(state, task));
  append_judgement(writer, definition);
}

/// Recursion is as deep as the plan, which `max_plan_depth` bounds.
void append_subtree(json_writer& writer, const execution_state& state, task_index task, const lease_expiry& expiry,
                    const task_slack& slack) {
  writer.begin_object();
  append_members(writer, state, task, expiry, slack);
  if (!state.graph->is_leaf(task)) {
    writer.key("children");
    writer.begin_array();
    for (const auto child : state.graph->children(task)) append_subtree(writer, state, child, expiry, slack);
    writer.end_array();
  }
  writer.end_object();
}

}  // namespace

void append_task_rows(json_writer& writer, const execution_state& state, const projections::task_changes& changes,
                      const lease_expiry& expiry) {
  writer.begin_array();
  for (const auto& [task, whole] : changes.tasks) {
    writer.begin_object();
    append_moving_members(writer, state, task, expiry);
    if (whole) append_fixed_members(writer, state, task);
    writer.end_object();
  }
  writer.end_array();
}

void render_task(std::string& out, const execution_state& state, domain::timestamp now, task_index task,
                 const lease_expiry& expiry) {
  const task_slack slack(state, now);
  json_writer writer(out);
  writer.begin_object();
  append_members(writer, state, task, expiry, slack);
  writer.end_object();
}

void render_task_tree(std::string& out, const execution_state& state, domain::timestamp now,
                      const lease_expiry& expiry) {
  const task_slack slack(state, now);
  json_writer writer(out);
  writer.begin_array();
  for (task_index i = 0; i < state.graph->size(); ++i)
    if (state.graph->parent(i) == domain::no_task) append_subtree(writer, state, i, expiry, slack);
  writer.end_array();
}

void render_task_list(std::string& out, const execution_state& state, domain::timestamp now, task_index first,
                      task_index count, const lease_expiry& expiry) {
  const task_slack slack(state, now);
  json_writer writer(out);
  writer.begin_array();
  const auto size = state.graph->size();
  const auto end = first < size ? first + std::min(count, size - first) : first;
  for (const auto i : state.graph->document().subspan(first, end - first)) {
    writer.begin_object();
    append_members(writer, state, i, expiry, slack);
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace planexe::gateway
