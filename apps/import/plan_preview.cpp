#include "apps/import/plan_preview.hpp"

#include "plans/plan_reader.hpp"

namespace planexe::importing {
namespace {

using domain::autonomy_tier;
using domain::task_level;

preview_counts count(const domain::plan_graph& graph) {
  preview_counts counts;
  for (domain::task_index i = 0; i < graph.size(); ++i) {
    const auto level = graph.task(i).level;
    ++(level == task_level::phase ? counts.phases : level == task_level::task ? counts.tasks : counts.subtasks);
  }
  for (const auto leaf : graph.leaves()) {
    const auto& task = graph.task(leaf);
    ++counts.leaves;
    ++(task.tier == autonomy_tier::person_led            ? counts.person_led
       : task.tier == autonomy_tier::agent_with_approval ? counts.agent_with_approval
                                                         : counts.agent_alone);
    counts.low_confidence += task.decomposition_confidence < review_threshold;
    counts.mean_confidence += task.decomposition_confidence;
  }
  if (counts.leaves > 0) counts.mean_confidence /= static_cast<double>(counts.leaves);
  return counts;
}

}  // namespace

expected<plan_preview, std::vector<domain::plan_problem>> preview_plan(const std::string& path) {
  auto read = plans::read_plan_from_path(path);
  if (!read) return unexpected{std::move(read).error().problems};
  const auto plan = std::make_shared<const domain::plan>(*std::move(read));
  plan_preview preview;
  preview.warnings = plan->warnings;
  auto graph = domain::plan_graph::build(plan, domain::sequencing::phased);
  if (!graph) {
    // The server takes any plan whose own dependencies can be followed.
    auto given = domain::plan_graph::build(plan, domain::sequencing::dependencies);
    if (!given) return unexpected{std::move(given).error()};
    for (const auto& reason : graph.error()) preview.warnings.push_back({"order_unclear", reason.message, {}});
    graph = std::move(given);
  }
  preview.graph = *std::move(graph);
  for (const auto& dropped : preview.graph->dropped()) preview.warnings.push_back(dropped);
  preview.schedule = domain::schedule_plan(*preview.graph);
  preview.counts = count(*preview.graph);
  return preview;
}

std::string_view name_of(autonomy_tier tier) {
  switch (tier) {
    case autonomy_tier::agent_alone:
      return "agent_alone";
    case autonomy_tier::agent_with_approval:
      return "agent_with_approval";
    case autonomy_tier::person_led:
      return "person_led";
  }
  return "";
}

}  // namespace planexe::importing
