// People's plans in Markdown: headings are phases and tasks, list items are leaves, and what stands beside them says
// who does them, how long they take and what they wait for. What is understood is written down in docs/plan-formats.md.
#pragma once

#include <string_view>

#include "domain/plan.hpp"
#include "plans/problem_list.hpp"

namespace planexe::plans {

/// The plan, without id; sound only when `problems` stayed empty. Every problem's field is its line: "line 12".
/// Warnings beside those of markdown_blocks.hpp and outline.hpp: no_title, phase_added, section_without_tasks,
/// section_left_out, hint_unused, role_twice, team_too_large, entries_left_out.
domain::plan read_markdown(std::string_view bytes, problem_list& problems);

}  // namespace planexe::plans
