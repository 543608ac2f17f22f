// A task taken apart: what the parts are, who thought of them, and how they join an execution's graph.
#pragma once

#include <string>
#include <vector>

#include "domain/plan_graph.hpp"

namespace planexe::domain {

/// What one decomposition may have. A task that needs more wants a plan of its own.
inline constexpr std::size_t max_subtasks = 64;
/// Levels of an execution's tree, phases being the first, below which nothing is taken apart any further.
inline constexpr std::size_t max_decomposition_depth = 8;

/// One part. `parent` and `level` do not count: the graft sets them.
struct new_subtask {
  task_definition definition;
  std::vector<task_id> depends_on;  ///< other parts, or any task of the plan
  friend bool operator==(const new_subtask&, const new_subtask&) = default;
};

enum class decomposition_source : std::uint8_t {
  person,  ///< by hand
  agent,   ///< proposed by the agent that held the task
  rules,   ///< templates by action
  model,   ///< a language model
};

struct decomposition {
  std::vector<new_subtask> subtasks;  ///< in the order of execution
  decomposition_source source = decomposition_source::person;
  std::string model;     ///< its name, where it was asked
  std::string response;  ///< what the model answered, as it came, so that no replay has to ask again
  std::string notes;
  friend bool operator==(const decomposition&, const decomposition&) = default;
};

/// The graph with `parts` below the leaf `task`; every task that was there keeps its index. Fails with every reason:
/// no part or too many, too deep, ids that are wrong or taken, dependencies on nothing, cycles.
expected<std::shared_ptr<const plan_graph>, std::vector<plan_problem>> graft(const plan_graph& graph, task_index task,
                                                                             const decomposition& parts);

}  // namespace planexe::domain
