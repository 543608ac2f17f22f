#include "apps/demo/activity_board.hpp"

namespace planexe::demo {

std::size_t activity_board::add_agent(std::string name, std::string role) {
  const std::lock_guard lock(mutex_);
  activity_.agents.push_back({std::move(name), std::move(role), {}, 0, 0});
  return activity_.agents.size() - 1;
}

void activity_board::begin_task(std::size_t agent, std::string title) {
  const std::lock_guard lock(mutex_);
  activity_.agents[agent].task_title = std::move(title);
}

void activity_board::complete_task(std::size_t agent) {
  const std::lock_guard lock(mutex_);
  activity_.agents[agent].task_title.clear();
  ++activity_.agents[agent].completed;
}

void activity_board::fail_task(std::size_t agent) {
  const std::lock_guard lock(mutex_);
  activity_.agents[agent].task_title.clear();
  ++activity_.agents[agent].errors;
}

void activity_board::lose_task(std::size_t agent) {
  const std::lock_guard lock(mutex_);
  activity_.agents[agent].task_title.clear();
  ++activity_.leases_lost;
}

void activity_board::answer_review() {
  const std::lock_guard lock(mutex_);
  ++activity_.reviews_answered;
}

void activity_board::note_problem(std::string detail) {
  const std::lock_guard lock(mutex_);
  activity_.last_problem = std::move(detail);
}

activity activity_board::snapshot() const {
  const std::lock_guard lock(mutex_);
  return activity_;
}

}  // namespace planexe::demo
