// Fills what a plan leaves open about its leaves: estimate, action, role, autonomy tier, confidence. Runs once, after
// the tree is read and before it is validated.
#pragma once

#include <vector>

#include "domain/decomposition.hpp"
#include "domain/plan.hpp"

namespace planexe::plans {

/// What the author of a leaf decided; it is left as it is.
struct given_fields {
  bool action = false;
  bool role = false;
  bool confidence = false;
  bool tier = false;
  bool executable = false;
};

/// `given` is parallel to `plan.tasks`. `written_for_agents`: the plan came in the structured form.
/// A leaf without an estimate gets its share of the nearest ancestor's: that estimate over the ancestor's leaves.
void complete_leaves(domain::plan& plan, const std::vector<given_fields>& given, bool written_for_agents);

/// The same for the parts that `parent` is taken apart into. Role, priority and estimate come from the parent where a
/// part has none: the role as sure as the parent's, the estimate as an equal share. What a part has is kept: an action,
/// capabilities, a tier above `agent_alone`, `agent_executable` false, a confidence below 1.
void complete_subtasks(const domain::task_definition& parent, std::vector<domain::new_subtask>& subtasks);
/// As above where it is known what the parts' author decided; `given` is parallel to `subtasks`.
void complete_subtasks(const domain::task_definition& parent, std::vector<domain::new_subtask>& subtasks,
                       const std::vector<given_fields>& given);

}  // namespace planexe::plans
