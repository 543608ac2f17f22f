// Decodes what a request's target says: path segments and query parameters. Everything that comes out is valid UTF-8
// without control characters, so that it can go into JSON, logs and headers as it is. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace planexe::gateway {

/// More than any route takes; bounds what one query string costs.
inline constexpr std::size_t max_query_parameters = 64;

/// Resolves %XX, and '+' to a space where `plus_is_space`. Nothing when an escape is broken, or when the text is not
/// UTF-8 or holds a control character.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// `a=1&b=2`, decoded, in order, repeats kept; a name without '=' has an empty value. Nothing when any of it is bad.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace planexe::gateway
