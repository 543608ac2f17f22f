// Reads members of PlanExe's documents with patience: what is absent or of another type reads as empty, for these
// documents come from models and differ from year to year. The strict counterpart is object_reader.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "plans/json_text.hpp"

namespace planexe::plans {

/// A string member without white space around it, or empty.
std::string text_of(const json_value& object, std::string_view name);

/// As `text_of`, at most `max_bytes` of it.
std::string text_of(const json_value& object, std::string_view name, std::size_t max_bytes);

/// The strings of an array member that are not blank: the first `max_count`, at most `max_bytes` of each. A member that
/// is one string is a list of one.
std::vector<std::string> texts_of(const json_value& object, std::string_view name, std::size_t max_count,
                                  std::size_t max_bytes);

/// The array under `name`, or the value itself when it is the array; else nothing.
const json_value* list_in(const json_value& value, std::string_view name);

}  // namespace planexe::plans
