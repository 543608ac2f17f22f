#include "plans/markdown_text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "plans/hints.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::size_t max_label_bytes = 100;
constexpr std::size_t max_tag_bytes = 300;
constexpr std::size_t max_entity_bytes = 8;

struct entity {
  std::string_view name;
  std::string_view text;
};
constexpr std::array<entity, 12> entities{{{"&amp;", "&"},
                                           {"&lt;", "<"},
                                           {"&gt;", ">"},
                                           {"&quot;", "\""},
                                           {"&#39;", "'"},
                                           {"&apos;", "'"},
                                           {"&nbsp;", " "},
                                           {"&ndash;", "–"},
                                           {"&mdash;", "—"},
                                           {"&hellip;", "…"},
                                           {"&rarr;", "→"},
                                           {"&euro;", "€"}}};

constexpr std::string_view tags =
    " a b big br center code dd del details div dl dt em font h1 h2 h3 h4 h5 h6 hr i img input ins kbd label li mark "
    "ol p pre q s samp section small span strike strong sub summary sup table tbody td th thead tr u ul var ";

bool is_space(char c) {
  return c == ' ' || c == '\t';
}
bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// A piece of the line; a run of emphasis marks may be taken away when its partner is found.
struct token {
  std::string text;
  char mark = '\0';  ///< of a run; `text` is then made from `count`
  std::size_t count = 0;
  bool opens = false;
  bool closes = false;
};

class line_reader {
 public:
  line_reader(std::string_view line, const link_labels& labels) : line_(line), labels_(labels) {
    match_backticks();
    match_parentheses();
  }

  std::string read() {
    while (at_ < line_.size()) step();
    pair_marks();
    std::string whole;
    for (const auto& each : tokens_) whole += each.mark == '\0' ? each.text : std::string(each.count, each.mark);
    return whole;
  }

 private:
  void step() {
    const char c = line_[at_];
    if (c == '\\' && at_ + 1 < line_.size() && is_punctuation(line_[at_ + 1])) {
      add(line_.substr(at_ + 1, 1));
      at_ += 2;
    } else if (c == '`') {
      code();
    } else if (c == '*' || c == '_' || c == '~') {
      mark_run(c);
    } else if (c == '[') {
      open_.push_back(tokens_.size());
      tokens_.push_back({"[", '\0', 0, false, false});
      ++at_;
    } else if (c == ']') {
      close_bracket();
    } else if (c == '<') {
      tag();
    } else if (c == '&') {
      entity_at();
    } else {
      add(line_.substr(at_, 1));
      ++at_;
    }
  }

  void add(std::string_view text) {
    if (tokens_.empty() || tokens_.back().mark != '\0' || tokens_.back().text == "[") tokens_.push_back({});
    tokens_.back().text += text;
  }

  void code() {
    std::size_t end = at_;
    while (end < line_.size() && line_[end] == '`') ++end;
    const auto partner = backticks_.find(at_);
    if (partner == backticks_.end()) {
      add(line_.substr(at_, end - at_));
      at_ = end;
      return;
    }
    add(line_.substr(end, partner->second - end));
    at_ = partner->second + (end - at_);
  }

  void mark_run(char mark) {
    std::size_t end = at_;
    while (end < line_.size() && line_[end] == mark) ++end;
    const char before = at_ == 0 ? ' ' : line_[at_ - 1];
    const char after = end == line_.size() ? ' ' : line_[end];
    token run{{}, mark, end - at_, !is_space(after), !is_space(before)};
    if (mark == '_') {  // not within a_name
      run.opens = run.opens && !is_word(before);
      run.closes = run.closes && !is_word(after);
    }
    if (mark == '~' && run.count < 2) run.opens = run.closes = false;
    tokens_.push_back(std::move(run));
    at_ = end;
  }

  void close_bracket() {
    ++at_;
    if (open_.empty()) return add("]");
    const std::size_t start = open_.back();
    open_.pop_back();
    std::size_t after = at_;
    if (const auto close = parentheses_.find(at_); close != parentheses_.end()) {
      after = close->second + 1;
    } else if (at_ < line_.size() && line_[at_] == '[') {
      const std::size_t end = line_.substr(at_ + 1, max_label_bytes).find(']');
      if (end != std::string_view::npos && is_label(end == 0 ? text_from(start + 1) : line_.substr(at_ + 1, end)))
        after = at_ + end + 2;
    } else if (const std::string text = text_from(start + 1); text.starts_with('^') && text.size() <= max_label_bytes) {
      tokens_.resize(start);  // a footnote's mark
      return;
    } else if (is_label(text)) {
      tokens_[start].text.clear();
      return;
    }
    if (after == at_) return add("]");
    tokens_[start].text.clear();
    if (start > 0 && tokens_[start - 1].text.ends_with('!')) tokens_[start - 1].text.pop_back();
    at_ = after;
  }

  bool is_label(std::string_view text) const { return !labels_.empty() && labels_.contains(folded(text)); }

  /// What was read since a token, as far as a label goes.
  std::string text_from(std::size_t first) const {
    std::string text;
    if (tokens_.size() - first > max_label_bytes) return std::string(max_label_bytes + 1, ' ');
    for (std::size_t i = first; i < tokens_.size() && text.size() <= max_label_bytes; ++i)
      text += tokens_[i].mark == '\0' ? tokens_[i].text.substr(0, max_label_bytes + 1)
                                      : std::string(std::min(tokens_[i].count, max_label_bytes + 1), tokens_[i].mark);
    return text;
  }

  void tag() {
    const std::string_view rest = line_.substr(at_, max_tag_bytes);
    const std::size_t end = rest.find('>');
    const std::string_view inside = end == std::string_view::npos ? std::string_view{} : rest.substr(1, end - 1);
    if (begins_with(inside, "http://") || begins_with(inside, "https://") || begins_with(inside, "mailto:")) {
      add(inside);
      at_ += end + 1;
      return;
    }
    const std::string_view name = inside.starts_with('/') ? inside.substr(1) : inside;
    const std::string wanted = " " + folded(name.substr(0, name.find_first_of(" /"))) + " ";
    if (wanted.size() > 2 && wanted.size() < 12 && tags.find(wanted) != std::string_view::npos) {
      if (wanted == " br ") add(" ");
      at_ += end + 1;
      return;
    }
    add("<");
    ++at_;
  }

  void entity_at() {
    const std::string_view rest = line_.substr(at_, max_entity_bytes);
    const auto* found =
        std::find_if(entities.begin(), entities.end(), [&](const entity& each) { return rest.starts_with(each.name); });
    add(found == entities.end() ? std::string_view{"&"} : found->text);
    at_ += found == entities.end() ? 1 : found->name.size();
  }

  /// The end of each code span by its start: the next run of as many backticks.
  void match_backticks() {
    std::map<std::size_t, std::size_t> next;  // run length to the run that comes next
    for (std::size_t end = line_.size(); end > 0;) {
      if (line_[end - 1] != '`') {
        --end;
        continue;
      }
      std::size_t start = end;
      while (start > 0 && line_[start - 1] == '`') --start;
      const auto [known, fresh] = next.try_emplace(end - start, start);
      if (!fresh) {
        backticks_.emplace(start, known->second);
        known->second = start;
      }
      end = start;
    }
  }

  /// The end of each parenthesis that could hold a link's target.
  void match_parentheses() {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < line_.size(); ++i) {
      if (line_[i] == '(') open.push_back(i);
      if (line_[i] != ')' || open.empty()) continue;
      if (open.back() > 0 && line_[open.back() - 1] == ']') parentheses_.emplace(open.back(), i);
      open.pop_back();
    }
  }

  /// Marks that open and close in pairs vanish; the others are what they look like.
  void pair_marks() {
    std::map<char, std::vector<std::size_t>> open;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      auto& run = tokens_[i];
      if (run.mark == '\0') continue;
      auto& waiting = open[run.mark];
      while (run.closes && run.count > 0 && !waiting.empty()) {
        auto& partner = tokens_[waiting.back()];
        const std::size_t both = std::min(run.count, partner.count);
        run.count -= both;
        partner.count -= both;
        if (partner.count == 0) waiting.pop_back();
      }
      if (run.opens && run.count > 0) waiting.push_back(i);
    }
  }

  std::string_view line_;
  const link_labels& labels_;
  std::size_t at_ = 0;
  std::vector<token> tokens_;
  std::vector<std::size_t> open_;  ///< tokens that are brackets nobody closed yet
  std::map<std::size_t, std::size_t> backticks_;
  std::map<std::size_t, std::size_t> parentheses_;
};

std::string single_spaced(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!space)
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

bool has_marks(std::string_view line) {
  return line.find_first_of("\\`*_~[]<&") != std::string_view::npos;
}

}  // namespace

std::string defined_label(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with('[') || line.starts_with("[^")) return {};
  const std::size_t end = line.substr(0, max_label_bytes + 2).find("]:");
  if (end == std::string_view::npos || end < 2 || line.substr(1, end - 1).find(']') != std::string_view::npos)
    return {};
  return folded(line.substr(1, end - 1));
}

std::string plain_text(std::string_view line, const link_labels& labels) {
  if (line.size() > max_marked_line_bytes || !has_marks(line)) return single_spaced(line);
  return single_spaced(line_reader{line, labels}.read());
}

}  // namespace planexe::plans
