// Wall-clock time as the log stores it: milliseconds since 1970-01-01 UTC. Nothing in the domain reads a clock;
// the present arrives as an argument.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace planexe::domain {

using milliseconds = std::chrono::milliseconds;
using timestamp = std::chrono::sys_time<milliseconds>;

constexpr milliseconds hours(double count) {
  return milliseconds{static_cast<long long>(count * 3'600'000.0)};
}
constexpr milliseconds seconds(double count) {
  return milliseconds{static_cast<long long>(count * 1'000.0)};
}

/// RFC 3339 in UTC with milliseconds: `2026-01-31T09:05:07.250Z`.
std::string format_rfc3339(timestamp time);

/// Reads RFC 3339 with any offset and any number of fraction digits; nothing when the text is not a valid time.
std::optional<timestamp> parse_rfc3339(std::string_view text);

/// For people, rounded: "under 1 s", "95 s", "7 min", "26 h", "12 days". The same without a sign.
std::string in_words(milliseconds length);
/// For people, to the minute: "2026-01-31 09:05 UTC".
std::string format_minute(timestamp time);

}  // namespace planexe::domain
