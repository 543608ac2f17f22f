// What follows a failed attempt, by the policy that holds for its leaf. Pure.
#pragma once

#include "domain/execution_state.hpp"

namespace planexe::domain {

/// How an attempt failed, as far as what follows depends on it.
struct attempt_failure {
  std::string type;
  std::string message;
  bool retryable = true;
  bool ask_person = false;
  double jitter = 0;
};

/// The events that follow a failed attempt, its own left out: another one later, or a person is asked.
void after_failure(const execution_state& state, task_index leaf, const attempt_failure& failure, timestamp now,
                   std::vector<execution_event>& events);

}  // namespace planexe::domain
