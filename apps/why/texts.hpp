// The server's JSON as text for people. What came from plans and agents is made safe for a terminal; lines fit into
// `width` columns where that is at least 60. Pure, any thread. An error means that the JSON is not what a server says.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "domain/time.hpp"

namespace planexe::asking {

struct text_style {
  std::size_t width = 100;  ///< columns
  bool colours = false;
};

/// The sentence, the chain as a tree, what else is at the root, and the forecast. Times are relative to the answer's
/// own.
result<std::vector<std::string>> why_text(std::string_view answer, text_style style);

/// One execution: progress, blockers, forecast.
result<std::vector<std::string>> execution_text(std::string_view answer, domain::timestamp now, text_style style);

/// A line for each execution of a list.
result<std::vector<std::string>> executions_text(std::string_view answer, domain::timestamp now, text_style style);

/// Both, what is the same, and every task that went otherwise.
result<std::vector<std::string>> comparison_text(std::string_view answer, text_style style);

}  // namespace planexe::asking
