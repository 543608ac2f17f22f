// Who has been handed what: every task of every execution once, and each completed by its one holder. One thread;
// throws `bench_failure` as soon as a task is handed out twice, or is of an execution that is not known.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace planexe::bench {

struct tracked_execution {
  std::string id;
  std::size_t tasks = 0;
  std::unordered_set<std::string> handed;
  std::size_t completed = 0;
};

class hand_outs {
 public:
  /// Its place, from 0 in the order in which they were added.
  std::size_t add(std::string_view execution, std::size_t tasks);
  /// A task was handed out: the place of its execution.
  std::size_t note(std::string_view execution, std::string_view task);
  void note_completed(std::size_t execution);

  const tracked_execution& operator[](std::size_t execution) const { return executions_[execution]; }
  std::size_t size() const { return executions_.size(); }
  std::uint64_t total() const { return total_; }          ///< hand-outs
  std::uint64_t completed() const { return completed_; }  ///< tasks
  std::uint64_t expected() const { return expected_; }    ///< tasks of all executions

 private:
  std::vector<tracked_execution> executions_;
  std::unordered_map<std::string, std::size_t> places_;
  std::uint64_t total_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t expected_ = 0;
};

}  // namespace planexe::bench
