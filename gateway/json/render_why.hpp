// Why an execution or a task is not done yet, as clients see it: the chain of causes, what is at its root, who could do
// something about it, and the same as a sentence for people. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/agent_events.hpp"
#include "domain/execution_state.hpp"

namespace planexe::gateway {

/// What an execution's own events do not tell of a registered agent.
struct agent_facts {
  domain::agent_id id;
  domain::agent_profile profile;
  std::string_view status;  ///< as in the list of agents; empty: not known, as where the log is all that there is
  std::optional<domain::timestamp> last_seen_at;
  std::optional<domain::timestamp> lease_expires_at;
  std::size_t holds = 0;  ///< tasks, of all executions
};

/// Candidates told of for one task; `candidates_total` tells of all.
inline constexpr std::size_t most_candidates = 10;

/// `{execution_id, as_of, status, headline, task_id?, title?, chain, roots, roots_total, counts, forecast?, say}`, as
/// of `now`; `task` is `no_task` for the whole execution, which must exist. `agents` are all that may hold or take a
/// task of it; null: they are not known, as of a state of the past.
void render_why(std::string& out, const domain::execution_id& id, const domain::execution_state& state,
                domain::task_index task, domain::timestamp now, const std::vector<agent_facts>* agents);

}  // namespace planexe::gateway
