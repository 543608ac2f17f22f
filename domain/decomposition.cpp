#include "domain/decomposition.hpp"

namespace planexe::domain {
namespace {

std::size_t depth_of(const plan_graph& graph, task_index task) {
  std::size_t depth = 0;
  for (; task != no_task; task = graph.parent(task)) ++depth;
  return depth;
}

/// Appends the parts, and the dependencies among them and on what was there.
void append_parts(plan& plan, const plan_graph& graph, task_index task, const decomposition& parts,
                  std::vector<plan_problem>& problems) {
  const auto first = graph.size();
  std::unordered_map<std::string_view, task_index> own;
  for (const auto& part : parts.subtasks) {
    own.emplace(part.definition.id.value, static_cast<task_index>(plan.tasks.size()));
    auto& added = plan.tasks.emplace_back(part.definition);
    added.parent = task;
    added.level = task_level::subtask;
  }
  for (std::size_t k = 0; k < parts.subtasks.size(); ++k) {
    const auto& part = parts.subtasks[k];
    for (const auto& before : part.depends_on) {
      const auto found = own.find(before.value);
      const auto from = found != own.end() ? found->second : graph.find(before);
      if (from == no_task)
        problems.push_back({part.definition.id.value, "depends on '" + before.value + "', which there is not"});
      else
        plan.dependencies.push_back({from, first + static_cast<task_index>(k), {}});
    }
  }
}

}  // namespace

expected<std::shared_ptr<const plan_graph>, std::vector<plan_problem>> graft(const plan_graph& graph, task_index task,
                                                                             const decomposition& parts) {
  if (!graph.is_leaf(task)) return unexpected{std::vector<plan_problem>{{"task_id", "has subtasks already"}}};
  std::vector<plan_problem> problems;
  if (parts.subtasks.empty()) problems.push_back({"subtasks", "there must be at least one"});
  if (parts.subtasks.size() > max_subtasks)
    return unexpected{std::vector<plan_problem>{{"subtasks", "there are more than " + std::to_string(max_subtasks)}}};
  if (depth_of(graph, task) >= max_decomposition_depth)
    problems.push_back(
        {"subtasks", "they would be deeper than " + std::to_string(max_decomposition_depth) + " levels"});
  auto grown = std::make_shared<plan>(graph.plan());
  append_parts(*grown, graph, task, parts, problems);
  auto built = plan_graph::build(std::move(grown), graph.sequencing());
  if (!built) problems.insert(problems.end(), built.error().begin(), built.error().end());
  if (!problems.empty()) return unexpected{std::move(problems)};
  return built;
}

}  // namespace planexe::domain
