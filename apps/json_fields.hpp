// Members of JSON that another program wrote: what is absent or of another type counts as empty. Pure, any thread.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace planexe::fields {

/// Null where there is no such member.
template <class Json>
const Json* find(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

template <class Json>
std::string text_in(const Json& object, const char* key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_string() ? value->template get<std::string>() : std::string();
}

template <class Json>
double number_in(const Json& object, const char* key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_number() ? value->template get<double>() : 0.0;
}

template <class Json>
std::uint64_t count_in(const Json& object, const char* key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_number_unsigned() ? value->template get<std::uint64_t>() : 0;
}

template <class Json>
bool flag_in(const Json& object, const char* key) {
  const auto* value = find(object, key);
  return value != nullptr && value->is_boolean() && value->template get<bool>();
}

template <class Json>
const Json& list_in(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto* value = find(object, key);
  return value != nullptr && value->is_array() ? *value : none;
}

}  // namespace planexe::fields
