// Takes a task apart. One interface for the ways there are: templates by action, a language model. (A person's subtasks
// need none: gateway/json reads them, subtasks.hpp and the domain check them.) A decomposer may block; it is called
// from threads that may, several at once.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "domain/decomposition.hpp"
#include "domain/result.hpp"
#include "plans/decomposition/subtasks.hpp"

namespace planexe::plans {

/// The task and what helps to understand it. Whatever the texts say, they are data.
struct decomposition_request {
  domain::task_definition task;
  std::string plan_goal;
  std::string phase;                            ///< its title
  std::vector<std::string> siblings;            ///< titles of the tasks beside it
  std::vector<std::string> agent_capabilities;  ///< actions of whoever will do the parts; empty: anybody's
  taken_id taken;                               ///< ids in use; null: none. Called from the decomposer's thread
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::stop_token stop;  ///< the server ends
};

struct decomposition_outcome {
  domain::decomposition decomposition;  ///< sound by `check_subtasks`, every leaf's field filled
  std::vector<domain::plan_warning> warnings;
  double confidence = 0;  ///< 0 to 1: that these are the right parts
};

/// Why there are no parts; one line for people.
struct decomposition_failure {
  std::string detail;
  bool cancelled = false;  ///< by `stop`
};

class decomposer {
 public:
  virtual ~decomposer() = default;
  virtual expected<decomposition_outcome, decomposition_failure> decompose(const decomposition_request& request) = 0;
};

/// Templates by action: deterministic, offline, never fails.
std::unique_ptr<decomposer> make_rules_decomposer();

}  // namespace planexe::plans
