// The preview as one JSON object. See plan_preview.hpp.
#include <nlohmann/json.hpp>

#include <cmath>

#include "apps/import/plan_preview.hpp"
#include "domain/execution_status.hpp"

namespace planexe::importing {
namespace {

using json = nlohmann::ordered_json;
using domain::task_index;

json task_of(const domain::plan_graph& graph, task_index i) {
  const auto& task = graph.task(i);
  json node = {{"task_id", task.id.value}, {"level", domain::name_of(task.level)}, {"title", task.title}};
  if (task.estimate)
    node["estimate"] = {{"days_min", task.estimate->days_min},
                        {"days_realistic", task.estimate->days_realistic},
                        {"days_max", task.estimate->days_max}};
  json prerequisites = json::array();
  for (const auto before : graph.prerequisites(i)) prerequisites.push_back(graph.task(before).id.value);
  node["prerequisites"] = std::move(prerequisites);
  if (!graph.is_leaf(i)) return node;
  node["action"] = task.action;
  if (!task.assignee_role.empty()) {
    node["assignee_role"] = task.assignee_role;
    node["role_certainty"] = task.role_certainty;
  }
  node["autonomy_tier"] = static_cast<int>(task.tier);
  node["agent_executable"] = task.agent_executable;
  node["decomposition_confidence"] = task.decomposition_confidence;
  node["needs_review"] = task.decomposition_confidence < review_threshold;
  json why = json::array();
  for (const auto& factor : task.why) why.push_back({{"feature", factor.feature}, {"weight", factor.weight}});
  node["why"] = std::move(why);
  return node;
}

/// Children are complete before they move into their parents.
json tree_of(const domain::plan_graph& graph) {
  std::vector<json> children(graph.size() + 1, json::array());
  for (task_index i = graph.size(); i-- > 0;) {
    json node = task_of(graph, i);
    if (!graph.is_leaf(i)) {
      std::reverse(children[i].begin(), children[i].end());
      node["children"] = std::move(children[i]);
    }
    children[graph.parent(i) == domain::no_task ? graph.size() : graph.parent(i)].push_back(std::move(node));
  }
  std::reverse(children.back().begin(), children.back().end());
  return std::move(children.back());
}

json path_of(const plan_preview& preview) {
  json steps = json::array();
  for (const auto leaf : preview.schedule.critical_path) {
    const auto& task = preview.graph->task(leaf);
    steps.push_back({{"task_id", task.id.value},
                     {"title", task.title},
                     {"start_day", preview.schedule.slots[leaf].earliest_start},
                     {"days", domain::estimated_days(*preview.graph, leaf)},
                     {"assumed", !task.estimate}});
  }
  return {{"days", preview.schedule.days}, {"steps", std::move(steps)}};
}

}  // namespace

std::string preview_json(const plan_preview& preview) {
  const auto& plan = preview.graph->plan();
  const auto& counts = preview.counts;
  json roles = json::array();
  for (const auto& role : plan.roles) roles.push_back(role.name);
  json warnings = json::array();
  for (const auto& warning : preview.warnings) {
    json each = {{"code", warning.code}, {"detail", warning.detail}};
    if (!warning.task.empty()) each["task_id"] = warning.task.value;
    warnings.push_back(std::move(each));
  }
  json result = {{"title", plan.title}, {"goal", plan.goal}};
  if (plan.start_date) result["start_date"] = domain::format_rfc3339(*plan.start_date);
  result["counts"] = {{"phases", counts.phases},
                      {"tasks", counts.tasks},
                      {"subtasks", counts.subtasks},
                      {"leaves", counts.leaves},
                      {"dependencies", plan.dependencies.size()},
                      {"roles", plan.roles.size()},
                      {"risks", plan.risks.size()},
                      {"assumptions", plan.assumptions.size()}};
  result["decomposition"] = {
      {importing::name_of(domain::autonomy_tier::agent_alone), counts.agent_alone},
      {importing::name_of(domain::autonomy_tier::agent_with_approval), counts.agent_with_approval},
      {importing::name_of(domain::autonomy_tier::person_led), counts.person_led},
      {"needs_review", counts.low_confidence},
      {"mean_confidence", std::round(counts.mean_confidence * 100) / 100}};
  if (const auto verdict = domain::name_of(plan.redline); !verdict.empty()) result["redline"] = verdict;
  if (!plan.start_warning.empty()) result["start_warning"] = plan.start_warning;
  result["roles"] = std::move(roles);
  result["tasks"] = tree_of(*preview.graph);
  result["critical_path"] = path_of(preview);
  result["warnings"] = std::move(warnings);
  return result.dump(2, ' ', true, json::error_handler_t::replace) + "\n";
}

}  // namespace planexe::importing
