// What people send about executions: create, steer, resolve. Pure, any thread. Every function fails with 400 for what
// is not JSON and with a 422 that names every wrong member; members that are not known are wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/execution_commands.hpp"
#include "domain/fork.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

/// Limits of what an execution may be told.
inline constexpr std::uint32_t max_parallel_limit = 100'000;
inline constexpr std::uint32_t max_attempts_limit = 100;
inline constexpr double max_timeout_hours = 24.0 * 366 * 10;    // ten years: the longest plans span decades of phases
inline constexpr double max_backoff_seconds = 7.0 * 24 * 3600;  // as the domain: a longer wait is a person's business

struct create_execution_request {
  /// Exactly one of the two is given.
  domain::plan_id plan;
  std::string plan_json;  ///< compact JSON of a plan, for the plans room to read
  /// All but `source`, which the caller finds or reads.
  domain::create_execution command;
};
/// Options that are not given keep the values of `defaults`.
expected<create_execution_request, problem> parse_create_execution(std::string_view body,
                                                                   const domain::execution_options& defaults);

struct fork_request {
  std::uint64_t at_seq = 0;  ///< from 1
  domain::fork_execution wanted;
};
/// Options that are not given keep the values of `before`, the origin's. An `agent_id` that is null stands for anybody.
expected<fork_request, problem> parse_fork(std::string_view body, const domain::execution_options& before);

/// At least one of the two is there.
expected<domain::steer_execution, problem> parse_patch_execution(std::string_view body);

/// A person's decision about `task`, which the path names.
expected<domain::resolve_review, problem> parse_resolution(std::string_view body, const domain::task_id& task);

}  // namespace planexe::gateway
