// The answer to POST /api/agents/{agent_id}/decompose. Pure, any thread.
#pragma once

#include <string>
#include <vector>

#include "domain/decomposition.hpp"

namespace planexe::gateway {

struct decomposition_answer {
  domain::task_id task;
  double confidence = 0;
  const domain::decomposition& parts;
  std::vector<domain::task_id> sequence;  ///< an order in which the parts can be done
  const std::vector<domain::plan_warning>& warnings;
};

/// `{task_id, decomposition_confidence, decomposed_subtasks, execution_sequence, notes, warnings, source, model?}`
void render_decomposition(std::string& out, const decomposition_answer& answer);

}  // namespace planexe::gateway
