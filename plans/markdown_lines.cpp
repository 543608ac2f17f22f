#include "plans/markdown_lines.hpp"

#include <algorithm>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::size_t tab_columns = 4;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
  }
  return lines;
}

indented unindented(std::string_view line) {
  std::size_t column = 0;
  std::size_t at = 0;
  for (; at < line.size() && (line[at] == ' ' || line[at] == '\t'); ++at)
    column = line[at] == ' ' ? column + 1 : (column / tab_columns + 1) * tab_columns;
  line.remove_prefix(at);
  const std::size_t last = line.find_last_not_of(" \t\f\v");
  return {column, line.substr(0, last == std::string_view::npos ? 0 : last + 1)};
}

bool holds_only(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_thematic_break(std::string_view text) {
  if (text.empty() || (text[0] != '-' && text[0] != '*' && text[0] != '_')) return false;
  const char mark = text[0];
  std::size_t marks = 0;
  for (const char c : text) {
    if (c != mark && c != ' ' && c != '\t') return false;
    marks += c == mark;
  }
  return marks >= 3;
}

bool is_table_rule(std::string_view text) {
  return text.find('-') != std::string_view::npos && text.find('|') != std::string_view::npos &&
         holds_only(text, "|-: \t");
}

std::vector<std::string_view> cells_of(std::string_view row) {
  std::vector<std::string_view> cells;
  row = trimmed(row);
  if (row.starts_with('|')) row.remove_prefix(1);
  if (row.ends_with('|')) row.remove_suffix(1);
  std::size_t start = 0;
  for (std::size_t i = 0; i <= row.size(); ++i) {
    if (i < row.size() && (row[i] != '|' || (i > 0 && row[i - 1] == '\\'))) continue;
    cells.push_back(trimmed(row.substr(start, i - start)));
    start = i + 1;
  }
  return cells;
}

std::optional<list_marker> marker_of(std::string_view text) {
  constexpr std::size_t most_digits = 9;  // as CommonMark has it
  std::size_t end = 0;
  list_marker marker;
  if (!text.empty() && (text[0] == '-' || text[0] == '*' || text[0] == '+')) {
    end = 1;
  } else {
    while (end < text.size() && end < most_digits && is_digit(text[end]))
      marker.number = marker.number * 10 + static_cast<std::size_t>(text[end++] - '0');
    if (end == 0 || end == text.size() || (text[end] != '.' && text[end] != ')')) return std::nullopt;
    ++end;
  }
  if (end < text.size() && text[end] != ' ' && text[end] != '\t') return std::nullopt;
  marker.rest = trimmed(text.substr(end));
  return marker;
}

std::string_view without_numbering(std::string_view title) {
  std::size_t end = 0;
  while (end < title.size() && (is_digit(title[end]) || (end > 0 && title[end] == '.'))) ++end;
  if (end == 0) return title;
  const bool closed = title[end - 1] == '.' || (end < title.size() && title[end] == ')');
  if (end < title.size() && title[end] == ')') ++end;
  if (!closed || end == title.size() || title[end] != ' ') return title;
  return trimmed(title.substr(end));
}

}  // namespace planexe::plans
