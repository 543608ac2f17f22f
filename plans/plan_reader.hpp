// The way into this room: bytes or a path in, a checked plan out. Pure functions of their input, safe on any thread;
// no exception leaves them. Whatever is refused, every reason is told, and memory stays within the limits below.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "domain/plan.hpp"
#include "domain/result.hpp"

namespace planexe::plans {

/// An upload, a document inside it, or a file: real runs are under 3 MiB.
inline constexpr std::size_t max_upload_bytes = std::size_t{64} << 20;
/// What a zip may claim to unpack to. Only the documents a plan needs are unpacked at all.
inline constexpr std::size_t max_unpacked_bytes = std::size_t{256} << 20;
/// Real runs hold up to about 250 files.
inline constexpr std::size_t max_zip_entries = 10'000;
/// Text shrinks 3 to 30 times; a zip that shrinks more than this was built to burst.
inline constexpr std::size_t max_zip_ratio = 200;

/// Why there is no plan: at least one problem. `too_large` tells a limit of size from content that is wrong.
struct read_failure {
  bool too_large = false;
  std::vector<domain::plan_problem> problems;
};

enum class plan_format {
  zip,       ///< a PlanExe run, at the top or in one folder
  json,      ///< `{wbs_project, …}` as PlanExe writes it, or the structured form `{goal, phases, …}`
  csv,       ///< PlanExe's WBS as a table (csv_reader.hpp)
  markdown,  ///< a person's plan (markdown_reader.hpp)
};

/// Reads bytes that are already in memory. The plan satisfies `domain::validate`; its id is empty for the caller to
/// set. What a run got wrong but can do without is in its `warnings`. Cycles among dependencies are looked for in CSV
/// and Markdown alone, where a problem's field is its line ("line 12").
expected<domain::plan, read_failure> read_plan(std::string_view bytes, plan_format format);

/// Reads a folder that holds a PlanExe run, a `.zip`, `.json`, `.csv`, `.md` or `.markdown`; a file with another name
/// is told by its first bytes.
expected<domain::plan, read_failure> read_plan_from_path(const std::filesystem::path& path);

}  // namespace planexe::plans
