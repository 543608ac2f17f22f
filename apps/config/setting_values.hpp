// The kinds of values that settings have, read from text. Each function is all or nothing: false leaves the target as
// it was. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace planexe::config {

/// true, yes, on, 1 and their opposites, in any case: what people write into .env files.
bool read_boolean(std::string_view text, bool& target);
/// Digits alone.
bool read_whole(std::string_view text, std::uint64_t min, std::uint64_t max, std::uint64_t& target);
bool read_real(std::string_view text, double min, double max, double& target);
bool is_http_url(std::string_view text);
/// Without control characters.
bool is_printable(std::string_view text);
/// Without the blanks around it.
std::string_view trimmed(std::string_view text);
/// A value as it may stand in a message: one line, not too long.
std::string shown_line(std::string_view text);

}  // namespace planexe::config
