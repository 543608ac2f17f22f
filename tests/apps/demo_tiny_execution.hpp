// A few tasks played by the rules of the HTTP interface, for tests of clients: leases, retries, one review, one lost
// lease, one pause and one moment of overload. One thread; read the account when the server has stopped.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/apps/demo_stand_in_server.hpp"

namespace planexe::tests {

struct tiny_task {
  std::string task_id;
  std::string status = "QUEUED";
  bool needs_review = false;
  unsigned attempt = 0;
  std::string holder;
  std::string lease_token;
  unsigned completions = 0;
};

class tiny_execution {
 public:
  /// `review_of`, `lose_lease_of` and `pause_at` are places of tasks; out of range means none.
  tiny_execution(std::size_t tasks, std::size_t review_of, std::size_t lose_lease_of, std::size_t pause_at);

  stand_in_reply handle(const stand_in_request& request);

  std::vector<tiny_task> tasks;
  std::vector<std::string> event_types;  ///< recorded, in order
  std::vector<std::string> resolutions;  ///< actions a person took
  std::set<std::string> registered_roles;
  std::map<std::string, unsigned> key_uses;  ///< how often each idempotency key came
  unsigned overload_answers = 0;
  unsigned pauses = 0;
  std::string upload_type;
  std::string wrong;  ///< the first request that broke the rules

 private:
  stand_in_reply offer(const std::string& agent);
  stand_in_reply take_report(const stand_in_request& request);
  stand_in_reply resolve(const stand_in_request& request);
  stand_in_reply describe() const;
  stand_in_reply list_leaves() const;
  bool finished() const;

  std::size_t lose_lease_of_;
  std::size_t pause_at_;
  unsigned paused_looks_left_ = 0;
  unsigned agents_ = 0;
  unsigned tokens_ = 0;
};

}  // namespace planexe::tests
