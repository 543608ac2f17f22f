// What a leaf of an execution asks of whoever takes it.
#pragma once

#include "domain/execution_state.hpp"
#include "domain/matching.hpp"

namespace planexe::domain {

requirement requirement_of(const execution_state& state, task_index leaf);

}  // namespace planexe::domain
