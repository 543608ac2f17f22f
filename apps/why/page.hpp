// Lines of text as they are put together. Private to apps/why.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>

#include "apps/json_fields.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"
#include "apps/why/texts.hpp"
#include "apps/why/times.hpp"

namespace planexe::asking {

using json = nlohmann::ordered_json;
using fields::count_in;
using fields::find;
using fields::list_in;
using fields::number_in;
using fields::text_in;

class page {
 public:
  explicit page(text_style style)
      : width_(std::clamp<std::size_t>(style.width, narrowest, widest)), colours_(style.colours) {}

  std::size_t width() const { return width_; }
  std::string paint(std::string_view text, std::string_view colour) const {
    return terminal::paint(text, colour, colours_);
  }
  void add(std::string line) {
    while (line.ends_with(' ')) line.pop_back();
    lines_.push_back(std::move(line));
  }
  /// Broken between words, every line in that colour, `label`, which is ASCII, in none. Nothing for no text.
  void add_wrapped(std::string_view label, std::string_view text, std::size_t most_lines,
                   std::string_view colour = {}) {
    if (text.empty()) return;
    const auto indent = label.size();
    for (const auto& line : terminal::wrapped(label, text, width_, most_lines))
      add(colour.empty() ? line : line.substr(0, indent) + paint(line.substr(indent), colour));
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  static constexpr std::size_t narrowest = 60, widest = 160;  // longer lines are hard to read

  std::size_t width_;
  bool colours_;
  std::vector<std::string> lines_;
};

/// When it may be done, and what it goes through; nothing where there is no forecast.
void add_forecast(page& to, const json& answer, domain::timestamp now);

/// Whether an id has room beside a title.
bool is_short(std::string_view id);

/// The colour of a status, or of a cause's kind.
std::string_view colour_of(std::string_view name);

inline result<json> parsed(std::string_view answer) {
  auto body = json::parse(answer, nullptr, false);
  if (body.is_discarded()) return unexpected{error{errc::corrupt, "the answer is not JSON"}};
  return body;
}

}  // namespace planexe::asking
