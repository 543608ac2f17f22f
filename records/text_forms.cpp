#include "records/text_forms.hpp"

#include <array>
#include <charconv>

namespace planexe::records {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;
constexpr std::size_t digits_of_a_number = 20;  // of the greatest one that 64 bits hold

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

constexpr std::uint32_t value_of(char c) {
  return values[static_cast<unsigned char>(c)];
}
constexpr std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

constexpr auto hex_values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::uint8_t i = 0; i < 16; ++i) table[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
  return table;
}();

constexpr std::uint32_t hex_value(char c) {
  return hex_values[static_cast<unsigned char>(c)];
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  std::size_t at = out.size();
  out.resize(at + (bytes.size() + 2) / 3 * 4);
  const auto put = [&](std::uint32_t sextet) { out[at++] = alphabet[sextet & 0x3fU]; };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t three = byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U | byte_at(bytes, i + 2);
    put(three >> 18U);
    put(three >> 12U);
    put(three >> 6U);
    put(three);
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  const std::uint32_t rest = byte_at(bytes, i) << 16U | (left == 2 ? byte_at(bytes, i + 1) << 8U : 0U);
  put(rest >> 18U);
  put(rest >> 12U);
  if (left == 2) put(rest >> 6U);
  while (at < out.size()) out[at++] = '=';
}

std::optional<std::string> read_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string bytes(text.size() / 4 * 3, '\0');
  std::uint32_t wrong = 0;  // bits that no sextet has
  std::size_t at = 0;
  const auto put = [&](std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    wrong |= (a | b | c | d) & 0xc0U;
    const std::uint32_t three = a << 18U | b << 12U | c << 6U | d;
    bytes[at++] = static_cast<char>(three >> 16U & 0xffU);
    bytes[at++] = static_cast<char>(three >> 8U & 0xffU);
    bytes[at++] = static_cast<char>(three & 0xffU);
  };
  const std::size_t whole = padding == 0 ? text.size() : text.size() - 4;
  std::size_t i = 0;
  for (; i < whole; i += 4) put(value_of(text[i]), value_of(text[i + 1]), value_of(text[i + 2]), value_of(text[i + 3]));
  if (padding > 0) put(value_of(text[i]), value_of(text[i + 1]), padding == 2 ? 0U : value_of(text[i + 2]), 0U);
  // What the padding stands for must be zero, or the same bytes would have several texts.
  for (std::size_t k = 0; k < padding; ++k) {
    if (bytes.back() != '\0') return std::nullopt;
    bytes.pop_back();
  }
  if (wrong != 0) return std::nullopt;
  return bytes;
}

void append_hex(std::string& out, const domain::sha256_digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::uint8_t byte : digest) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
}

std::optional<domain::sha256_digest> read_hex(std::string_view text) {
  domain::sha256_digest digest;
  if (text.size() != 2 * digest.size()) return std::nullopt;
  std::uint32_t wrong = 0;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const std::uint32_t high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    wrong |= (high | low) & 0xf0U;
    digest[i] = static_cast<std::uint8_t>(high << 4U | (low & 15U));
  }
  if (wrong != 0) return std::nullopt;
  return digest;
}

void append_digits(std::string& out, std::uint64_t number) {
  std::array<char, digits_of_a_number> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto length = static_cast<std::size_t>(end - digits.data());
  out.append(digits_of_a_number - length, '0');
  out.append(digits.data(), length);
}

std::optional<std::uint64_t> read_digits(std::string_view text) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [read, failure] = std::from_chars(text.data(), end, number);
  if (text.size() != digits_of_a_number || failure != std::errc{} || read != end) return std::nullopt;
  return number;
}

}  // namespace planexe::records
