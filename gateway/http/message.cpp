#include "gateway/http/message.hpp"

#include <array>

namespace planexe::gateway {

namespace {

constexpr std::array<std::string_view, method_count> method_names{"GET",    "POST", "PATCH",  "PUT",
                                                                  "DELETE", "HEAD", "OPTIONS"};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view to_string(method verb) noexcept {
  const auto index = static_cast<std::size_t>(verb);
  return index < method_names.size() ? method_names[index] : std::string_view{"OTHER"};
}

method method_from(std::string_view token) noexcept {
  for (std::size_t index = 0; index < method_names.size(); ++index)
    if (method_names[index] == token) return static_cast<method>(index);
  return method::other;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) return false;
  for (std::size_t index = 0; index < left.size(); ++index)
    if (lower(left[index]) != lower(right[index])) return false;
  return true;
}

std::string_view request_head::param(std::string_view name) const noexcept {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return {};
}

std::optional<std::string_view> request_head::query(std::string_view name) const noexcept {
  for (const auto& [key, value] : query_parameters)
    if (key == name) return value;
  return std::nullopt;
}

std::optional<std::string_view> request_head::header(std::string_view name) const noexcept {
  const std::string_view text = header_text_;
  for (const auto& field : fields_) {
    if (field.value_at - field.name_at != name.size()) continue;
    if (equals_ignoring_case(text.substr(field.name_at, name.size()), name))
      return text.substr(field.value_at, field.end - field.value_at);
  }
  return std::nullopt;
}

void request_head::add_header(std::string_view name, std::string_view value) {
  field_place place;
  place.name_at = static_cast<std::uint32_t>(header_text_.size());
  header_text_ += name;
  place.value_at = static_cast<std::uint32_t>(header_text_.size());
  header_text_ += value;
  place.end = static_cast<std::uint32_t>(header_text_.size());
  fields_.push_back(place);
}

void request_head::reserve_headers(std::size_t count, std::size_t bytes) {
  fields_.reserve(count);
  header_text_.reserve(bytes);
}

}  // namespace planexe::gateway
