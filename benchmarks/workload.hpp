// What the server has to do before load can be put on it: plans, agents and executions, made over HTTP.
// One thread; throws `bench_failure` when the server refuses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace planexe::bench {

struct workload_shape {
  unsigned agents = 64;
  unsigned executions = 16;
  unsigned leaves = 4000;  ///< of each execution
  bool start = true;       ///< the executions, at once
};

struct workload {
  std::vector<std::string> agent_ids;
  std::vector<std::string> execution_ids;
  std::uint64_t tasks_total = 0;
};

/// Waits until GET /readyz answers 200; gives up after `seconds`.
void wait_until_ready(std::uint16_t port, unsigned seconds);

/// A structured plan of `leaves` subtasks without any order among them, sure enough that no person is asked.
std::string plan_text(unsigned leaves);

/// Stores one plan, registers the agents, and makes the executions.
workload prepare(std::uint16_t port, const workload_shape& shape);

}  // namespace planexe::bench
