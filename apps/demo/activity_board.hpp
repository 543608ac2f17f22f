// What the simulated agents and the simulated person are doing right now, for the display.
// Any thread may call anything; a snapshot is consistent in itself.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace planexe::demo {

struct agent_activity {
  std::string name;
  std::string role;
  std::string task_title;  ///< empty while it waits for work
  unsigned completed = 0;
  unsigned errors = 0;  ///< attempts it reported as failed
};

struct activity {
  std::vector<agent_activity> agents;
  unsigned reviews_answered = 0;
  unsigned leases_lost = 0;
  std::string last_problem;  ///< the last answer nobody expected, for the summary
};

class activity_board {
 public:
  /// Returns the agent's place on the board, given to the calls below.
  std::size_t add_agent(std::string name, std::string role);
  void begin_task(std::size_t agent, std::string title);
  void complete_task(std::size_t agent);
  void fail_task(std::size_t agent);
  /// The task went to somebody else, or was taken back.
  void lose_task(std::size_t agent);
  void answer_review();
  void note_problem(std::string detail);

  activity snapshot() const;

 private:
  mutable std::mutex mutex_;
  activity activity_;
};

}  // namespace planexe::demo
