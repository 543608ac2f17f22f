#include "plans/markdown_blocks.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "plans/markdown_lines.hpp"
#include "plans/markdown_text.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::size_t deepest_heading = 6;
/// A list item that is nothing but hints; longer ones are tasks.
constexpr std::size_t max_hint_line_bytes = 2'048;

markdown_section section_of(std::string_view title) {
  struct row {
    std::string_view name;
    markdown_section section;
  };
  constexpr std::array<row, 27> names{{{"goal", markdown_section::goal},
                                       {"goals", markdown_section::goal},
                                       {"objective", markdown_section::goal},
                                       {"objectives", markdown_section::goal},
                                       {"team", markdown_section::team},
                                       {"the team", markdown_section::team},
                                       {"project team", markdown_section::team},
                                       {"roles", markdown_section::team},
                                       {"roles and responsibilities", markdown_section::team},
                                       {"team and roles", markdown_section::team},
                                       {"people", markdown_section::team},
                                       {"risks", markdown_section::risks},
                                       {"key risks", markdown_section::risks},
                                       {"risk register", markdown_section::risks},
                                       {"risks and mitigations", markdown_section::risks},
                                       {"assumptions", markdown_section::assumptions},
                                       {"key assumptions", markdown_section::assumptions},
                                       {"background", markdown_section::prose},
                                       {"context", markdown_section::prose},
                                       {"notes", markdown_section::prose},
                                       {"open questions", markdown_section::prose},
                                       {"out of scope", markdown_section::prose},
                                       {"references", markdown_section::prose},
                                       {"links", markdown_section::prose},
                                       {"glossary", markdown_section::prose},
                                       {"appendix", markdown_section::prose},
                                       {"changelog", markdown_section::prose}}};
  if (title.ends_with(':')) title.remove_suffix(1);
  const std::string wanted = folded(title.substr(0, 64));
  const auto* found = std::find_if(names.begin(), names.end(), [&](const row& each) { return each.name == wanted; });
  return found == names.end() ? markdown_section::tasks : found->section;
}

/// The head of the column that names a table's tasks.
bool is_title_column(const std::string& head) {
  constexpr std::array<std::string_view, 9> names = {"task",      "tasks",       "activity",    "step",     "to do",
                                                     "work item", "action item", "deliverable", "milestone"};
  return head.size() < 16 && std::find(names.begin(), names.end(), folded(head)) != names.end();
}

/// 0 where the text is no number, or none that a list would have.
std::size_t number_from(std::string_view text) {
  constexpr std::size_t most_digits = 6;
  if (text.empty() || text.size() > most_digits || !holds_only(text, "0123456789")) return 0;
  std::size_t number = 0;
  for (const char c : text) number = number * 10 + static_cast<std::size_t>(c - '0');
  return number;
}

/// A list item "estimate: the cost of it" is a task; "estimate: 2d" says something about the one above it.
bool is_sound(const hint& given) {
  switch (given.kind) {
    case hint_kind::estimate:
      return estimate_from(given.value).has_value();
    case hint_kind::priority:
      return priority_from(given.value).has_value();
    case hint_kind::action:
      return action_from(given.value).has_value();
    case hint_kind::id:
      return given.value.find(' ') == std::string::npos && !given.value.empty();
    default:
      return !given.value.empty();
  }
}

class block_reader {
 public:
  block_reader(std::string_view text, problem_list& problems) : problems_(problems), lines_(lines_of(text)) {
    for (const auto line : lines_)
      if (auto label = defined_label(line); !label.empty()) labels_.insert(std::move(label));
  }

  markdown_document read() && {
    for (at_ = front_matter(); at_ < lines_.size(); ++at_) {
      read_line(lines_[at_]);
      if (document_.nodes.size() > max_markdown_nodes) {
        problems_.add(at_line(at_ + 1), "more than " + std::to_string(domain::max_plan_tasks) + " tasks");
        return std::move(document_);
      }
    }
    end_paragraph();
    if (fence_ != '\0')
      warn("code_fence_unclosed", fence_line_, "a code block is not closed; all that follows it is taken for code");
    if (in_comment_)
      warn("comment_unclosed", comment_line_, "a comment is not closed; all that follows it is taken for a comment");
    return std::move(document_);
  }

 private:
  struct open_item {
    std::size_t column = 0;
    std::uint32_t node = no_node;  ///< of an item that is no task itself: the one above it
  };
  struct paragraph_line {
    std::size_t line = 0;
    std::string text;
  };

  std::size_t line() const { return at_ + 1; }
  void warn(std::string code, std::size_t line, std::string what) {
    document_.warnings.add(std::move(code), at_line(line) + ": " + std::move(what));
  }
  std::string plain(std::string_view text) const { return plain_text(text, labels_); }
  std::uint32_t heading() const { return headings_.empty() ? no_node : headings_.back(); }
  std::uint32_t current() const { return items_.empty() ? heading() : items_.back().node; }

  std::size_t front_matter();
  void front_member(std::string_view name, std::string value, std::size_t line);
  void read_line(std::string_view raw);
  std::string_view without_comments(std::string_view raw, std::string& kept);
  bool fence(const indented& line);
  bool underline(std::string_view text);
  bool atx_heading(const indented& line);
  bool table(const indented& line);
  void task_row(const std::vector<std::string>& head, std::size_t title, std::string_view row, std::uint32_t parent);
  void table_row(const std::vector<std::string>& head, std::string_view row);
  bool list_item(const indented& line);
  void add_item(std::size_t column, const list_marker& marker, std::uint32_t parent);
  bool hints_for_parent(const std::string& text, std::size_t column, std::uint32_t parent);
  void add_heading(std::size_t level, std::string_view raw, std::size_t line);
  std::uint32_t add_node(markdown_node node);
  void text(const indented& line);
  void item_text(std::uint32_t node, std::string_view raw);
  void describe(std::uint32_t node, std::string_view text);
  bool document_line(std::string_view text, std::size_t line);
  void end_paragraph();
  void take_title_hints(markdown_node& node);

  problem_list& problems_;
  std::vector<std::string_view> lines_;
  link_labels labels_;
  markdown_document document_;
  std::size_t at_ = 0;
  std::vector<std::uint32_t> headings_;  ///< those that are open, outermost first
  std::vector<open_item> items_;
  std::vector<paragraph_line> paragraph_;
  bool after_blank_ = true;
  bool title_goes_on_ = false;  ///< the line below may be the rest of the last item's title
  char fence_ = '\0';
  std::size_t fence_size_ = 0;
  std::size_t fence_line_ = 0;
  bool in_comment_ = false;
  std::size_t comment_line_ = 0;
};

/// Gives the position of the first line behind it.
std::size_t block_reader::front_matter() {
  if (lines_.empty() || unindented(lines_[0]).text != "---") return 0;
  std::size_t end = 1;
  while (end < lines_.size() && lines_[end] != "---" && lines_[end] != "...") ++end;
  if (end == lines_.size()) return 0;  // it was a line across the page
  for (std::size_t i = 1; i < end; ++i) {
    const auto [column, text] = unindented(lines_[i]);
    if (text.empty() || text.starts_with('#')) continue;
    const std::size_t colon = text.find(':');
    if (column > 0 || colon == std::string_view::npos) continue;  // part of a member that is not used
    const std::size_t first = i + 1;
    std::string value{trimmed(text.substr(colon + 1))};
    if (value == "|" || value == ">" || value == "|-" || value == ">-") {
      value.clear();
      for (; i + 1 < end && (unindented(lines_[i + 1]).column > 0 || lines_[i + 1].empty()); ++i)
        value += (value.empty() ? "" : " ") + std::string{trimmed(lines_[i + 1])};
    } else if (value.size() > 1 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0]) {
      value = value.substr(1, value.size() - 2);
    }
    front_member(trimmed(text.substr(0, colon)), std::string{trimmed(value)}, first);
  }
  return end + 1;
}

void block_reader::front_member(std::string_view name, std::string value, std::size_t line) {
  const std::string word = folded(name.substr(0, 32));
  if (word == "title") {
    document_.title = std::move(value);
  } else if (!document_line(word + ": " + value, line)) {
    warn("front_matter_unused", line, "'" + clipped(name, 64) + "' is not used");
  }
}

/// A line about the plan as a whole: "Goal: …", "Start: 2026-03-01".
bool block_reader::document_line(std::string_view text, std::size_t line) {
  const std::size_t colon = text.substr(0, 16).find(':');
  if (colon == std::string_view::npos) return false;
  const std::string word = folded(text.substr(0, colon));
  const std::string_view value = trimmed(text.substr(colon + 1));
  if (word == "goal") {
    if (document_.goal.empty()) document_.goal = value;
    return true;
  }
  if (word != "start" && word != "start date" && word != "start_date") return false;
  const std::string date{value.substr(0, 40)};
  document_.start_date = domain::parse_rfc3339(date.size() == 10 ? date + "T00:00:00Z" : date);
  if (!document_.start_date) warn("start_unreadable", line, "the start is no date like 2026-03-01");
  return true;
}

void block_reader::read_line(std::string_view raw) {
  std::string kept;
  if (fence_ == '\0') {
    const bool was_comment = in_comment_;
    const std::string_view all = raw;
    raw = without_comments(raw, kept);
    if ((was_comment || all.size() != raw.size()) && trimmed(raw).empty()) return;
  }
  const indented line = unindented(raw);
  if (fence(line)) return;
  if (line.text.empty()) {
    end_paragraph();
    after_blank_ = true;
    title_goes_on_ = false;
    return;
  }
  const bool starts_block = underline(line.text) || atx_heading(line) || table(line) || list_item(line);
  if (!starts_block && defined_label(line.text).empty()) text(line);
  after_blank_ = false;
}

/// The line, or `kept` without what stood in comments.
std::string_view block_reader::without_comments(std::string_view raw, std::string& kept) {
  if (!in_comment_ && raw.find("<!--") == std::string_view::npos) return raw;
  for (std::size_t at = 0; at < raw.size();) {
    const std::string_view mark = in_comment_ ? "-->" : "<!--";
    const std::size_t end = raw.find(mark, at);
    if (!in_comment_) kept += raw.substr(at, end == std::string_view::npos ? end : end - at);
    if (end == std::string_view::npos) break;
    in_comment_ = !in_comment_;
    comment_line_ = line();
    at = end + mark.size();
  }
  return kept;
}

/// Lines of a code block and its fences. Code is part of what describes a task, and never makes one.
bool block_reader::fence(const indented& line) {
  const std::string_view text = line.text;
  std::size_t size = 0;
  const char mark = text.empty() ? '\0' : text[0];
  while ((mark == '`' || mark == '~') && size < text.size() && text[size] == mark) ++size;
  if (fence_ != '\0') {
    if (mark == fence_ && size >= fence_size_ && size == text.size())
      fence_ = '\0';
    else
      describe(current(), text);
    return true;
  }
  if (size < 3 || (mark == '`' && text.find('`', size) != std::string_view::npos)) return false;
  end_paragraph();
  if (after_blank_)
    while (!items_.empty() && line.column < items_.back().column + 2) items_.pop_back();
  title_goes_on_ = false;
  after_blank_ = false;
  fence_ = mark;
  fence_size_ = size;
  fence_line_ = this->line();
  return true;
}

/// "====" or "----" below a paragraph makes that a heading; elsewhere it is a line across the page.
bool block_reader::underline(std::string_view text) {
  const bool first = text.size() >= 2 && holds_only(text, "=");
  const bool second = text.size() >= 3 && holds_only(text, "-");
  if (!paragraph_.empty() && (first || second)) {
    std::string title;
    for (const auto& each : paragraph_) title += (title.empty() ? "" : " ") + each.text;
    const std::size_t line = paragraph_.front().line;
    paragraph_.clear();
    add_heading(first ? 1 : 2, title, line);
    return true;
  }
  if (!is_thematic_break(text)) return false;
  end_paragraph();
  title_goes_on_ = false;
  return true;
}

bool block_reader::atx_heading(const indented& line) {
  std::size_t level = 0;
  while (level < line.text.size() && line.text[level] == '#') ++level;
  if (level == 0 || level > deepest_heading || line.column > 3) return false;
  if (level < line.text.size() && line.text[level] != ' ' && line.text[level] != '\t') return false;
  std::string_view title = trimmed(line.text.substr(level));
  const std::size_t last = title.find_last_not_of('#');
  if (last == std::string_view::npos)
    title = {};
  else if (last + 1 < title.size() && (title[last] == ' ' || title[last] == '\t'))
    title = trimmed(title.substr(0, last));
  end_paragraph();
  add_heading(level, title, this->line());
  return true;
}

void block_reader::add_heading(std::size_t level, std::string_view raw, std::size_t line) {
  items_.clear();
  title_goes_on_ = false;
  const std::string title{without_numbering(plain(raw))};
  if (title.empty()) return warn("empty_item", line, "a heading without words is left out");
  while (!headings_.empty() && document_.nodes[headings_.back()].heading >= level) headings_.pop_back();
  markdown_node node;
  node.parent = heading();
  node.heading = level;
  node.item.line = line;
  node.item.title = title;
  if (node.parent != no_node) node.section = document_.nodes[node.parent].section;
  const bool first = document_.nodes.empty() && level == 1;  // the plan's title, whatever it is called
  if (node.section == markdown_section::tasks && !first) {
    node.section = section_of(title);
    node.opens_section = node.section != markdown_section::tasks;
  }
  if (node.section == markdown_section::tasks) take_title_hints(node);
  headings_.push_back(add_node(std::move(node)));
}

std::uint32_t block_reader::add_node(markdown_node node) {
  document_.nodes.push_back(std::move(node));
  return static_cast<std::uint32_t>(document_.nodes.size() - 1);
}

void block_reader::take_title_hints(markdown_node& node) {
  if (node.item.title.size() > max_marked_line_bytes) return;  // it is cut as a title anyway
  std::string title = node.item.title;
  auto hints = take_hints(title, task_hint_words());
  if (hints.empty() || title.empty()) return;
  node.item.title = std::move(title);
  node.hinted = true;
  for (auto& each : hints) apply_hint(node.item, std::move(each), line(), document_.warnings);
}

/// Rows are entries in the sections that have entries, tasks where a column names these, and else text.
bool block_reader::table(const indented& line) {
  const bool has_rule = at_ + 1 < lines_.size() && line.text.find('|') != std::string_view::npos &&
                        is_table_rule(trimmed(lines_[at_ + 1]));
  if (!has_rule) return false;
  end_paragraph();
  if (after_blank_)
    while (!items_.empty() && line.column < items_.back().column + 2) items_.pop_back();
  title_goes_on_ = false;
  const std::uint32_t node = current();
  const auto section = node == no_node ? markdown_section::tasks : document_.nodes[node].section;
  std::vector<std::string> head;
  for (const auto cell : cells_of(line.text)) head.push_back(plain(cell));
  const auto title = std::find_if(head.begin(), head.end(), is_title_column) - head.begin();
  const bool tasks = section == markdown_section::tasks && static_cast<std::size_t>(title) < head.size();
  const bool entries = section == markdown_section::team || section == markdown_section::risks ||
                       section == markdown_section::assumptions;
  if (section == markdown_section::tasks && !tasks)
    warn("table_not_read", this->line(), "a table without a column 'Task' is kept as text");
  if (!tasks && !entries) describe(node, line.text);
  ++at_;
  while (at_ + 1 < lines_.size() && lines_[at_ + 1].find('|') != std::string_view::npos) {
    const std::string_view row = trimmed(lines_[++at_]);
    if (tasks)
      task_row(head, static_cast<std::size_t>(title), row, node);
    else if (entries)
      table_row(head, row);
    else
      describe(node, row);
    if (document_.nodes.size() > max_markdown_nodes) break;
  }
  return true;
}

/// The other columns are hints by their heads; "Days" and the like hold bare numbers; the rest describes the task.
void block_reader::task_row(const std::vector<std::string>& head, std::size_t title, std::string_view row,
                            std::uint32_t parent) {
  const auto cells = cells_of(row);
  markdown_node node;
  node.parent = parent;
  node.hinted = true;
  node.item.line = line();
  if (title < cells.size()) node.item.title = plain(cells[title]);
  if (node.item.title.empty()) return;
  take_title_hints(node);
  for (std::size_t i = 0; i < cells.size() && i < head.size(); ++i) {
    const std::string cell = plain(cells[i]);
    if (i == title || cell.empty() || cell == "-") continue;
    const std::string name = folded(head[i]);
    const auto kind = name == "who" ? hint_kind::owner : hint_of_word(head[i], task_hint_words());
    if (kind)
      apply_hint(node.item, {*kind, cell}, line(), document_.warnings);
    else if (name == "days" || name == "hours" || name == "weeks")
      apply_hint(node.item, {hint_kind::estimate, cell + " " + name}, line(), document_.warnings);
    else if (name == "#" || name == "no." || name == "nr.")
      node.item.number = number_from(cell);
    else
      node.item.description += (node.item.description.empty() ? "" : "\n") + head[i] + ": " + cell;
  }
  add_node(std::move(node));
}

/// The first column names the entry; the others say more, under their head where that is a word we know.
void block_reader::table_row(const std::vector<std::string>& head, std::string_view row) {
  markdown_node node;
  node.parent = heading();
  node.section = document_.nodes[node.parent].section;
  node.item.line = line();
  const auto cells = cells_of(row);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string cell = plain(cells[i]);
    if (cell.empty()) continue;
    const std::string name = i < head.size() ? head[i] : std::string{};
    const bool is_id = folded(name) == "id" || name == "#";
    if (node.item.title.empty() && !is_id) {
      node.item.title = std::move(cell);
    } else {
      const bool known = hint_of_word(name, risk_hint_words()).has_value();
      node.item.description += (node.item.description.empty() ? "" : "\n") + (known ? name + ": " : "") + cell;
    }
  }
  if (!node.item.title.empty()) add_node(std::move(node));
}

bool block_reader::list_item(const indented& line) {
  auto marker = marker_of(line.text);
  if (!marker || (marker->number > 1 && !paragraph_.empty())) return false;  // prose may begin a line with "1985."
  end_paragraph();
  title_goes_on_ = false;
  for (auto inner = marker_of(marker->rest); inner && inner->number == 0; inner = marker_of(marker->rest))
    marker->rest = inner->rest;  // an item that holds nothing but a list is not one of its own
  while (!items_.empty() && line.column < items_.back().column + 2) items_.pop_back();
  add_item(line.column, *marker, current());
  return true;
}

void block_reader::add_item(std::size_t column, const list_marker& marker, std::uint32_t parent) {
  markdown_node node;
  node.parent = parent;
  node.item.line = line();
  node.item.number = marker.number;
  std::string_view rest = marker.rest;
  const bool box = rest.size() >= 3 && rest[0] == '[' && rest[2] == ']' && (rest.size() == 3 || rest[3] == ' ') &&
                   (rest[1] == ' ' || rest[1] == 'x' || rest[1] == 'X');
  if (box) {
    node.item.done = rest[1] != ' ';
    rest = trimmed(rest.substr(3));
  }
  if (parent != no_node) node.section = document_.nodes[parent].section;
  std::string text = plain(rest);
  if (node.section == markdown_section::tasks && !box && hints_for_parent(text, column, parent)) return;
  if (text.empty()) {
    warn("empty_item", line(), "a list item without words is left out");
    items_.push_back({column, parent});
    return;
  }
  node.item.title = std::move(text);
  if (node.section == markdown_section::tasks) take_title_hints(node);
  title_goes_on_ = !node.hinted && node.section == markdown_section::tasks;
  items_.push_back({column, add_node(std::move(node))});
}

/// A list item that is nothing but hints speaks of the task above it.
bool block_reader::hints_for_parent(const std::string& text, std::size_t column, std::uint32_t parent) {
  if (text.empty() || text.size() > max_hint_line_bytes) return false;
  std::vector<hint> hints;
  if (auto one = hint_line(text, task_hint_words())) {
    hints.push_back(*std::move(one));
  } else {
    std::string title = text;
    hints = take_hints(title, task_hint_words());
    if (!title.empty()) return false;
  }
  if (hints.empty() || !std::all_of(hints.begin(), hints.end(), is_sound)) return false;
  items_.push_back({column, parent});
  if (parent == no_node) {
    warn("hint_unused", line(), "there is no task above that this could speak of");
    return true;
  }
  auto& node = document_.nodes[parent];
  node.hinted = true;
  for (auto& each : hints) apply_hint(node.item, std::move(each), line(), document_.warnings);
  return true;
}

void block_reader::text(const indented& line) {
  std::string_view content = line.text;
  while (content.starts_with('>')) content = trimmed(content.substr(1));
  if (content.empty()) return;
  title_goes_on_ = title_goes_on_ && content.size() == line.text.size();  // a quotation is no part of a title
  if (!items_.empty() && after_blank_)
    while (!items_.empty() && line.column < items_.back().column + 2) items_.pop_back();
  if (!items_.empty() && items_.back().node != no_node)
    item_text(items_.back().node, content);
  else
    paragraph_.push_back({this->line(), std::string{content}});
}

/// A line below an item: the rest of its title, a hint, or part of its description.
void block_reader::item_text(std::uint32_t index, std::string_view raw) {
  const std::string text = plain(raw);
  if (text.empty()) return;
  auto& node = document_.nodes[index];
  const bool tasks = node.section == markdown_section::tasks;
  auto one = tasks ? hint_line(text, task_hint_words()) : std::nullopt;
  const bool hinted = one && !one->value.empty();
  const std::string& title = node.item.title;
  const bool goes_on = title_goes_on_ && !hinted && text[0] >= 'a' && text[0] <= 'z' &&
                       title.find_last_of(".:;!?") != title.size() - 1 &&
                       title.size() + text.size() < max_outline_title_bytes;
  title_goes_on_ = goes_on;
  if (hinted) {
    node.hinted = true;
    apply_hint(node.item, *std::move(one), line(), document_.warnings);
  } else if (goes_on) {
    node.item.title += " " + text;
    take_title_hints(node);
    title_goes_on_ = !node.hinted;
  } else {
    describe(index, text);
  }
}

void block_reader::describe(std::uint32_t node, std::string_view text) {
  std::string& description = node == no_node ? document_.intro : document_.nodes[node].item.description;
  if (!description.empty()) description += '\n';
  description += text;
}

/// Text outside lists belongs to the heading above it.
void block_reader::end_paragraph() {
  const std::uint32_t node = heading();
  const bool tasks = node == no_node || document_.nodes[node].section == markdown_section::tasks;
  for (const auto& each : paragraph_) {
    const std::string text = plain(each.text);
    if (text.empty()) continue;
    if ((node == no_node || document_.nodes[node].heading == 1) && document_line(text, each.line)) continue;
    auto one = tasks && node != no_node ? hint_line(text, task_hint_words()) : std::nullopt;
    if (one && !one->value.empty()) {
      document_.nodes[node].hinted = true;
      apply_hint(document_.nodes[node].item, *std::move(one), each.line, document_.warnings);
    } else {
      describe(node, text);
    }
  }
  paragraph_.clear();
}

}  // namespace

markdown_document read_blocks(std::string_view text, problem_list& problems) {
  return block_reader{text, problems}.read();
}

}  // namespace planexe::plans
