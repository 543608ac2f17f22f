#include "domain/retry.hpp"

#include <algorithm>
#include <cmath>

namespace planexe::domain {
namespace {

constexpr double widest_jitter = 0.1;  // of the backoff

/// How long to wait after so many failed attempts: as long as the policy says, or a little longer.
milliseconds backoff_after(const retry_policy& policy, std::uint32_t failures, double jitter) {
  if (policy.backoff == milliseconds{0}) return {};  // which the greatest power could not be multiplied with
  const double grown = static_cast<double>(policy.backoff.count()) * std::pow(policy.multiplier, failures - 1);
  const double spread = grown * (1 + widest_jitter * std::clamp(jitter, 0.0, 1.0));
  return milliseconds{static_cast<long long>(std::min(spread, static_cast<double>(policy.max_backoff.count())))};
}

}  // namespace

void after_failure(const execution_state& state, task_index leaf, const attempt_failure& failure, timestamp now,
                   std::vector<execution_event>& events) {
  const auto& id = state.definition(leaf).id;
  const auto policy = retry_policy_of(state, leaf);
  const auto charged = state.tasks[leaf].charged + 1;
  const bool retryable = failure.retryable && std::find(policy.final_errors.begin(), policy.final_errors.end(),
                                                        failure.type) == policy.final_errors.end();
  if (failure.ask_person) {
    events.emplace_back(
        review_requested{id, review_kind::requested, "the agent asks for a person: " + failure.message});
  } else if (retryable && charged < policy.max_attempts) {
    events.emplace_back(task_retry_scheduled{id, now + backoff_after(policy, charged, failure.jitter)});
  } else {
    auto reason = (retryable ? "failed " + std::to_string(charged) + (charged == 1 ? " time: " : " times: ")
                             : "failed and cannot be retried: ") +
                  failure.message;
    events.emplace_back(review_requested{id, review_kind::failure, reason});
    events.emplace_back(task_escalated{id, std::move(reason), 1, escalation_target(state.options, 1)});
  }
}

}  // namespace planexe::domain
