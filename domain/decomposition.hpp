// A task taken apart: what the parts are and who thought of them. Grafted below the task by a decision of the
// execution (`subtasks_added`); nothing here checks it.
#pragma once

#include <string>
#include <vector>

#include "domain/plan.hpp"

namespace planexe::domain {

/// What one decomposition may have. A task that needs more wants a plan of its own.
inline constexpr std::size_t max_subtasks = 64;
/// Levels of an execution's tree, phases being the first, below which nothing is taken apart any further.
inline constexpr std::size_t max_decomposition_depth = 8;

/// One part. The graft sets `parent` and `level`, and what is left open of estimate, role and priority by the parent's.
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

}  // namespace planexe::domain
