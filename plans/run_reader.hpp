// From PlanExe's documents to the domain's plan. What decides whether and in which order a plan may run (the tree, the
// dependencies, the redline gate, the assessment) must be readable, or the plan is refused; of the rest, what is
// missing or odd costs a warning with a stable code:
//   no_dependencies no_durations no_team document_unreadable document_twice unknown_member
//   edge_unknown_task edge_to_project edge_to_itself edge_twice edge_unreadable explanation_mismatch
//   duration_unknown_task duration_missing duration_twice duration_incomplete duration_unordered duration_unreadable
//   role_twice team_too_large redline_unknown risks_left_out more_warnings
#pragma once

#include <map>
#include <optional>
#include <string>

#include "domain/plan.hpp"
#include "plans/json_text.hpp"
#include "plans/problem_list.hpp"

namespace planexe::plans {

/// The documents of a run that a plan is made of.
enum class document {
  wbs,           ///< `{wbs_project}`: the tree
  dependencies,  ///< `{task_dependency_details}` or that array
  durations,
  team,
  risks,  ///< `{risks}` or that array
  premortem,
  assumptions,            ///< with their reasons: `[{question, assumptions}]`
  distilled_assumptions,  ///< in short; read where the others are missing
  redline,
  assessment,
  project_plan,
  plan_text,  ///< a JSON string here; a text file in a run
  start_time,
};

struct run_documents {
  std::map<document, json_value> found;
  warning_list warnings;
  std::string goal;   ///< where the caller gives one
  std::string title;  ///< as above
};

/// Whether a run must be refused when this document is there but cannot be read.
bool is_essential(document kind);

/// The plan, without id; sound only when `problems` stayed empty. `domain::validate` is the caller's.
domain::plan read_run(run_documents documents, problem_list& problems);

/// The redline verdict's text as PlanExe writes it; nothing when it is none of the three.
std::optional<domain::redline_verdict> redline_from(std::string_view text);

/// The date a plan's text gives as today's, at midnight UTC: "Today's date:\n2025-Oct-19".
std::optional<domain::timestamp> date_in_plan_text(std::string_view text);

}  // namespace planexe::plans
