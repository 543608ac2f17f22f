// Writes plans in a line or two, for tests. A task's title is "T-" and its id unless it is given one.
//
//   const auto plan = plan_builder{}.phase("P").task("A").task("B").after("B", "A").build();
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "domain/plan.hpp"

namespace planexe::tests {

class plan_builder {
 public:
  /// Nodes in document order: a task goes below the last phase, a subtask below the last task.
  plan_builder& phase(std::string id) { return add(std::move(id), 0); }
  plan_builder& task(std::string id) { return add(std::move(id), 1); }
  plan_builder& subtask(std::string id) { return add(std::move(id), 2); }
  /// Below the node added last whose depth is one less; a phase has depth 0.
  plan_builder& add(std::string id, std::size_t depth);

  /// `to` cannot start before `from` is complete; both must have been added.
  plan_builder& after(std::string_view to, std::string_view from);

  /// These change the node added last.
  plan_builder& title(std::string text);
  plan_builder& action(std::string name);
  plan_builder& role(std::string name);
  plan_builder& confidence(double value);
  plan_builder& days(double realistic);
  plan_builder& timeout(domain::milliseconds value);
  plan_builder& retry(std::uint32_t max_attempts, domain::milliseconds backoff);

  plan_builder& redline(domain::redline_verdict verdict);
  plan_builder& start_warning(std::string text);

  domain::plan& raw() { return plan_; }
  std::shared_ptr<const domain::plan> build() const { return std::make_shared<const domain::plan>(plan_); }
  operator std::shared_ptr<const domain::plan>() const { return build(); }

 private:
  domain::task_index index_of(std::string_view id) const;
  domain::task_definition& last() { return plan_.tasks.back(); }

  domain::plan plan_{.id = {"plan-1"}, .title = "A plan", .goal = "A goal"};
  std::vector<domain::task_index> open_;  ///< the last node of each depth
};

}  // namespace planexe::tests
