// A work breakdown as a table: PlanExe's `wbs_project_level1_and_level2_and_level3.csv`, or one that a spreadsheet
// wrote in its form. The columns "Level 1", "Level 2", … say by which of them is filled how deep a row stands; the
// first row is the project. Described in docs/plan-formats.md.
#pragma once

#include <string_view>

#include "domain/plan.hpp"
#include "plans/problem_list.hpp"

namespace planexe::plans {

/// The plan, without id; sound only when `problems` stayed empty. Every problem's field is its line: "line 12".
/// Separated by ';' or ',' as the header is. Warnings beside those of outline.hpp: column_unknown.
domain::plan read_csv(std::string_view bytes, problem_list& problems);

}  // namespace planexe::plans
