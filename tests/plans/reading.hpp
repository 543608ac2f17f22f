// What the tests of this room share: reading a text, finding a problem by its field, a small run to spoil.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plans/plan_reader.hpp"

namespace planexe::plans::testing {

using outcome = expected<domain::plan, read_failure>;

inline outcome read_text(std::string_view text) {
  return read_plan(text, plan_format::json);
}

/// The message of the first problem with this field; nothing when there is none or the plan was read.
inline std::optional<std::string> problem_at(const outcome& read, std::string_view field) {
  if (read) return std::nullopt;
  for (const auto& problem : read.error().problems)
    if (problem.field == field) return problem.message;
  return std::nullopt;
}

inline std::size_t warnings_with(const domain::plan& plan, std::string_view code) {
  return static_cast<std::size_t>(
      std::count_if(plan.warnings.begin(), plan.warnings.end(), [&](const auto& w) { return w.code == code; }));
}

inline const domain::task_definition* find_task(const domain::plan& plan, std::string_view id) {
  const auto found =
      std::find_if(plan.tasks.begin(), plan.tasks.end(), [&](const auto& task) { return task.id.value == id; });
  return found == plan.tasks.end() ? nullptr : &*found;
}

/// Names of files in a folder or zip, and what is in them.
using file_map = std::map<std::string, std::string>;

/// A sound little run: two phases, three tasks, five leaves (one of them on level 2), two dependencies.
inline file_map small_run() {
  return {
      {"001-2-plan.txt", "Plan:\nMend a bridge.\n\nToday's date:\n2025-Oct-19\n\nProject start ASAP"},
      {"023-3-wbs_project_level1_and_level2_and_level3.json", R"({"wbs_project": {"id": "root",
        "description": "Bridge", "extra_fields": {"final_deliverable": "A bridge"}, "task_children": [
          {"id": "p1", "description": "Prepare", "task_children": [
            {"id": "t1", "description": "Survey", "task_children": [
              {"id": "a", "description": "Research the river", "extra_fields": {"detailed_description": "Look at it.",
                "resources_needed": ["Boat", "River Expert"]}},
              {"id": "b", "description": "Draft a report"}]},
            {"id": "t2", "description": "Sign the contract"}]},
          {"id": "p2", "description": "Do", "task_children": [
            {"id": "t3", "description": "Build", "task_children": [
              {"id": "c", "description": "Build the deck"}, {"id": "d", "description": "Test the deck"}]}]}]}})"},
      {"021-task_dependencies_raw.json", R"({"task_dependency_details": [
        {"dependent_task_id": "t2", "depends_on_task_id_list": ["t1"], "depends_on_task_explanation_list": ["first look"]},
        {"dependent_task_id": "t3", "depends_on_task_id_list": ["t2"], "depends_on_task_explanation_list": ["law"]}]})"},
      {"022-2-task_durations.json", R"([
        {"task_id": "p1", "days_min": 5, "days_realistic": 9, "days_max": 12},
        {"task_id": "t1", "days_min": 2, "days_realistic": 4, "days_max": 6},
        {"task_id": "t2", "days_min": 1, "days_realistic": 2, "days_max": 3},
        {"task_id": "p2", "days_min": 10, "days_realistic": 20, "days_max": 30},
        {"task_id": "t3", "days_min": -1, "days_realistic": -1, "days_max": -1}])"},
      {"011-2-enrich_team_members_environment_info.json",
       R"([{"category": "Bridge Builder", "explanation": "Builds."}, {"category": "River Experts"}])"},
  };
}

}  // namespace planexe::plans::testing
