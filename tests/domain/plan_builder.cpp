#include "tests/domain/plan_builder.hpp"

#include <cstdio>
#include <cstdlib>

namespace planexe::tests {

using namespace domain;

plan_builder& plan_builder::add(std::string id, std::size_t depth) {
  if (depth > open_.size()) {
    std::fprintf(stderr, "plan_builder: '%s' has no parent at depth %zu\n", id.c_str(), depth);
    std::abort();
  }
  constexpr std::size_t levels = 3;
  open_.resize(depth);
  task_definition task;
  task.parent = depth == 0 ? no_task : open_.back();
  task.level = static_cast<task_level>(std::min(depth, levels - 1));
  task.title = "T-" + id;
  task.id.value = std::move(id);
  open_.push_back(static_cast<task_index>(plan_.tasks.size()));
  plan_.tasks.push_back(std::move(task));
  return *this;
}

plan_builder& plan_builder::after(std::string_view to, std::string_view from) {
  plan_.dependencies.push_back({index_of(from), index_of(to), {}});
  return *this;
}

task_index plan_builder::index_of(std::string_view id) const {
  for (task_index i = 0; i < plan_.tasks.size(); ++i)
    if (plan_.tasks[i].id.value == id) return i;
  std::fprintf(stderr, "plan_builder: no task '%.*s'\n", static_cast<int>(id.size()), id.data());
  std::abort();
}

plan_builder& plan_builder::title(std::string text) {
  last().title = std::move(text);
  return *this;
}
plan_builder& plan_builder::action(std::string name) {
  last().action = std::move(name);
  return *this;
}
plan_builder& plan_builder::role(std::string name) {
  last().assignee_role = std::move(name);
  return *this;
}
plan_builder& plan_builder::confidence(double value) {
  last().decomposition_confidence = value;
  return *this;
}
plan_builder& plan_builder::days(double realistic) {
  last().estimate = estimate{realistic, realistic, realistic};
  return *this;
}
plan_builder& plan_builder::timeout(milliseconds value) {
  last().timeout = value;
  return *this;
}
plan_builder& plan_builder::retry(std::uint32_t max_attempts, milliseconds backoff) {
  last().retry = retry_policy{max_attempts, backoff};
  return *this;
}
plan_builder& plan_builder::redline(redline_verdict verdict) {
  plan_.redline = verdict;
  return *this;
}
plan_builder& plan_builder::start_warning(std::string text) {
  plan_.start_warning = std::move(text);
  return *this;
}

}  // namespace planexe::tests
