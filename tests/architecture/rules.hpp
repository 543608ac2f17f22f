// The table of rooms as data: which room may include which, and which third-party library shows up where.
// Pure functions from a file to the list of its breaches, so that the rules themselves can be tested.
#pragma once

#include <string>
#include <vector>

#include "tests/architecture/source_tree.hpp"

namespace planexe::tests {

/// One line a breach: "path:line: what is wrong". Empty when the file keeps to the table.
std::vector<std::string> room_breaches(const source_file& file);

/// Breaches of the small rules: head comment, `#pragma once`, no tabs, no notes to self, length.
std::vector<std::string> tidy_breaches(const source_file& file);

/// Where replay, views and decisions ask for what is not in the log: a clock, chance, the environment.
std::vector<std::string> determinism_breaches(const source_file& file);

}  // namespace planexe::tests
