// How failures and waits are dealt with, as requests say it: retry policies and escalation ladders. Pure, any thread.
#pragma once

#include <vector>

#include "domain/execution_events.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_subtasks.hpp"

namespace planexe::gateway {

/// The member `retry_policy`: {max_attempts?, backoff_seconds?, multiplier?, max_backoff_seconds?,
/// non_retryable_errors?}. What it leaves open is as in `usual`. Nothing when it is absent.
std::optional<domain::retry_policy> read_retry_policy(body_fields& fields, const domain::retry_policy& usual,
                                                      unknown_members unknown);

/// The member `escalation`: an array of {after_hours, to?}, the first rung first. Nothing when it is absent.
std::optional<std::vector<domain::escalation_rung>> read_escalation(body_fields& fields);

}  // namespace planexe::gateway
