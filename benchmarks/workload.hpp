// What the server has to do before load can be put on it: plans, agents and executions, made over HTTP.
// One thread; throws `bench_failure` when the server refuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/wire.hpp"

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

/// POSTs a plan in its structured form; its id.
std::string store_plan(std::uint16_t port, const std::string& text);
/// The body of a POST /api/executions that asks nobody and heeds only given edges.
std::string execution_text(std::string_view plan_id, bool start);
/// How many executions are COMPLETED, of at most 1,000.
std::size_t completed_executions(std::uint16_t port);

/// What a poll was answered with. Views end with the answer.
struct offered_task {
  std::string_view execution;
  std::string_view task;
  std::string_view lease;
};
/// Nothing when there was no work in it.
std::optional<offered_task> task_in(const framed_reply& reply);
/// The report that a task is complete, with an output as small finished tasks have.
std::string completion_request(std::string_view agent, const offered_task& task);

/// Stores one plan, registers the agents, and makes the executions.
workload prepare(std::uint16_t port, const workload_shape& shape);

}  // namespace planexe::bench
