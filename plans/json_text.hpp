// JSON text from outside into a value, or one reason why not. Refuses what a later step could trip over: more than 64
// levels, invalid UTF-8, a member given twice, numbers beyond a double, more values than any plan has.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace planexe::plans {

using json_value = nlohmann::json;

/// Deeper documents crash naive readers; real plans nest eight levels.
inline constexpr std::size_t max_json_depth = 64;
/// Bounds the memory of the parsed form (about 100 bytes a value); the largest plan we accept stays below.
inline constexpr std::size_t max_json_values = 2'000'000;

struct json_failure {
  bool too_large = false;
  std::string message;
};

expected<json_value, json_failure> parse_json(std::string_view text);

}  // namespace planexe::plans
