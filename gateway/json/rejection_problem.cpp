#include "gateway/json/rejection_problem.hpp"

namespace planexe::gateway {

problem_code problem_code_of(domain::rejection_code code) {
  using from = domain::rejection_code;
  switch (code) {
    case from::not_found:
      return problem_code::not_found;
    case from::invalid_transition:
      return problem_code::invalid_transition;
    case from::lease_lost:
      return problem_code::lease_lost;
    case from::already_exists:
      return problem_code::already_exists;
    case from::task_not_held:
      return problem_code::task_not_held;
    case from::plan_refused:
      return problem_code::plan_refused;
    case from::confirmation_required:
      return problem_code::confirmation_required;
    case from::version_mismatch:
      return problem_code::version_mismatch;
    case from::validation_failed:
      return problem_code::validation_failed;
    case from::idempotency_key_reused:
      return problem_code::idempotency_key_reused;
    case from::unavailable:
      return problem_code::unavailable;
  }
  return problem_code::internal_error;
}

problem to_problem(const domain::rejection& rejection) {
  if (rejection.code == domain::rejection_code::unavailable) return unavailable(rejection.detail);
  problem answer{problem_code_of(rejection.code), rejection.detail, {}, {}};
  answer.errors.reserve(rejection.errors.size());
  for (const auto& error : rejection.errors) answer.errors.push_back({error.field, error.message});
  return answer;
}

problem to_problem(const error& error) {
  switch (error.code) {
    case errc::not_found:
      return {problem_code::not_found, error.detail, {}, {}};
    case errc::conflict:
    case errc::archived:
      return {problem_code::invalid_transition, error.detail, {}, {}};
    case errc::invalid:
      return {problem_code::validation_failed, error.detail, {}, {}};
    case errc::too_large:
      return {problem_code::payload_too_large, error.detail, {}, {}};
    case errc::io:
    case errc::corrupt:
    case errc::newer_version:
    case errc::locked:
      break;
  }
  return unavailable("the store has failed");
}

}  // namespace planexe::gateway
