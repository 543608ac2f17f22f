#include "apps/config/setting_values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace planexe::config {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

bool read_boolean(std::string_view text, bool& target) {
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  const auto any_of = [&word](const std::array<std::string_view, 4>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const bool yes = any_of({"true", "yes", "on", "1"});
  if (!yes && !any_of({"false", "no", "off", "0"})) return false;
  target = yes;
  return true;
}

bool read_whole(std::string_view text, std::uint64_t min, std::uint64_t max, std::uint64_t& target) {
  const auto number = number_in<std::uint64_t>(text);
  if (!number || *number < min || *number > max) return false;
  target = *number;
  return true;
}

bool read_real(std::string_view text, double min, double max, double& target) {
  const auto number = number_in<double>(text);
  // Written so that what is not a number fails too.
  if (!number || !(*number >= min && *number <= max)) return false;
  target = *number;
  return true;
}

bool is_http_url(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (text.size() > scheme.size() && text.starts_with(scheme) && text.find(' ') == std::string_view::npos)
      return true;
  return false;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), is_control);
}

std::string shown_line(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string line(text.substr(0, longest));
  std::replace_if(line.begin(), line.end(), is_control, '?');
  if (text.size() > longest) line += "...";
  return line;
}

}  // namespace planexe::config
