// The shapes that a line of Markdown can have, each told from the line alone. Pure; linear in its length.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace planexe::plans {

/// The lines of a text, without their ends of whatever kind.
std::vector<std::string_view> lines_of(std::string_view text);

/// A line with its indent taken off; tabs go to the next column of four.
struct indented {
  std::size_t column = 0;
  std::string_view text;  ///< without white space at its end
};
indented unindented(std::string_view line);

/// Whether every character is one of these.
bool holds_only(std::string_view text, std::string_view characters);

/// "---", "* * *", "___".
bool is_thematic_break(std::string_view text);

/// The row below a table's head: "| --- | :-: |".
bool is_table_rule(std::string_view text);
std::vector<std::string_view> cells_of(std::string_view row);

/// "-", "*", "+", "3." or "3)" and what follows it.
struct list_marker {
  std::size_t number = 0;
  std::string_view rest;
};
std::optional<list_marker> marker_of(std::string_view text);

/// A heading's words without "1." or "2.3)" before them.
std::string_view without_numbering(std::string_view title);

}  // namespace planexe::plans
