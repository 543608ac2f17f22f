#include "domain/explain.hpp"

#include <algorithm>

#include "domain/forecast.hpp"

namespace planexe::domain {
namespace {

std::string with(std::string text, const std::string& reason) {
  return reason.empty() ? text : text + ": " + reason;
}

std::string headline_of(const execution_state& state) {
  switch (state.status) {
    case execution_status::created:
      return "the execution has not been started";
    case execution_status::queued:
      return "the execution has been started and waits for a first agent";
    case execution_status::running:
      return "the execution runs";
    case execution_status::blocked:
      return with("the execution is blocked", block_of(state));
    case execution_status::paused:
      return with("the execution is paused", state.status_message);
    case execution_status::completed:
      return "the execution is complete";
    case execution_status::failed:
      return with("the execution has failed", state.status_message);
    case execution_status::cancelled:
      return with("the execution was cancelled", state.status_message);
  }
  return {};
}

cause_kind kind_of(wait_kind kind) {
  switch (kind) {
    case wait_kind::prerequisites:
      return cause_kind::prerequisites;
    case wait_kind::agent:
      return cause_kind::agent;
    case wait_kind::retry:
      return cause_kind::retry;
    case wait_kind::review:
      return cause_kind::review;
    case wait_kind::external:
      return cause_kind::external;
    case wait_kind::paused:
      return cause_kind::paused;
    case wait_kind::parent:
      break;
  }
  return cause_kind::parent;
}

/// Of a leaf that is not done.
cause cause_of(const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  cause why{.task = leaf, .since = task.since, .attempt = task.attempt};
  why.agent = task.lease ? task.lease->agent : pinned_agent_of(state, leaf);
  if (auto waits = waiting_of(state, leaf)) {
    why.kind = kind_of(waits->kind);
    why.detail = std::move(waits->detail);
    why.since = waits->since;
    why.wake_at = waits->wake_at;
  } else if (task.stage == leaf_stage::held) {
    why.kind = cause_kind::running;
    why.wake_at = task.lease->timeout_at;
  } else if (task.stage == leaf_stage::failed) {
    why.kind = cause_kind::failed;
    if (task.failure) why.detail = task.failure->message;
  } else {
    why.kind = cause_kind::cancelled;
    why.detail = headline_of(state);
  }
  return why;
}

/// The kind alone, without the words. Those are not made for thousands of leaves of which few are shown.
class kinds_of_causes {
 public:
  explicit kinds_of_causes(const execution_state& state) : state_(state) {
    // All that are ready wait for the same: it is the execution that says what.
    const auto leaves = state.graph->leaves();
    const auto ready = std::find_if(leaves.begin(), leaves.end(), [&](task_index leaf) { return is_ready(leaf); });
    if (ready != leaves.end()) ready_ = cause_of(state, *ready).kind;
  }
  cause_kind of(task_index leaf) const { return is_ready(leaf) ? ready_ : cause_of(state_, leaf).kind; }

 private:
  bool is_ready(task_index leaf) const { return state_.tasks[leaf].stage == leaf_stage::ready; }

  const execution_state& state_;
  cause_kind ready_ = cause_kind::agent;
};

/// Everything unfinished that stands before some tasks, and those themselves; each task is looked at once.
class root_search {
 public:
  explicit root_search(const execution_state& state)
      : state_(state), graph_(*state.graph), found_(graph_.size(), false), asked_(graph_.size(), false) {}

  /// `task`, all below it, and all that these wait for.
  void add(task_index task) {
    find(task);
    while (!pending_.empty()) {
      const auto next = pending_.back();
      pending_.pop_back();
      for (const auto child : graph_.children(next)) find(child);
      if (graph_.is_leaf(next) && waits_for_others(next)) ask_before(next);
    }
  }

  /// In the order of the document.
  std::vector<task_index> roots() const {
    std::vector<task_index> leaves;
    for (const auto leaf : graph_.leaves())
      if (found_[leaf] && state_.tasks[leaf].stage != leaf_stage::waiting) leaves.push_back(leaf);
    return leaves;
  }

 private:
  void find(task_index task) {
    if (found_[task] || state_.tasks[task].open_leaves == 0) return;
    found_[task] = true;
    pending_.push_back(task);
  }

  /// Also where something else comes first, as a review that was asked for before its turn.
  bool waits_for_others(task_index leaf) const {
    const auto& task = state_.tasks[leaf];
    return task.gates > 0 && task.stage != leaf_stage::held && task.stage != leaf_stage::cancelled;
  }

  void ask_before(task_index leaf) {
    for (auto up = leaf; up != no_task && !asked_[up]; up = graph_.parent(up)) {
      asked_[up] = true;
      for (const auto before : graph_.prerequisites(up)) find(before);
    }
  }

  const execution_state& state_;
  const plan_graph& graph_;
  std::vector<bool> found_;
  std::vector<bool> asked_;  ///< what stands before it and before its ancestors has been found
  std::vector<task_index> pending_;
};

std::vector<cause> chain_from(const execution_state& state, const schedule& left, task_index leaf) {
  std::vector<cause> chain;
  for (; leaf != no_task; leaf = left.drivers[leaf]) {
    chain.push_back(cause_of(state, leaf));
    const auto& task = state.tasks[leaf];
    const bool behind_others =
        task.stage == leaf_stage::waiting || (task.stage == leaf_stage::reviewing && task.gates > 0);
    if (!behind_others) break;
  }
  return chain;
}

/// Counts all of them, and keeps the first of each kind, then as many of the others as there is room for.
void tell_roots(const execution_state& state, const std::vector<task_index>& all, explanation& told) {
  const kinds_of_causes kinds{state};
  told.roots_total = all.size();
  std::vector<bool> kept(all.size(), false);
  std::size_t room = most_roots;
  const auto keep = [&](std::size_t i) {
    kept[i] = true;
    --room;
  };
  for (std::size_t i = 0; i < all.size(); ++i)
    if (told.counts[static_cast<std::size_t>(kinds.of(all[i]))]++ == 0) keep(i);
  for (std::size_t i = 0; i < all.size() && room > 0; ++i)
    if (!kept[i]) keep(i);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (kept[i]) told.roots.push_back(cause_of(state, all[i]));
}

}  // namespace

std::string_view name_of(cause_kind kind) {
  switch (kind) {
    case cause_kind::prerequisites:
      return "prerequisites";
    case cause_kind::agent:
      return "agent";
    case cause_kind::retry:
      return "retry";
    case cause_kind::review:
      return "review";
    case cause_kind::external:
      return "external";
    case cause_kind::paused:
      return "paused";
    case cause_kind::parent:
      return "parent";
    case cause_kind::running:
      return "running";
    case cause_kind::failed:
      return "failed";
    case cause_kind::cancelled:
      return "cancelled";
  }
  return "unknown";
}

explanation explain(const execution_state& state, task_index task, timestamp now) {
  const auto& graph = *state.graph;
  explanation told{.task = task, .headline = headline_of(state)};
  const auto left = schedule_what_is_left(state, now);
  const auto last = task != no_task              ? left.last_leaves[task]
                    : left.critical_path.empty() ? no_task
                                                 : left.critical_path.back();
  told.chain = chain_from(state, left, last);

  root_search search{state};
  if (task != no_task) {
    search.add(task);
  } else {
    for (const auto leaf : graph.leaves()) search.add(leaf);
  }
  tell_roots(state, search.roots(), told);
  return told;
}

}  // namespace planexe::domain
