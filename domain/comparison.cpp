#include "domain/comparison.hpp"

#include <algorithm>

namespace planexe::domain {
namespace {

/// One of the two with what a report says of it.
class side {
 public:
  side(const execution_state& state, timestamp now) : state_(state), report_(report_of(state, now)) {}

  const execution_state& state() const { return state_; }
  const report_totals& totals() const { return report_.totals; }

  std::optional<task_outcome> outcome_of(const task_id& id) const {
    const auto task = state_.graph->find(id);
    if (task == no_task) return std::nullopt;
    const auto& row = report_.tasks[state_.graph->place(task)];
    return task_outcome{.task = task,
                        .status = row.status,
                        .agent = agent_of(state_.tasks[task]),
                        .attempts = row.attempts,
                        .failed_attempts = row.failed_attempts,
                        .days = row.actual_days,
                        .inherited = is_inherited(task)};
  }
  bool is_leaf(task_index task) const { return state_.graph->is_leaf(task); }
  const std::string& output(const task_outcome& of) const { return state_.tasks[of.task].output_json; }

 private:
  static agent_id agent_of(const task_state& task) {
    if (task.lease) return task.lease->agent;
    return task.ends.empty() ? agent_id{} : task.ends.back().agent;
  }
  bool is_inherited(task_index task) const {
    const auto all = state_.graph->subtree(task);
    return std::all_of(all.begin(), all.end(), [&](task_index below) {
      return !state_.graph->is_leaf(below) || domain::is_inherited(state_, below);
    });
  }

  const execution_state& state_;
  execution_report report_;
};

void judge(task_comparison& made, const side& here, const side& there) {
  if (!made.here || !made.there) return;
  made.status_differs = made.here->status != made.there->status;
  made.agent_differs = made.here->agent != made.there->agent;
  made.attempts_differ = made.here->attempts != made.there->attempts;
  made.output_differs = here.output(*made.here) != there.output(*made.there);
}

}  // namespace

execution_comparison compare(const execution_state& here_state, timestamp here_now, const execution_state& there_state,
                             timestamp there_now) {
  const side here{here_state, here_now}, there{there_state, there_now};
  execution_comparison made{.here = here.totals(), .there = there.totals(), .tasks = {}};
  const auto add = [&](const task_id& id) {
    task_comparison row{.id = id, .here = here.outcome_of(id), .there = there.outcome_of(id)};
    const bool counts = (row.here && here.is_leaf(row.here->task)) || (row.there && there.is_leaf(row.there->task));
    if (!counts) return;
    judge(row, here, there);
    made.same += row.is_same() ? 1U : 0U;
    made.tasks.push_back(std::move(row));
  };
  for (const auto task : here_state.graph->document()) add(here_state.definition(task).id);
  for (const auto task : there_state.graph->document())
    if (const auto& id = there_state.definition(task).id; here_state.graph->find(id) == no_task) add(id);
  return made;
}

std::uint64_t shared_events(const execution_id& here_id, const execution_state& here, const execution_id& there_id,
                            const execution_state& there) {
  if (here_id == there_id) return std::min(here.version, there.version);
  if (there.origin && there.origin->execution == here_id) return there.origin->seq;
  if (here.origin && here.origin->execution == there_id) return here.origin->seq;
  const bool siblings = here.origin && there.origin && here.origin->execution == there.origin->execution;
  return siblings ? std::min(here.origin->seq, there.origin->seq) : 0;
}

}  // namespace planexe::domain
