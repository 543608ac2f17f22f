// Agents for the demo: threads that register, poll for work, take their time, sometimes fail, and report.
// Made and stopped by one thread; each agent has a thread and a connection of its own. What an agent does with a task
// follows from the seed, the task and the attempt alone, so that a run can be seen again whatever the timing.
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "apps/demo/activity_board.hpp"
#include "apps/demo/execution_client.hpp"

namespace planexe::demo {

struct crew_options {
  endpoint server;
  std::string api_key;
  std::vector<std::string> roles;  ///< shared out among the agents; empty: every agent is a generalist
  unsigned agents = 4;
  std::uint64_t seed = 1;
  double mean_task_seconds = 0.4;
  double failure_rate = 0.05;      ///< of attempts, 0 to 1
  unsigned poll_wait_seconds = 2;  ///< also how long stopping may take
};

/// What an agent will do with one attempt.
struct task_draw {
  double seconds = 0;
  bool fails = false;
  bool reports_progress = false;
};
task_draw draw_task(const crew_options& options, const std::string& task_id, unsigned attempt);

/// The roles of agent `index`: the plan's roles dealt out in turn, each to at least one agent.
std::vector<std::string> roles_of_agent(const crew_options& options, unsigned index);

class simulated_crew {
 public:
  /// Starts the agents. `board` must outlive the crew.
  simulated_crew(crew_options options, activity_board& board);
  /// Asks all to stop and waits for them.
  ~simulated_crew();

 private:
  std::vector<std::jthread> agents_;
};

}  // namespace planexe::demo
