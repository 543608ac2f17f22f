#include "domain/answers.hpp"

#include <algorithm>
#include <ranges>

namespace planexe::domain {
namespace {

/// Adds the leaves of `task` that have a result while they fit. A leaf that was met before, by itself or with its
/// phase, is not added again.
void add_results(const execution_state& state, task_index task, std::vector<bool>& met, std::size_t& room,
                 work_item& work) {
  for (const auto i : state.graph->subtree(task)) {
    const auto& output = state.tasks[i].output_json;
    if (output.empty() || met[i]) continue;
    if (output.size() > room) return;
    met[i] = true;
    room -= output.size();
    work.prerequisite_results.emplace_back(i, output);
  }
}

void add_neighbour(std::vector<task_index>& neighbours, task_index task) {
  if (neighbours.size() < most_neighbours && std::find(neighbours.begin(), neighbours.end(), task) == neighbours.end())
    neighbours.push_back(task);
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
  std::vector<bool> met(graph.size(), false);
  for (auto i = leaf; i != no_task; i = graph.parent(i)) {
    for (const auto before : graph.prerequisites(i) | std::views::reverse) {  // nearest in the document first
      add_results(state, before, met, room, work);
      add_neighbour(work.previous, before);
    }
    for (const auto after : graph.successors(i)) add_neighbour(work.upcoming, after);
  }
  return work;
}

}  // namespace planexe::domain
