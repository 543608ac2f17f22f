#include "plans/hints.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr double hours_a_day = 8;
constexpr double days_a_week = 5;
constexpr double days_a_month = 20;
constexpr double max_days = 1e6;  // as domain::validate
/// No hint's word is longer.
constexpr std::size_t max_word_bytes = 16;
/// Behind a title; there are eight kinds of them.
constexpr std::size_t max_title_hints = 32;
/// A group longer than this is prose in brackets.
constexpr std::size_t max_group_bytes = 4'096;

constexpr std::array<hint_word, 25> task_words{{
    {"owner", hint_kind::owner, true},
    {"role", hint_kind::owner},
    {"assignee", hint_kind::owner},
    {"assigned to", hint_kind::owner},
    {"responsible", hint_kind::owner},
    {"estimate", hint_kind::estimate, true},
    {"estimated", hint_kind::estimate},
    {"effort", hint_kind::estimate},
    {"duration", hint_kind::estimate},
    {"depends on", hint_kind::waits_for, true},
    {"depends", hint_kind::waits_for},
    {"dependencies", hint_kind::waits_for},
    {"after", hint_kind::waits_for, true},
    {"prerequisite", hint_kind::waits_for},
    {"prerequisites", hint_kind::waits_for},
    {"blocked by", hint_kind::waits_for},
    {"action", hint_kind::action, true},
    {"priority", hint_kind::priority, true},
    {"id", hint_kind::id, true},
    {"task id", hint_kind::id},
    {"resources", hint_kind::resources},
    {"resources needed", hint_kind::resources},
    {"description", hint_kind::description},
    {"details", hint_kind::description},
    {"notes", hint_kind::description},
}};

constexpr std::array<hint_word, 18> risk_words{{
    {"severity", hint_kind::severity, true},
    {"likelihood", hint_kind::likelihood, true},
    {"probability", hint_kind::likelihood, true},
    {"mitigation", hint_kind::mitigation, true},
    {"action", hint_kind::mitigation},
    {"response", hint_kind::mitigation},
    {"countermeasure", hint_kind::mitigation},
    {"impact", hint_kind::impact, true},
    {"consequence", hint_kind::impact},
    {"owner", hint_kind::owner, true},
    {"responsible", hint_kind::owner},
    {"id", hint_kind::id},
    {"test", hint_kind::test, true},
    {"validation", hint_kind::test},
    {"description", hint_kind::description},
    {"details", hint_kind::description},
    {"notes", hint_kind::description},
    {"responsibilities", hint_kind::description},
}};

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_word_part(char c) {
  return is_alnum(c) || c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

/// The end of a title once its hints are gone: "Dig the hole —" is "Dig the hole".
std::string_view without_separators(std::string_view text) {
  constexpr std::array<std::string_view, 8> separators = {",", ";", "|", "-", "—", "–", "·", ":"};
  for (bool again = true; again;) {
    again = false;
    text = trimmed(text);
    for (const auto separator : separators)
      if (text.ends_with(separator)) {
        text.remove_suffix(separator.size());
        again = true;
      }
  }
  return text;
}

struct found_word {
  std::size_t at = std::string_view::npos;  ///< where the word begins
  std::size_t value = 0;                    ///< where its value begins
  hint_kind kind = hint_kind::owner;
};

bool equal_folded(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && begins_with(text, lower);
}

/// The hint whose colon stands at `colon`; its word must not begin before `from`, nor within a longer word.
std::optional<found_word> word_before(std::string_view text, std::size_t from, std::size_t colon,
                                      std::span<const hint_word> words) {
  for (const auto& row : words) {
    const std::size_t size = row.word.size();
    if (!row.within || colon < from + size || !equal_folded(text.substr(colon - size, size), row.word)) continue;
    const std::size_t at = colon - size;
    if (at == from || !is_word_part(text[at - 1])) return found_word{at, colon + 1, row.kind};
  }
  return std::nullopt;
}

/// The next known word with a colon behind it.
found_word next_word(std::string_view text, std::size_t from, std::span<const hint_word> words) {
  for (std::size_t colon = text.find(':', from); colon != std::string_view::npos; colon = text.find(':', colon + 1))
    if (const auto word = word_before(text, from, colon, words)) return *word;
  return {};
}

bool is_role_mark(std::string_view text) {
  return text.size() > 1 && text.front() == '@' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return is_word_part(c) || c == '.'; });
}

/// "@site-foreman" means the site foreman.
std::string role_of_mark(std::string_view text) {
  std::string role{text.substr(1)};
  std::replace(role.begin(), role.end(), '_', ' ');
  std::replace(role.begin(), role.end(), '-', ' ');
  while (role.ends_with('.')) role.pop_back();
  return role;
}

bool takes_lists(hint_kind kind) {
  return kind != hint_kind::id && kind != hint_kind::estimate && kind != hint_kind::action &&
         kind != hint_kind::priority && kind != hint_kind::severity && kind != hint_kind::likelihood;
}

/// The hints of a group's content, or nothing when there is anything else in it. A part that begins no hint of its own
/// belongs to the list before it: "depends on: Survey, Permit".
std::optional<std::vector<hint>> hints_of_group(std::string_view group, std::span<const hint_word> words) {
  std::vector<hint> found;
  while (!group.empty()) {
    const std::size_t end = group.find_first_of(",;");
    const std::string_view part = trimmed(group.substr(0, end));
    group = end == std::string_view::npos ? std::string_view{} : group.substr(end + 1);
    if (part.empty()) continue;
    if (auto one = hint_line(part, words)) {
      found.push_back(*std::move(one));
    } else if (!found.empty() && takes_lists(found.back().kind)) {
      found.back().value += ", " + std::string{part};
    } else {
      return std::nullopt;
    }
  }
  if (found.empty()) return std::nullopt;
  return found;
}

/// Where the bracket that the text ends with was opened.
std::optional<std::size_t> group_start(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const char close = text.back();
  const char open = close == ')' ? '(' : close == ']' ? '[' : close == '}' ? '{' : '\0';
  if (open == '\0') return std::nullopt;
  std::size_t depth = 0;
  for (std::size_t i = text.size(); i-- > 0 && text.size() - i <= max_group_bytes;) {
    if (text[i] == close) ++depth;
    if (text[i] == open && --depth == 0) return i;
  }
  return std::nullopt;
}

/// One group or mark at the end of the title, its hints last one first; false when there is none.
bool take_last(std::string_view& title, std::span<const hint_word> words, std::vector<hint>& found) {
  title = trimmed(title);
  if (const auto start = group_start(title)) {
    auto hints = hints_of_group(title.substr(*start + 1, title.size() - *start - 2), words);
    if (!hints) return false;
    found.insert(found.end(), hints->rbegin(), hints->rend());
    title = without_separators(title.substr(0, *start));
    return true;
  }
  const std::size_t space = title.find_last_of(" \t");
  const std::string_view last = space == std::string_view::npos ? title : title.substr(space + 1);
  if (!is_role_mark(last)) return false;
  found.push_back({hint_kind::owner, role_of_mark(last)});
  title = without_separators(title.substr(0, title.size() - last.size()));
  return true;
}

struct quantity {
  double number = 0;
  std::string unit;  ///< empty: none
};

std::optional<double> days_of(const quantity& part, std::string_view unit) {
  struct unit_row {
    std::string_view words;
    double days;
  };
  constexpr std::array<unit_row, 5> units{{{" m min mins minute minutes ", 1 / hours_a_day / 60},
                                           {" h hr hrs hour hours ", 1 / hours_a_day},
                                           {" d day days ", 1},
                                           {" w wk wks week weeks ", days_a_week},
                                           {" mo month months ", days_a_month}}};
  if (unit.empty()) return std::nullopt;
  const std::string wanted = " " + std::string{unit} + " ";
  for (const auto& row : units)
    if (row.words.find(wanted) != std::string_view::npos) return part.number * row.days;
  return std::nullopt;
}

/// A number and the letters behind it, taken off the front of the text.
std::optional<quantity> take_quantity(std::string_view& text) {
  text = trimmed(text);
  std::string digits;
  while (!text.empty() && ((text.front() >= '0' && text.front() <= '9') ||
                           ((text.front() == '.' || text.front() == ',') && text.size() > 1 && text[1] >= '0' &&
                            text[1] <= '9' && !digits.empty()))) {
    digits += text.front() == ',' ? '.' : text.front();
    text.remove_prefix(1);
  }
  quantity part;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), part.number);
  if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  text = trimmed(text);
  while (!text.empty() && text.front() >= 'a' && text.front() <= 'z' && !text.starts_with("to ")) {
    part.unit += text.front();
    text.remove_prefix(1);
  }
  text = trimmed(text);
  return part;
}

/// "-", "–", "/", "to", "..": what stands between two parts of an estimate.
bool take_range_mark(std::string_view& text) {
  for (const std::string_view mark : {"-", "–", "—", "/", "to ", "..", "…"})
    if (text.starts_with(mark)) {
      text.remove_prefix(mark.size());
      return true;
    }
  return false;
}

}  // namespace

std::span<const hint_word> task_hint_words() {
  return task_words;
}

std::span<const hint_word> risk_hint_words() {
  return risk_words;
}

std::optional<hint_kind> hint_of_word(std::string_view word, std::span<const hint_word> words) {
  if (word.size() > 2 * max_word_bytes) return std::nullopt;
  const std::string wanted = folded(word);
  const auto row = std::find_if(words.begin(), words.end(), [&](const auto& each) { return each.word == wanted; });
  return row == words.end() ? std::nullopt : std::optional{row->kind};
}

std::optional<hint> hint_line(std::string_view line, std::span<const hint_word> words) {
  line = trimmed(line);
  const bool of_task = words.data() == task_words.data();
  if (of_task && is_role_mark(line)) return hint{hint_kind::owner, role_of_mark(line)};
  if (of_task && line.size() <= 4 * max_word_bytes && estimate_from(line))
    return hint{hint_kind::estimate, std::string{line}};
  const std::size_t colon = line.substr(0, 2 * max_word_bytes).find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto kind = hint_of_word(line.substr(0, colon), words);
  if (!kind) return std::nullopt;
  return hint{*kind, std::string{trimmed(line.substr(colon + 1))}};
}

std::vector<hint> take_hints(std::string& title, std::span<const hint_word> words) {
  std::vector<hint> found;
  std::string_view rest = title;
  while (found.size() < max_title_hints && take_last(rest, words, found)) {
  }
  std::reverse(found.begin(), found.end());
  auto word = next_word(rest, 0, words);
  if (word.at != std::string_view::npos) {
    std::vector<hint> within;
    const std::size_t title_end = word.at;
    while (word.at != std::string_view::npos) {
      const auto next = next_word(rest, word.value, words);
      const std::size_t end = next.at == std::string_view::npos ? rest.size() : next.at;
      within.push_back({word.kind, std::string{without_separators(rest.substr(word.value, end - word.value))}});
      word = next;
    }
    found.insert(found.begin(), within.begin(), within.end());
    rest = without_separators(rest.substr(0, title_end));
  }
  title = std::string{rest};
  return found;
}

std::optional<domain::estimate> estimate_from(std::string_view text) {
  constexpr std::size_t longest = 64;  // "10.5 working days to 12.5 working days" and more
  if (text.size() > longest) return std::nullopt;
  const std::string lower = folded(text);
  std::string_view rest = lower;
  while (!rest.empty() && (rest.front() == '~' || rest.front() == ' ')) rest.remove_prefix(1);
  if (rest.starts_with("about ")) rest.remove_prefix(6);
  std::vector<quantity> parts;
  do {
    auto part = take_quantity(rest);
    if (!part || parts.size() == 3) return std::nullopt;
    parts.push_back(*std::move(part));
  } while (take_range_mark(rest));
  if (!rest.empty()) return std::nullopt;
  std::vector<double> days;
  for (const auto& part : parts) {
    const auto value = days_of(part, part.unit.empty() ? parts.back().unit : part.unit);
    if (!value || *value > max_days) return std::nullopt;
    days.push_back(*value);
  }
  if (!std::is_sorted(days.begin(), days.end())) return std::nullopt;
  if (days.size() == 3) return domain::estimate{days[0], days[1], days[2]};
  return domain::estimate{days.front(), (days.front() + days.back()) / 2, days.back()};
}

std::optional<std::int32_t> priority_from(std::string_view text) {
  struct named {
    std::string_view word;
    std::int32_t value;
  };
  constexpr std::array<named, 7> names{
      {{"critical", 20}, {"urgent", 20}, {"high", 10}, {"medium", 0}, {"normal", 0}, {"low", -10}, {"lowest", -20}}};
  text = trimmed(text);
  if (text.size() > max_word_bytes) return std::nullopt;
  const std::string word = folded(text);
  for (const auto& each : names)
    if (each.word == word) return each.value;
  std::int32_t value = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || read.ec != std::errc{} || read.ptr != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<std::string> action_from(std::string_view text) {
  constexpr std::size_t longest = 64;
  constexpr std::array<std::string_view, 4> of_two_words = {"draft_document", "send_email", "make_phone_call",
                                                            "schedule_calendar_event"};
  text = trimmed(text);
  if (text.empty() || text.size() > longest) return std::nullopt;
  std::string action = folded(text);
  std::replace(action.begin(), action.end(), ' ', '_');
  const bool spaced = text.find_first_of(" \t") != std::string_view::npos;
  if (spaced && std::find(of_two_words.begin(), of_two_words.end(), action) == of_two_words.end()) return std::nullopt;
  for (const char c : action)
    if (!is_alnum(c) && c != '_' && c != '.' && c != '-') return std::nullopt;
  return action;
}

std::string folded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : trimmed(text)) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (space && result.ends_with(' ')) continue;
    result += space ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

}  // namespace planexe::plans
