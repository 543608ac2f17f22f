// Bytes and numbers as the text of a record file: base64, hexadecimal, digits. Each has one form alone, so that what
// was read is written again as it was. Private to the room. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/event_record.hpp"

namespace planexe::records {

/// RFC 4648 with padding.
void append_base64(std::string& out, std::string_view bytes);
/// Nothing for text that `append_base64` cannot have made.
std::optional<std::string> read_base64(std::string_view text);

/// Lower case.
void append_hex(std::string& out, const domain::sha256_digest& digest);
std::optional<domain::sha256_digest> read_hex(std::string_view text);

/// Twenty digits, so that numbers sort as text, which CloudEvents wants of a sequence.
void append_digits(std::string& out, std::uint64_t number);
/// Nothing for text of another length.
std::optional<std::uint64_t> read_digits(std::string_view text);

}  // namespace planexe::records
