#include "domain/plan.hpp"

#include <unordered_set>

namespace planexe::domain {
namespace {

constexpr milliseconds longest_timeout = hours(24 * 366 * 10);  // whatever is added to a time must stay a time

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

void check_task(const plan& plan, task_index index, std::vector<std::uint32_t>& depth,
                std::vector<plan_problem>& problems) {
  const auto& task = plan.tasks[index];
  const auto complain = [&](std::string message) { problems.push_back({task.id.value, std::move(message)}); };
  if (!is_valid_id(task.id.value)) complain("task id " + quoted(task.id.value) + " is not a valid id");
  if (task.title.empty()) complain("task has no title");
  if (task.parent == no_task) {
    if (task.level != task_level::phase) complain("a task without a parent must be a phase");
  } else if (task.parent >= index) {
    complain("a task must come after its parent");
  } else {
    depth[index] = depth[task.parent] + 1;
    if (depth[index] >= max_plan_depth) complain("deeper than " + std::to_string(max_plan_depth) + " levels");
  }
  if (const auto& e = task.estimate; e && !(e->days_min >= 0 && e->days_min <= e->days_realistic &&
                                            e->days_realistic <= e->days_max && e->days_max <= 1e6))
    complain("estimate is not min <= realistic <= max");
  if (task.retry && (task.retry->max_attempts == 0 || task.retry->backoff < milliseconds{0}))
    complain("retry policy needs at least one attempt and a backoff that is not negative");
  if (task.timeout && (*task.timeout <= milliseconds{0} || *task.timeout > longest_timeout))
    complain("timeout must be positive and no longer than ten years");
  if (!(task.decomposition_confidence >= 0 && task.decomposition_confidence <= 1))
    complain("decomposition_confidence must be between 0 and 1");
}

}  // namespace

std::vector<plan_problem> validate(const plan& plan) {
  std::vector<plan_problem> problems;
  if (plan.tasks.empty()) problems.push_back({"phases", "the plan has no tasks"});
  if (plan.tasks.size() > max_plan_tasks) {
    problems.push_back({"phases", "more than " + std::to_string(max_plan_tasks) + " tasks"});
    return problems;
  }
  if (plan.dependencies.size() > max_plan_dependencies) {
    problems.push_back({"dependencies", "more than " + std::to_string(max_plan_dependencies) + " dependencies"});
    return problems;
  }
  std::unordered_set<std::string_view> seen;
  std::vector<std::uint32_t> depth(plan.tasks.size(), 0);
  for (task_index i = 0; i < plan.tasks.size(); ++i) {
    check_task(plan, i, depth, problems);
    if (!seen.insert(plan.tasks[i].id.value).second)
      problems.push_back({plan.tasks[i].id.value, "task id " + quoted(plan.tasks[i].id.value) + " is used twice"});
  }
  for (const auto& edge : plan.dependencies) {
    if (edge.from >= plan.tasks.size() || edge.to >= plan.tasks.size())
      problems.push_back({"dependencies", "a dependency names a task that does not exist"});
    else if (edge.from == edge.to)
      problems.push_back({plan.tasks[edge.to].id.value, "the task depends on itself"});
  }
  return problems;
}

}  // namespace planexe::domain
