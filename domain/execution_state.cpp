// Questions about a state. None of them changes it.
#include "domain/execution_state.hpp"

#include <algorithm>
#include <cmath>

namespace planexe::domain {

bool is_inherited(const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  return state.origin && task.stage == leaf_stage::done && task.completed_at <= state.origin->moment;
}

milliseconds lived_between(const execution_state& state, timestamp from, timestamp to) {
  auto lived = to - from;
  for (const auto& still : state.standstills)
    lived -= std::max(std::min(to, still.to) - std::max(from, still.from), milliseconds{0});
  return lived;
}

timestamp after_living(const execution_state& state, timestamp from, milliseconds span) {
  auto at = from + span;
  for (const auto& still : state.standstills)
    if (from < still.to && at > still.from) at += still.to - std::max(from, still.from);
  return at;
}

std::string block_of(const execution_state& state) {
  if (state.blocking > 0) return "an agent says that the whole execution has to wait";
  if (state.unstaffed) return state.unstaffed->reason;
  const auto people = state.in(leaf_stage::reviewing), outside = state.in(leaf_stage::external);
  std::string text = "waits for ";
  if (people > 0) text += "a person's decision on " + std::to_string(people) + (people == 1 ? " task" : " tasks");
  if (people > 0 && outside > 0) text += " and ";
  if (outside > 0) text += "something outside in " + std::to_string(outside) + (outside == 1 ? " task" : " tasks");
  return text;
}

std::string message_of(const execution_state& state) {
  return state.status == execution_status::blocked ? block_of(state) : state.status_message;
}

namespace {

/// Whether what waits for a person is looked at: not before the start, nor in a pause, nor after the end.
bool waits_go_on(execution_status status) {
  using enum execution_status;
  return status == queued || status == running || status == blocked;
}

}  // namespace

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

const agent_id& pinned_agent_of(const execution_state& state, task_index leaf) {
  const auto& own = state.tasks[leaf].pinned_agent;
  return own.empty() ? state.agent : own;
}

bool is_for_people(const execution_options& options, const task_definition& leaf) {
  return options.human_from_tier != 0 && static_cast<std::uint32_t>(leaf.tier) >= options.human_from_tier;
}

std::optional<std::string> approval_reason(const execution_options& options, const task_definition& leaf) {
  const auto percent = [](double share) { return std::to_string(std::lround(share * 100)) + " %"; };
  if (leaf.decomposition_confidence < options.review_threshold)
    return "a person should look at it before an agent does: confidence " + percent(leaf.decomposition_confidence) +
           " is under the threshold of " + percent(options.review_threshold);
  const auto tier = static_cast<std::uint32_t>(leaf.tier);
  if (options.review_from_tier != 0 && tier >= options.review_from_tier)
    return "a person should look at it before an agent does: it is of tier " + std::to_string(tier) +
           ", and from tier " + std::to_string(options.review_from_tier) + " on a person approves";
  return std::nullopt;
}

namespace {

constexpr milliseconds longest_reminder = hours(24 * 7);  // often enough to be noticed, seldom enough not to annoy

/// When work of the leaf's kind was last handed out, if ever.
std::optional<timestamp> kind_assigned_at(const execution_state& state, task_index leaf) {
  for (const auto& kind : state.kinds)
    if (kind.action == state.definition(leaf).action && kind.role == role_of(state, leaf) &&
        kind.pinned == pinned_agent_of(state, leaf))
      return kind.assigned_at;
  return std::nullopt;
}

}  // namespace

milliseconds escalation_interval(const execution_options& options, std::uint32_t level) {
  const auto& ladder = options.ladder;
  if (level < ladder.size()) return ladder[level].after;
  const auto rungs = std::max<std::size_t>(ladder.size(), 1);
  const auto last = ladder.empty() ? options.escalation : ladder.back().after;
  if (level < rungs) return last;
  const auto longest = std::max(last, longest_reminder);
  constexpr std::size_t most_doublings = 20;  // far more than any wait needs to become a week
  const auto doublings = std::min(level - rungs + 1, most_doublings);
  const auto factor = milliseconds::rep{1} << doublings;
  return last > longest / factor ? longest : last * factor;
}

const std::string& escalation_target(const execution_options& options, std::uint32_t level) {
  static const std::string owner;
  if (options.ladder.empty()) return owner;
  return options.ladder[std::clamp<std::size_t>(level, 1, options.ladder.size()) - 1].to;
}

std::optional<timestamp> escalation_due(const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  const bool concerns_people = task.stage == leaf_stage::reviewing;
  if (!concerns_people && task.stage != leaf_stage::ready) return std::nullopt;
  if (concerns_people ? !waits_go_on(state.status) : !hands_out(state)) return std::nullopt;
  auto since = task.since;
  if (!concerns_people) {
    if (state.unstaffed) since = std::max(since, state.unstaffed->since);
    if (const auto assigned = kind_assigned_at(state, leaf)) since = std::max(since, *assigned);
  }
  if (task.escalation.level > 0) since = std::max(since, task.escalation.at);
  return since + escalation_interval(state.options, task.escalation.level);
}

std::optional<timestamp> deadline_of(const execution_state& state, task_index leaf) {
  // What has failed stands still until a person retries it; nobody brings it back after a restart.
  if (is_final(state.status) || state.status == execution_status::failed) return std::nullopt;
  const auto& task = state.tasks[leaf];
  switch (task.stage) {
    case leaf_stage::held:
      return task.lease->timeout_at;
    case leaf_stage::retrying:
      return task.retry_at;
    case leaf_stage::external:
      return task.external->until;
    default:
      return escalation_due(state, leaf);
  }
}

std::optional<timestamp> own_deadline(const execution_state& state) {
  // A paused execution cannot fail; its deadline is looked at again when it is resumed.
  const bool may_come = state.exists() && state.status != execution_status::paused &&
                        state.status != execution_status::failed && !is_final(state.status);
  return may_come ? state.deadline_at : std::nullopt;
}

std::optional<timestamp> next_deadline(const execution_state& state) {
  auto next = own_deadline(state);
  if (!state.exists() || is_final(state.status)) return next;
  for (const auto leaf : state.graph->leaves())
    if (const auto due = deadline_of(state, leaf); due && (!next || *due < *next)) next = due;
  return next;
}

namespace {

/// When the first of the waits that hold the whole execution up changes by itself.
std::optional<timestamp> blocking_until(const execution_state& state) {
  std::optional<timestamp> first;
  for (const auto leaf : state.graph->leaves()) {
    if (!state.tasks[leaf].external || !state.tasks[leaf].external->blocking) continue;
    if (const auto due = deadline_of(state, leaf); due && (!first || *due < *first)) first = due;
  }
  return first;
}

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
  const auto wake_at = escalation_due(state, leaf);
  if (state.unstaffed) return {wait_kind::agent, state.unstaffed->reason, state.unstaffed->since, wake_at};
  const auto most = state.options.max_parallel;
  if (most != 0 && state.held.size() >= most)
    return {wait_kind::agent,
            std::to_string(most) + (most == 1 ? " task is" : " tasks are") +
                " at work, as many as this execution may have at the same time",
            task.since, wake_at};
  if (const auto& pinned = pinned_agent_of(state, leaf); !pinned.empty())
    return {wait_kind::agent, "waits for agent '" + pinned.value + "'", task.since, wake_at};
  std::string detail =
      is_for_people(state.options, state.definition(leaf)) ? "waits for a person" : "waits for an agent";
  detail += " that can '" + state.definition(leaf).action + "'";
  if (const auto& role = role_of(state, leaf); !role.empty()) detail += " as " + role;
  return {wait_kind::agent, std::move(detail), task.since, wake_at};
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
    case leaf_stage::waiting:
      return waiting_for_order(state, leaf);
    default:
      break;
  }
  if (state.status == execution_status::failed)
    return waiting_for{wait_kind::parent, "the execution has failed; a person can retry it", state.status_since, {}};
  switch (task.stage) {
    case leaf_stage::reviewing:
      return waiting_for{wait_kind::review, task.review->reason, task.review->since, escalation_due(state, leaf)};
    case leaf_stage::external:
      return waiting_for{
          wait_kind::external,
          task.external->reason.empty() ? "the agent did not say what it waits for" : task.external->reason,
          task.external->since, task.external->until};
    case leaf_stage::retrying:
      return waiting_for{wait_kind::retry, "tries again after: " + (task.failure ? task.failure->message : ""),
                         task.since, task.retry_at};
    default:
      break;  // it is ready
  }
  switch (state.status) {
    case execution_status::created:
      return waiting_for{wait_kind::paused, "the execution has not been started", task.since, {}};
    case execution_status::paused:
      return waiting_for{wait_kind::paused, "the execution is paused", state.status_since, {}};
    case execution_status::blocked:
      if (state.unstaffed && state.blocking == 0) return waiting_for_agent(state, leaf);
      return waiting_for{wait_kind::external, block_of(state), state.status_since, blocking_until(state)};
    default:
      return waiting_for_agent(state, leaf);
  }
}

bool is_blocker(const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  switch (task.stage) {
    case leaf_stage::reviewing:
    case leaf_stage::external:
    case leaf_stage::failed:
      return true;
    case leaf_stage::ready:
      return state.unstaffed || task.escalation.level > 0;
    default:
      return false;
  }
}

bool may_have_blockers(const execution_state& state) {
  return state.in(leaf_stage::reviewing) + state.in(leaf_stage::external) + state.in(leaf_stage::failed) > 0 ||
         state.unstaffed || state.escalated > 0;
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
