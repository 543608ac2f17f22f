#include "apps/import/terminal_text.hpp"

#include <array>
#include <limits>

#include "apps/demo/progress_display.hpp"

namespace planexe::importing {
namespace {

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
  const std::string clean = demo::printable(text, std::numeric_limits<std::size_t>::max());
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

}  // namespace planexe::importing
