#include "plans/csv_reader.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plans/outline.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

/// The project and the levels a plan may have.
constexpr std::size_t max_levels = domain::max_plan_depth + 1;
constexpr std::size_t max_columns = 256;  // a spreadsheet's empty columns, but not a hostile row's

struct record {
  std::size_t line = 0;  ///< where it begins; a quoted field may hold line breaks
  std::vector<std::string> fields;
};

/// RFC 4180 with any of its line ends: a field in quotes may hold separators, line breaks and doubled quotes.
class record_reader {
 public:
  record_reader(std::string_view text, char separator, std::size_t line, problem_list& problems)
      : text_(text), separator_(separator), line_(line), problems_(problems) {}

  /// Nothing at the end, and where there was a problem.
  std::optional<record> next() {
    if (at_ >= text_.size()) return std::nullopt;
    record read{line_, {}};
    for (;;) {
      read.fields.emplace_back();
      if (read.fields.size() > max_columns) {
        problems_.add(at_line(read.line), "more than " + std::to_string(max_columns) + " columns");
        return std::nullopt;
      }
      if (at_ < text_.size() && text_[at_] == '"') {
        if (!quoted(read.fields.back())) return std::nullopt;
      } else {
        while (at_ < text_.size() && text_[at_] != separator_ && !at_line_end()) read.fields.back() += text_[at_++];
      }
      if (at_ < text_.size() && text_[at_] == separator_) {
        ++at_;
        continue;
      }
      end_line();
      return read;
    }
  }

 private:
  bool at_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  void end_line() {
    if (at_ >= text_.size()) return;
    at_ += text_.substr(at_).starts_with("\r\n") ? 2U : 1U;
    ++line_;
  }

  bool quoted(std::string& field) {
    const std::size_t first_line = line_;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (text_[at_] == '\n' || (text_[at_] == '\r' && !text_.substr(at_).starts_with("\r\n"))) ++line_;
      field += text_[at_];
    }
    if (at_ >= text_.size()) {
      problems_.add(at_line(first_line), "a quoted field is not closed");
      return false;
    }
    ++at_;
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ >= text_.size() || text_[at_] == separator_ || at_line_end()) return true;
    problems_.add(at_line(line_), "text behind the closing quote of a field");
    return false;
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t line_;
  problem_list& problems_;
};

/// White space and control characters made single spaces.
std::string one_line(std::string_view text) {
  std::string result;
  for (const char c : trimmed(text)) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!space || !result.ends_with(' ')) result += space ? ' ' : c;
  }
  return result;
}

/// "Level 3" is 3; nothing for any other head.
std::optional<std::size_t> level_of(std::string_view head) {
  if (head.size() > 16) return std::nullopt;
  const std::string word = folded(head);
  if (!word.starts_with("level")) return std::nullopt;
  const std::string_view number = trimmed(std::string_view{word}.substr(5));
  if (number.empty() || number.size() > 2) return std::nullopt;
  std::size_t level = 0;
  for (const char c : number) {
    if (c < '0' || c > '9') return std::nullopt;
    level = level * 10 + static_cast<std::size_t>(c - '0');
  }
  return level;
}

class csv_plan {
 public:
  csv_plan(std::string_view text, problem_list& problems) : text_(text), problems_(problems) {}

  std::optional<outline> build() && {
    const char separator = separator_of_header();
    record_reader rows{text_, separator, 1, problems_};
    auto header = rows.next();
    while (header && header->fields.size() == 1 && trimmed(header->fields[0]).empty()) header = rows.next();
    if (!problems_.empty() || !read_header(header)) return std::nullopt;
    while (auto row = rows.next()) {
      read_row(*row);
      if (outline_.items.size() > domain::max_plan_tasks) break;  // the plan's maker names the limit
    }
    if (!problems_.empty()) return std::nullopt;
    if (outline_.items.empty()) {
      problems_.add(at_line(1), "the table has no tasks below the project");
      return std::nullopt;
    }
    return std::move(outline_);
  }

 private:
  char separator_of_header() const;
  bool read_header(const std::optional<record>& header);
  void read_row(const record& row);
  std::optional<std::size_t> level_in(const record& row);
  void read_others(const record& row, outline_item& item);

  std::string_view text_;
  problem_list& problems_;
  outline outline_;
  std::vector<std::size_t> level_columns_;  ///< the column of each level
  std::vector<std::pair<std::size_t, hint_kind>> others_;
  std::size_t columns_ = 0;
  bool has_project_ = false;
  std::vector<std::string> path_;  ///< titles of the last row and of those above it
};

/// Whatever separates more levels.
char csv_plan::separator_of_header() const {
  const std::string_view line = text_.substr(0, text_.find_first_of("\r\n", text_.find_first_not_of("\r\n")));
  const auto count = [&](char c) { return std::count(line.begin(), line.end(), c); };
  return count(',') > count(';') ? ',' : ';';
}

bool csv_plan::read_header(const std::optional<record>& header) {
  constexpr std::size_t unset = static_cast<std::size_t>(-1);
  columns_ = header ? header->fields.size() : 0;
  for (std::size_t i = 0; i < columns_; ++i) {
    const std::string name = one_line(header->fields[i]);
    if (name.empty()) continue;
    if (const auto level = level_of(name)) {
      if (*level == 0 || *level > max_levels) {
        problems_.add(at_line(header->line), "'" + name + "': levels are 1 to " + std::to_string(max_levels));
        continue;
      }
      if (level_columns_.size() < *level) level_columns_.resize(*level, unset);
      level_columns_[*level - 1] = i;
    } else if (const auto kind = hint_of_word(name, task_hint_words())) {
      others_.emplace_back(i, *kind);
    } else {
      outline_.warnings.add("column_unknown", at_line(header->line) + ": '" + clipped(name, 64) + "' is not used");
    }
  }
  const bool gap = std::find(level_columns_.begin(), level_columns_.end(), unset) != level_columns_.end();
  if (level_columns_.size() < 2 || gap)
    problems_.add(at_line(header ? header->line : 1), "the header must name the columns 'Level 1', 'Level 2', …");
  return problems_.empty();
}

/// The deepest filled level, or a problem. Spreadsheets repeat the levels above in every row; then they must be those
/// above.
std::optional<std::size_t> csv_plan::level_in(const record& row) {
  std::optional<std::size_t> deepest;
  const auto cell = [&](std::size_t level) {
    return level_columns_[level] < row.fields.size() ? one_line(row.fields[level_columns_[level]]) : std::string{};
  };
  for (std::size_t level = 0; level < level_columns_.size(); ++level)
    if (!cell(level).empty()) deepest = level;
  if (!deepest) {
    problems_.add(at_line(row.line), "no level is filled");
    return std::nullopt;
  }
  for (std::size_t level = 0; level < *deepest; ++level) {
    const std::string above = cell(level);
    if (above.empty() || (level < path_.size() && path_[level] == above)) continue;
    problems_.add(at_line(row.line), "'" + clipped(above, 80) + "' is not the level " + std::to_string(level + 1) +
                                         " that this row stands below");
    return std::nullopt;
  }
  return deepest;
}

void csv_plan::read_row(const record& row) {
  const bool blank =
      std::all_of(row.fields.begin(), row.fields.end(), [](const auto& each) { return trimmed(each).empty(); });
  if (blank) return;
  if (row.fields.size() > columns_ &&
      std::any_of(row.fields.begin() + static_cast<std::ptrdiff_t>(columns_), row.fields.end(),
                  [](const auto& each) { return !trimmed(each).empty(); }))
    return problems_.add(at_line(row.line), "has " + std::to_string(row.fields.size()) + " fields, the header " +
                                                std::to_string(columns_) + "; quote those that hold a separator");
  const auto level = level_in(row);
  if (!level) return;
  std::string title = one_line(row.fields[level_columns_[*level]]);
  if (*level == 0 && !has_project_) {
    has_project_ = true;
    path_ = {title};
    outline_.title = std::move(title);
    return;
  }
  if (!has_project_)
    return problems_.add(at_line(row.line), "the first row must be the project, in the column Level 1");
  if (*level == 0)
    return problems_.add(at_line(row.line), "a second project; the first row is the only one of Level 1");
  if (*level > path_.size())
    return problems_.add(at_line(row.line), "stands on level " + std::to_string(*level + 1) +
                                                ", but nothing above it on level " + std::to_string(*level));
  path_.resize(*level);
  path_.push_back(title);
  outline_item item;
  item.line = row.line;
  item.depth = *level - 1;
  item.title = std::move(title);
  read_others(row, item);
  outline_.items.push_back(std::move(item));
}

void csv_plan::read_others(const record& row, outline_item& item) {
  for (const auto& [column, kind] : others_) {
    if (column >= row.fields.size()) continue;
    const std::string_view value = trimmed(row.fields[column]);
    if (!value.empty()) apply_hint(item, {kind, std::string{value}}, row.line, outline_.warnings);
  }
}

}  // namespace

domain::plan read_csv(std::string_view bytes, problem_list& problems) {
  const auto text = readable_text(bytes, problems);
  if (!text) return {};
  auto read = csv_plan{*text, problems}.build();
  if (!read) return {};
  return plan_of(*std::move(read), problems);
}

}  // namespace planexe::plans
