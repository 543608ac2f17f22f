#include "benchmarks/hand_outs.hpp"

#include "benchmarks/wire.hpp"

namespace planexe::bench {

std::size_t hand_outs::add(std::string_view execution, std::size_t tasks) {
  const auto place = executions_.size();
  if (!places_.emplace(execution, place).second) throw bench_failure("two executions have the same id");
  executions_.push_back({.id = std::string(execution), .tasks = tasks, .handed = {}, .completed = 0});
  expected_ += tasks;
  return place;
}

std::size_t hand_outs::note(std::string_view execution, std::string_view task) {
  const auto found = places_.find(std::string(execution));
  if (found == places_.end()) throw bench_failure("handed out of an unknown execution: " + std::string(execution));
  auto& of = executions_[found->second];
  if (!of.handed.emplace(task).second)
    throw bench_failure("handed out twice: task " + std::string(task) + " of " + of.id);
  if (of.handed.size() > of.tasks) throw bench_failure("more tasks were handed out than there are in " + of.id);
  ++total_;
  return found->second;
}

void hand_outs::note_completed(std::size_t execution) {
  ++executions_[execution].completed;
  ++completed_;
}

}  // namespace planexe::bench
