// Collects the reasons why an input is refused, up to a number that a person would still read.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "domain/plan.hpp"

namespace planexe::plans {

class problem_list {
 public:
  /// `field` names the member as a path: `phases[0].tasks[2].title`.
  void add(std::string field, std::string message) {
    if (problems_.size() < max_problems)
      problems_.push_back({std::move(field), std::move(message)});
    else
      ++left_out_;
  }
  bool empty() const { return problems_.empty(); }
  std::vector<domain::plan_problem> take() {
    if (left_out_ > 0) problems_.push_back({"", "and " + std::to_string(left_out_) + " more problems"});
    return std::move(problems_);
  }

 private:
  static constexpr std::size_t max_problems = 200;  // an answer of a few tens of kilobytes
  std::vector<domain::plan_problem> problems_;
  std::size_t left_out_ = 0;
};

/// The same for what the reader went on from.
class warning_list {
 public:
  void add(std::string code, std::string detail, std::string task = {}) {
    if (warnings_.size() < max_warnings)
      warnings_.push_back({std::move(code), std::move(detail), {std::move(task)}});
    else
      ++left_out_;
  }
  std::vector<domain::plan_warning> take() {
    if (left_out_ > 0) warnings_.push_back({"more_warnings", std::to_string(left_out_) + " more warnings", {}});
    return std::move(warnings_);
  }

 private:
  static constexpr std::size_t max_warnings = 500;  // stored with the plan; real runs have under ten
  std::vector<domain::plan_warning> warnings_;
  std::size_t left_out_ = 0;
};

}  // namespace planexe::plans
