// Questions about a state. None of them changes it.
#include "domain/execution_state.hpp"

#include <algorithm>

namespace planexe::domain {

bool hands_out(const execution_state& state) {
  if (state.status == execution_status::queued || state.status == execution_status::running) return true;
  // Blocked because nobody was there: whoever comes ends that.
  return state.status == execution_status::blocked && state.unstaffed && state.blocking == 0;
}

retry_policy retry_policy_of(const execution_state& state, task_index leaf) {
  return state.definition(leaf).retry.value_or(state.options.retry);
}

milliseconds timeout_of(const execution_state& state, task_index leaf) {
  return state.definition(leaf).timeout.value_or(state.options.task_timeout);
}

const std::string& role_of(const execution_state& state, task_index leaf) {
  const auto& own = state.tasks[leaf].role;
  return own.empty() ? state.definition(leaf).assignee_role : own;
}

namespace {

/// Names the unfinished prerequisites of `task`, at most three of them.
std::string open_prerequisites(const execution_state& state, task_index task) {
  constexpr std::size_t most_named = 3;
  std::string text;
  std::size_t named = 0, open = 0;
  for (const auto before : state.graph->prerequisites(task)) {
    if (state.tasks[before].open_leaves == 0) continue;
    if (++open > most_named) continue;
    text += (named++ == 0 ? "'" : ", '") + state.definition(before).title + "'";
  }
  if (open > most_named) text += " and " + std::to_string(open - most_named) + " more";
  return text;
}

waiting_for waiting_for_order(const execution_state& state, task_index leaf) {
  const auto since = state.tasks[leaf].since;
  if (state.tasks[leaf].unmet > 0)
    return {wait_kind::prerequisites, "waits for " + open_prerequisites(state, leaf), since, {}};
  for (auto up = state.graph->parent(leaf); up != no_task; up = state.graph->parent(up))
    if (state.tasks[up].unmet > 0)
      return {wait_kind::parent,
              "'" + state.definition(up).title + "' waits for " + open_prerequisites(state, up),
              since,
              {}};
  return {wait_kind::prerequisites, "waits for its prerequisites", since, {}};
}

waiting_for waiting_for_agent(const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  if (state.unstaffed)
    return {wait_kind::agent, state.unstaffed->reason, state.unstaffed->since,
            state.unstaffed->escalated_at ? std::nullopt : std::optional{state.unstaffed->escalate_at}};
  const auto& pinned = task.pinned_agent.empty() ? state.agent : task.pinned_agent;
  if (!pinned.empty()) return {wait_kind::agent, "waits for agent '" + pinned.value + "'", task.since, {}};
  std::string detail = "waits for an agent that can '" + state.definition(leaf).action + "'";
  if (const auto& role = role_of(state, leaf); !role.empty()) detail += " as " + role;
  return {wait_kind::agent, std::move(detail), task.since, {}};
}

}  // namespace

std::optional<waiting_for> waiting_of(const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  switch (task.stage) {
    case leaf_stage::held:
    case leaf_stage::done:
    case leaf_stage::cancelled:
    case leaf_stage::failed:
      return std::nullopt;
    case leaf_stage::reviewing:
      return waiting_for{wait_kind::review, task.review->reason, task.review->since, {}};
    case leaf_stage::external:
      return waiting_for{
          wait_kind::external,
          task.external->reason.empty() ? "the agent did not say what it waits for" : task.external->reason,
          task.external->since, task.external->until};
    case leaf_stage::retrying:
      return waiting_for{wait_kind::retry, "tries again after: " + (task.failure ? task.failure->message : ""),
                         task.since, task.retry_at};
    case leaf_stage::waiting:
      return waiting_for_order(state, leaf);
    case leaf_stage::ready:
      break;
  }
  switch (state.status) {
    case execution_status::created:
      return waiting_for{wait_kind::paused, "the execution has not been started", task.since, {}};
    case execution_status::paused:
      return waiting_for{wait_kind::paused, "the execution is paused", state.updated_at, {}};
    case execution_status::failed:
      return waiting_for{wait_kind::parent, "the execution has failed; a person can retry it", state.updated_at, {}};
    case execution_status::blocked:
      if (state.unstaffed && state.blocking == 0) return waiting_for_agent(state, leaf);
      return waiting_for{wait_kind::external, state.status_message, state.updated_at, {}};
    default:
      return waiting_for_agent(state, leaf);
  }
}

task_summary summarize(const execution_state& state, task_index task) {
  if (state.graph->is_leaf(task)) return {state.tasks[task].status, state.tasks[task].progress_percent};
  std::array<std::uint32_t, 7> seen{};
  double percent = 0;
  std::uint32_t leaves = 0;
  for (const auto i : state.graph->subtree(task)) {
    if (!state.graph->is_leaf(i)) continue;
    const auto& leaf = state.tasks[i];
    ++seen[static_cast<std::size_t>(leaf.status)];
    ++leaves;
    percent += leaf.stage == leaf_stage::done ? 100 : leaf.progress_percent;
  }
  const auto any = [&](task_status status) { return seen[static_cast<std::size_t>(status)] > 0; };
  const auto all = [&](task_status status) { return seen[static_cast<std::size_t>(status)] == leaves; };
  task_summary summary{task_status::queued, percent / leaves};
  if (all(task_status::skipped))
    summary.status = task_status::skipped;
  else if (state.tasks[task].open_leaves == 0)
    summary.status = task_status::complete;
  else if (any(task_status::cancelled))
    summary.status = task_status::cancelled;
  else if (any(task_status::running))
    summary.status = task_status::running;
  else if (any(task_status::error))
    summary.status = task_status::error;
  else if (any(task_status::blocked))
    summary.status = task_status::blocked;
  else if (any(task_status::complete) || any(task_status::skipped))
    summary.status = task_status::running;
  return summary;
}

}  // namespace planexe::domain
