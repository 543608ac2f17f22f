// What a command that takes a task apart lacks, and only the execution's actor knows: the task itself. Pure.
#pragma once

#include "domain/execution_commands.hpp"

namespace planexe::actors {

/// Names the parts that have no id, and fills what they leave open: action, capabilities, tier, confidence; role,
/// priority and a share of the estimate from the task. The same parts come out the same, also once they are below it.
/// Other commands, and those about tasks that there are not, stay as they are.
void complete_parts(const domain::execution_state& state, domain::execution_command& command);

}  // namespace planexe::actors
