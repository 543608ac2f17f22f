// A simulation of the whole server with its clients from one seed: the real actors, message by message in any order;
// agents that work, fail, repeat themselves, lie and vanish; people who steer and decide; time that jumps; crashes and
// failing disks at any point. Whatever happens, the auditor's rules hold; and once agents behave and people answer,
// every execution ends.
#pragma once

#include "tests/actors/auditor.hpp"
#include "tests/actors/outbox_audit.hpp"
#include "tests/domain/random_walk.hpp"

namespace planexe::tests {

/// What happened in a run, to see that it was worth its time.
struct simulation_counts {
  std::uint64_t crashes = 0, disk_failures = 0, polls_served = 0, reports = 0, accepted = 0, stale = 0, duplicates = 0,
                lost_answers = 0, executions = 0, sendings = 0, wake_ups = 0, forks = 0;
  std::map<std::string, std::uint64_t> events;
  void add(const simulation_counts& other);
};

struct simulation_result {
  std::string problem;  ///< empty when all was well
  simulation_counts counts;
};

simulation_result simulate(std::uint64_t seed);

}  // namespace planexe::tests
