// Counts what a run holds straight from its JSON, sharing no code with the reader under test: only the library that
// parses JSON.
#pragma once

#include <cstddef>
#include <filesystem>

namespace planexe::plans::testing {

struct run_counts {
  std::size_t phases = 0;
  std::size_t tasks = 0;
  std::size_t leaves = 0;
  std::size_t dependencies = 0;  ///< different pairs of tasks that exist
  std::size_t roles = 0;
  std::size_t risks = 0;
  std::size_t failure_modes = 0;
  std::size_t assumptions = 0;  ///< of the premortem and of the planning
  std::size_t estimates = 0;    ///< phases and tasks with subtasks whose days PlanExe knew
  friend bool operator==(const run_counts&, const run_counts&) = default;
};

/// Counts in the folder of a run.
run_counts count_raw(const std::filesystem::path& run);

}  // namespace planexe::plans::testing
