// A small plan and an execution of it that really runs, for tests of what clients see of them.
#pragma once

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

#include "domain/event_record.hpp"
#include "domain/execution_commands.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::tests {

using nlohmann::json;

/// 2026-01-31T09:05:07.250Z
domain::timestamp first_moment();

/// Phase p1 with task t1 (subtasks t1.a, t1.b) and the unsure leaf t2; phase p2 with leaf t3, which t2 comes before.
/// Each step of an execution is one second after the one before.
domain::plan small_plan();

class live_execution {
 public:
  explicit live_execution(domain::plan plan = small_plan(), domain::execution_options options = {});

  /// Runs the command and what follows from it; it must not be refused.
  void run(const domain::execution_command& command);
  /// Hands the leaf to agent `a1` under the token `token-N`, N counting from 1.
  void assign(const char* task);
  domain::task_index find(const char* task) const;
  /// Of the last step.
  domain::timestamp now() const { return now_; }

  domain::execution_id id{"e1"};
  domain::execution_state state;
  std::vector<domain::event_record> records;

 private:
  void apply(const domain::execution_event& event);

  domain::timestamp now_ = first_moment();
  unsigned tokens_ = 0;
};

/// The fields of a 422 or of a wrong query, each once.
std::set<std::string> fields_of(const gateway::problem& problem);

/// Parses what a render function appends.
template <class Render>
json rendered(Render&& render) {
  std::string text;
  render(text);
  return json::parse(text);
}

}  // namespace planexe::tests
