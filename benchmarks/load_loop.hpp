// The load itself: one connection an agent, each asking for a task and reporting it complete, as fast as answers come.
// One thread and one epoll; requests are formatted beforehand as far as they can be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/latency.hpp"

namespace planexe::bench {

struct load_options {
  std::uint16_t port = 0;
  bool plain = false;  ///< the same two requests to a server that answers anything: nothing is read out of the answers
  std::vector<std::string> agent_ids;
  std::uint64_t tasks_total = 0;  ///< the window closes before they run out; 0: endless
  /// Executions of equal size that are not started yet. Where there are any, they are started and carried out one after
  /// the other, and the window is made of the middle part of each, so that at any moment one execution takes it all.
  std::vector<std::string> one_at_a_time;
  double warmup_seconds = 1;
  double measure_seconds = 5;
};

struct load_outcome {
  double seconds = 0;  ///< of the measured window
  std::uint64_t cycles = 0;
  std::uint64_t requests = 0;     ///< answered with a task, or recorded
  std::uint64_t empty_polls = 0;  ///< answered 204
  std::uint64_t errors = 0;       ///< any other answer, and broken connections
  std::string first_error;
  latency_samples poll;
  latency_samples report;
};

/// Throws `bench_failure` when no connection works any more.
load_outcome run_load(const load_options& options);

}  // namespace planexe::bench
