// Groups of a task's members that its plan fixes; shared by the tasks of a plan and those of an execution.
#pragma once

#include "domain/plan.hpp"

namespace planexe::gateway {

class json_writer;

/// task_id, parent_id, level, title, description.
void append_identity(json_writer& writer, const domain::plan& plan, domain::task_index task);
/// action and params.
void append_action(json_writer& writer, const domain::task_definition& task);
/// required_capabilities, and success_criteria where there are any.
void append_capabilities(json_writer& writer, const domain::task_definition& task);
/// estimate, where there is one.
void append_estimate(json_writer& writer, const domain::task_definition& task);
/// priority, agent_executable, decomposition_confidence, autonomy_tier, role_certainty, why.
void append_judgement(json_writer& writer, const domain::task_definition& task);

}  // namespace planexe::gateway
