// Which of a run's many files a plan is made of, whatever number PlanExe put before their names, and in which folder of
// a zip the run is.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "plans/run_reader.hpp"
#include "plans/zip.hpp"

namespace planexe::plans {

/// A file name without PlanExe's number: `^(?:\d{3}(?:-\d+)*-)?NAME$`.
std::string_view without_number(std::string_view file_name);

/// Whether a path inside a zip or folder is a document we read. Litter (`__MACOSX/`, `.DS_Store`) is not.
bool is_run_file(std::string_view path);

/// Picks the run and parses its documents. The one in the outermost folder counts; two side by side are a problem.
run_documents gather_run(std::vector<run_file> files, problem_list& problems);

/// The documents of a folder and of its direct subfolders.
expected<std::vector<run_file>, zip_failure> read_folder(const std::filesystem::path& folder);

/// A whole file, at most `max_upload_bytes`.
expected<std::string, zip_failure> read_file(const std::filesystem::path& file);

}  // namespace planexe::plans
