// The person in the demo: a thread that looks at what waits for a decision and answers it, as one would by clicking.
// Made and stopped by one thread.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "apps/demo/activity_board.hpp"
#include "apps/demo/execution_client.hpp"

namespace planexe::demo {

struct person_options {
  endpoint server;
  std::string api_key;
  std::string execution_id;
  double seconds_per_answer = 0.1;
};

/// The actions worth trying on a blocker, best first: approve, retry, complete, unblock, skip, as far as it offers
/// them.
std::vector<std::string> actions_for(const blocker& blocker);

class simulated_person {
 public:
  /// Starts. `board` must outlive the person.
  simulated_person(person_options options, activity_board& board);

 private:
  std::jthread thread_;
};

}  // namespace planexe::demo
