#include "domain/requirement.hpp"

namespace planexe::domain {

requirement requirement_of(const execution_state& state, task_index leaf) {
  return {state.definition(leaf).action, role_of(state, leaf), pinned_agent_of(state, leaf),
          is_for_people(state.options, state.definition(leaf))};
}

}  // namespace planexe::domain
