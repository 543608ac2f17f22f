// Bytes as text: hexadecimal and base64. Pure, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace planexe::audit {

/// Exactly `bytes.size()` bytes in hexadecimal; false for anything else.
bool read_hex(std::string_view text, std::uint8_t* bytes, std::size_t size);
std::string write_hex(const std::uint8_t* bytes, std::size_t size);

template <std::size_t Size>
std::optional<std::array<std::uint8_t, Size>> from_hex(std::string_view text) {
  std::array<std::uint8_t, Size> bytes;
  if (!read_hex(text, bytes.data(), Size)) return std::nullopt;
  return bytes;
}
template <std::size_t Size>
std::string hex_of(const std::array<std::uint8_t, Size>& bytes) {
  return write_hex(bytes.data(), Size);
}

/// RFC 4648 with padding.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace planexe::audit
