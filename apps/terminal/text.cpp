#include "apps/terminal/text.hpp"

#include <array>
#include <optional>
#include <utility>

namespace planexe::terminal {
namespace {

/// The code point that `text` starts with and its length; nothing when the bytes are not UTF-8.
struct code_point {
  char32_t value;
  std::size_t bytes;
};
std::optional<code_point> first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return code_point{lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || text.size() < length) return std::nullopt;
  char32_t value = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return std::nullopt;
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return std::nullopt;
  return code_point{value, length};
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

// Bidirectional marks and overrides and the two line separators can make a line read as something else.
bool is_deceiving(char32_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
         c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

struct range {
  char32_t first;
  char32_t last;
};

// From Unicode's EastAsianWidth (W and F) and general categories Mn, Me and Cf, as blocks.
constexpr std::array<range, 11> wide = {{{0x1100, 0x115F},
                                         {0x2E80, 0x303E},
                                         {0x3041, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1F64F},
                                         {0x1F680, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};
constexpr std::array<range, 8> without_width = {{{0x0300, 0x036F},
                                                 {0x0483, 0x0489},
                                                 {0x0591, 0x05BD},
                                                 {0x1AB0, 0x1AFF},
                                                 {0x1DC0, 0x1DFF},
                                                 {0x200B, 0x200F},
                                                 {0x20D0, 0x20FF},
                                                 {0xFE00, 0xFE0F}}};

template <std::size_t N>
bool is_in(const std::array<range, N>& ranges, char32_t c) {
  for (const auto& each : ranges)
    if (c >= each.first && c <= each.last) return true;
  return false;
}

/// The first character of valid UTF-8, and its bytes.
std::pair<char32_t, std::size_t> first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t value = bytes == 1 ? lead : lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes && i < text.size(); ++i)
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  return {value, std::min(bytes, text.size())};
}

std::size_t columns_of(char32_t c) {
  return is_in(without_width, c) ? 0 : is_in(wide, c) ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const auto bytes = point ? point->bytes : 1;
    if (!point)
      clean += '?';
    else if (is_control(point->value))
      clean += ' ';
    else if (!is_deceiving(point->value))
      clean += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return clean;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto [c, bytes] = first_of(text);
    columns += columns_of(c);
    text.remove_prefix(bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t width) {
  const std::string clean = printable(text);
  if (columns_of(clean) <= width) return clean;
  if (width == 0) return {};
  std::size_t columns = 0;
  std::string_view rest = clean;
  while (!rest.empty()) {
    const auto [c, bytes] = first_of(rest);
    if (columns + columns_of(c) > width - 1) break;  // the ellipsis takes one
    columns += columns_of(c);
    rest.remove_prefix(bytes);
  }
  return clean.substr(0, clean.size() - rest.size()) + "…";
}

std::string padded(std::string_view text, std::size_t width) {
  std::string result = cut(text, width);
  return result.append(width - columns_of(result), ' ');
}

std::string right_aligned(std::string_view text, std::size_t width) {
  std::string result = cut(text, width);
  return result.insert(0, width - columns_of(result), ' ');
}

std::string grouped(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  std::string text = grouped(number) + " ";
  if (number == 1) return text.append(one);
  return many.empty() ? text.append(one).append("s") : text.append(many);
}

std::vector<std::string> wrapped(std::string_view label, std::string_view text, std::size_t width,
                                 std::size_t most_lines) {
  const std::string clean = cut(text, width * (most_lines + 1));
  std::vector<std::string> lines;
  std::string line{label};
  const auto indent = columns_of(label);
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t end = std::min(clean.find(' ', at), clean.size());
    const std::string_view word = std::string_view{clean}.substr(at, end - at);
    const bool full = columns_of(line) + columns_of(word) + 1 > width && columns_of(line) > indent;
    if (full && lines.size() + 1 == most_lines) {
      line += " " + std::string{std::string_view{clean}.substr(at)};
      break;
    }
    if (full) {
      lines.push_back(std::move(line));
      line.assign(indent, ' ');
    }
    if (!line.empty() && !line.ends_with(' ') && !word.empty()) line += ' ';
    line += word;
    at = end + 1;
  }
  lines.push_back(cut(line, width));
  return lines;
}

}  // namespace planexe::terminal
