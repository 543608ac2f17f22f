// The demonstration from the outside: give it a running server and a plan, and watch simulated agents carry it out.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "apps/demo/http_client.hpp"
#include "apps/demo/plan_upload.hpp"

namespace planexe::demo {

struct demo_options {
  endpoint server;      ///< already serving
  std::string api_key;  ///< an operator's; empty on an open server
  plan_upload plan;
  unsigned agents = 0;  ///< 0: as many as the plan has roles, 3 to 6
  std::uint64_t seed = 1;
  double mean_task_seconds = 0.4;
  double failure_rate = 0.05;  ///< of attempts, 0 to 1
  bool plain = false;          ///< lines instead of a redrawn picture, also where there is a terminal
  std::string address;         ///< where to look, as shown; empty: the server's own
  std::stop_token stop;        ///< ends the demo early; the execution stays as it is
};

/// Posts the plan, starts an execution, and runs agents, a person and the display until it ends. Blocks; uses standard
/// output. Returns 0 when the execution is COMPLETED, 1 when it ended otherwise, was stopped, or the server refused.
int run_demo(const demo_options& options);

}  // namespace planexe::demo
