// What must hold of every input, shared by the fuzz targets. A check that fails ends the process, and the fuzzer keeps
// the input.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "domain/plan_graph.hpp"
#include "plans/attachment.hpp"
#include "plans/plan_reader.hpp"
#include "plans/words.hpp"

namespace planexe::fuzz {

inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: broken: %s\n", what);
  std::abort();
}

inline std::string_view text_of(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void check_attached(const std::vector<domain::task_index>& tasks, const domain::plan& plan) {
  must(tasks.size() <= plans::most_attached_tasks, "a risk is attached to a handful of tasks");
  must(std::is_sorted(tasks.begin(), tasks.end()), "attached tasks are in document order");
  for (const auto task : tasks) must(task < plan.tasks.size(), "an attached task exists");
}

/// A plan that was read is sound and can be linked, or refused for its cycles alone; one that was not has a reason.
inline void check_read(const expected<domain::plan, plans::read_failure>& read) {
  if (!read) {
    must(!read.error().problems.empty(), "a refusal has a reason");
    return;
  }
  const domain::plan& plan = *read;
  must(domain::validate(plan).empty(), "a plan that was read is sound");
  must(plans::is_utf8(plan.title) && plans::is_utf8(plan.goal), "texts are UTF-8");
  for (const auto& task : plan.tasks) {
    must(plans::is_utf8(task.title) && plans::is_utf8(task.description), "texts are UTF-8");
    must(task.role_certainty >= 0 && task.role_certainty <= 1, "a certainty lies within 0 and 1");
  }
  for (const auto& risk : plan.risks) check_attached(risk.tasks, plan);
  for (const auto& assumption : plan.assumptions) check_attached(assumption.tasks, plan);
  const auto shared = std::make_shared<const domain::plan>(plan);
  const bool acyclic = domain::plan_graph::build(shared, domain::sequencing::dependencies).has_value();
  for (const auto sequencing : {domain::sequencing::phased, domain::sequencing::plan})
    must(domain::plan_graph::build(shared, sequencing).has_value() == acyclic, "implied orders give way to given ones");
}

}  // namespace planexe::fuzz
