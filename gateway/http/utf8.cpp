#include "gateway/http/utf8.hpp"

namespace planexe::gateway {

std::size_t utf8_sequence_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto at = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto continues = [&](std::size_t index) { return index < text.size() && (at(index) & 0xC0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80U) return 1;
  if (first < 0xC2U || !continues(1)) return 0;
  if (first < 0xE0U) return 2;
  const unsigned second = at(1);
  if (!continues(2)) return 0;
  if (first < 0xF0U) {
    const bool overlong = first == 0xE0U && second < 0xA0U;
    const bool surrogate = first == 0xEDU && second >= 0xA0U;
    return overlong || surrogate ? 0 : 3;
  }
  if (first > 0xF4U || !continues(3)) return 0;
  const bool overlong = first == 0xF0U && second < 0x90U;
  const bool past_the_end = first == 0xF4U && second >= 0x90U;
  return overlong || past_the_end ? 0 : 4;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace planexe::gateway
