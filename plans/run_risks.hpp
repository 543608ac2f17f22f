// What may go wrong, as a run tells it: the risks it identified, the ways it imagined to have failed (premortem), and
// what it takes for granted. None of it decides whether or in which order a plan may run, so what is missing or odd
// costs a warning at most.
#pragma once

#include "domain/plan.hpp"
#include "plans/json_text.hpp"
#include "plans/problem_list.hpp"

namespace planexe::plans {

/// Real runs name 6 to 12 risks, 9 failure modes and 8 to 49 assumptions. They are stored with the plan and shown with
/// every execution, so what is beyond these limits is left out, with the warning `risks_left_out`.
inline constexpr std::size_t max_plan_risks = 1'000;
inline constexpr std::size_t max_plan_assumptions = 1'000;
/// The longest text of a real risk has 1,000 bytes, the longest line of one 370. Longer ones are cut with "…".
inline constexpr std::size_t max_risk_text_bytes = 4'000;
inline constexpr std::size_t max_risk_line_bytes = 1'000;
/// Early warnings, tripwires and the steps of a playbook: three each in real runs.
inline constexpr std::size_t max_risk_lines = 16;

/// `{risks}` or that array; ids are R1, R2, …
void read_risks(const json_value& document, domain::plan& plan, warning_list& warnings);

/// `{assumptions_to_kill, failure_modes}`: assumptions keep their ids (A1, …), failure modes get FM1, … as PlanExe's
/// own report calls them. PlanExe scores impact and likelihood from 1 to 5; here they become words, from "very low" to
/// "very high", to stand beside the risks' own.
void read_premortem(const json_value& document, domain::plan& plan, warning_list& warnings);

/// `[{question, assumptions}]` or `{assumption_list}`, whose items are texts; ids are P1, P2, … (planning assumptions).
void read_assumptions(const json_value& document, domain::plan& plan, warning_list& warnings);

}  // namespace planexe::plans
