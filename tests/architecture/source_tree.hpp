// The project's own C++ files as text, for the tests that read the code instead of running it.
// One thread; a file is read once, when the tree is loaded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace planexe::tests {

struct source_line {
  std::size_t number;  ///< from 1
  std::string text;
};

struct source_file {
  std::string path;  ///< relative to the checkout, with '/'
  std::string room;  ///< the first folder of the path
  std::vector<source_line> lines;
};

struct include_line {
  std::size_t number;
  std::string target;  ///< what stands between the quotes or brackets
  bool quoted;
};

/// Every .hpp and .cpp below the folders that hold code, sorted by path. Asserts by throwing when the checkout is
/// empty.
std::vector<source_file> load_sources(const std::string& checkout);

/// Cuts `text` into lines as a file of that path; used by `load_sources` and by tests of the rules themselves.
source_file parse_source(std::string path, std::string_view text);

std::vector<include_line> includes_of(const source_file& file);

}  // namespace planexe::tests
