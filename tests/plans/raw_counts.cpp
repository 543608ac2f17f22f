#include "tests/plans/raw_counts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace planexe::plans::testing {
namespace {

using json = nlohmann::json;

/// The document whose file name ends so; null when the run has none.
json document(const std::filesystem::path& run, const std::string& name) {
  for (const auto& file : std::filesystem::directory_iterator{run})
    if (file.path().filename().string().ends_with("-" + name)) {
      std::ifstream in{file.path()};
      return json::parse(in);
    }
  return nullptr;
}

/// Fills `is_leaf` with every task of the tree.
void walk(const json& nodes, std::size_t depth, run_counts& counts, std::map<std::string, bool>& is_leaf) {
  for (const auto& node : nodes) {
    const json children = node.value("task_children", json::array());
    is_leaf[node.at("id")] = children.empty();
    counts.phases += depth == 0;
    counts.tasks += depth == 1;
    counts.leaves += children.empty();
    walk(children, depth + 1, counts, is_leaf);
  }
}

}  // namespace

run_counts count_raw(const std::filesystem::path& run) {
  run_counts counts;
  std::map<std::string, bool> is_leaf;
  const json tree = document(run, "wbs_project_level1_and_level2_and_level3.json");
  walk(tree.at("wbs_project").at("task_children"), 0, counts, is_leaf);

  std::set<std::pair<std::string, std::string>> edges;
  const json dependencies = document(run, "task_dependencies_raw.json");
  for (const auto& entry : dependencies.at("task_dependency_details"))
    for (const auto& before : entry.at("depends_on_task_id_list"))
      if (is_leaf.contains(before) && is_leaf.contains(entry.at("dependent_task_id")))
        edges.emplace(before, entry.at("dependent_task_id"));
  counts.dependencies = edges.size();

  std::set<std::string> estimated;
  for (const auto& entry : document(run, "task_durations.json")) {
    const auto known = is_leaf.find(entry.at("task_id"));
    if (known == is_leaf.end() || known->second) continue;
    const bool has_days = std::max({entry.at("days_min").get<double>(), entry.at("days_realistic").get<double>(),
                                    entry.at("days_max").get<double>()}) >= 0;
    if (has_days) estimated.insert(known->first);
  }
  counts.estimates = estimated.size();

  const json team = document(run, "enrich_team_members_environment_info.json");
  const json risks = document(run, "identify_risks_raw.json");
  const json premortem = document(run, "premortem_raw.json");
  counts.roles = team.size();
  if (!risks.is_null()) counts.risks = risks.at("risks").size();
  counts.assumptions = document(run, "make_assumptions.json").size();
  if (!premortem.is_null()) {
    counts.failure_modes = premortem.at("failure_modes").size();
    counts.assumptions += premortem.at("assumptions_to_kill").size();
  }
  return counts;
}

}  // namespace planexe::plans::testing
