#include "domain/answers.hpp"

#include <algorithm>

namespace planexe::domain {
namespace {

/// Adds the leaves of `task` that have a result while they fit.
void add_results(const execution_state& state, task_index task, std::size_t& room, work_item& work) {
  for (auto i = task; i < state.graph->subtree_end(task); ++i) {
    const auto& output = state.tasks[i].output_json;
    if (output.empty()) continue;
    if (output.size() > room) return;
    room -= output.size();
    work.prerequisite_results.emplace_back(i, output);
  }
}

}  // namespace

work_item describe_work(const execution_id& id, const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  work_item work{.execution = id,
                 .graph = state.graph,
                 .task = leaf,
                 .attempt = task.attempt,
                 .lease_token = task.lease ? task.lease->token : std::string{},
                 .retry = retry_policy_of(state, leaf),
                 .timeout = timeout_of(state, leaf),
                 .previous = {},
                 .upcoming = {},
                 .prerequisite_results = {},
                 .resolution = task.resolution};
  const auto& graph = *state.graph;
  std::size_t room = most_result_bytes;
  for (auto i = leaf; i != no_task; i = graph.parent(i)) {
    for (const auto before : graph.prerequisites(i)) {
      add_results(state, before, room, work);
      if (work.previous.size() < most_neighbours) work.previous.push_back(before);
    }
    for (const auto after : graph.successors(i))
      if (work.upcoming.size() < most_neighbours) work.upcoming.push_back(after);
  }
  return work;
}

}  // namespace planexe::domain
