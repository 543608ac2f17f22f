// A plan before anything is stored, and what follows from it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "domain/schedule.hpp"

namespace planexe::importing {

/// A leaf whose confidence is lower waits for a person's approval: the server's PLANEXE_REVIEW_THRESHOLD, as it is
/// unless somebody sets it.
inline constexpr double review_threshold = 0.7;

struct preview_counts {
  std::size_t phases = 0, tasks = 0, subtasks = 0, leaves = 0;
  std::size_t agent_alone = 0, agent_with_approval = 0, person_led = 0;  ///< leaves by tier
  std::size_t low_confidence = 0;
  double mean_confidence = 0;
};

struct plan_preview {
  std::shared_ptr<const domain::plan_graph> graph;  ///< sequencing as an execution has it by default
  domain::schedule schedule;                        ///< by realistic estimates, where agents are plenty
  preview_counts counts;
  std::vector<domain::plan_warning> warnings;  ///< the reader's, then those about the order
};

/// Reads the plan as the server would. Every reason when it would be refused.
expected<plan_preview, std::vector<domain::plan_problem>> preview_plan(const std::string& path);

/// As a tree for people, a line each, no wider than `width` where that is at least 60.
std::vector<std::string> preview_text(const plan_preview& preview, std::size_t width, bool colours);

/// The same as one JSON object in ASCII, ended by a line break.
std::string preview_json(const plan_preview& preview);

/// "agent_alone", …
std::string_view name_of(domain::autonomy_tier tier);

}  // namespace planexe::importing
