// Reads chosen entries of a zip that is already in memory. Nothing is written to disk, and nothing that was not asked
// for is unpacked; the limits of plan_reader.hpp hold for what the zip says of itself and for what really comes out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "plans/problem_list.hpp"

namespace planexe::plans {

/// A file of a run: its path inside the zip or folder with '/' between the parts, and its bytes.
struct run_file {
  std::string path;
  std::string bytes;
};

struct zip_failure {
  bool too_large = false;
  std::vector<domain::plan_problem> problems;
};

/// The regular files whose path `wanted` accepts. Refuses zips with a path that is absolute, climbs (`..`) or holds a
/// NUL, with symbolic links, devices or encrypted entries, and those in ZIP64 form.
expected<std::vector<run_file>, zip_failure> read_zip(std::string_view bytes,
                                                      const std::function<bool(std::string_view path)>& wanted);

}  // namespace planexe::plans
