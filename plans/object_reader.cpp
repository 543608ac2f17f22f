#include "plans/object_reader.hpp"

#include <cstdio>
#include <limits>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

/// 0.5 and 24 rather than 0.500000.
std::string plain(double number) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%g", number);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace

object_reader::object_reader(const json_value& value, std::string path, problem_list& problems)
    : path_(std::move(path)), problems_(problems) {
  if (value.is_object())
    object_ = &value;
  else
    problems_.add(path_, "must be an object");
}

std::string object_reader::at(std::string_view name) const {
  return path_.empty() ? std::string{name} : path_ + "." + std::string{name};
}

std::string object_reader::at(std::string_view name, std::size_t index) const {
  return at(name) + "[" + std::to_string(index) + "]";
}

void object_reader::wrong(std::string_view name, std::string message) {
  problems_.add(at(name), std::move(message));
}

const json_value* object_reader::any(std::string_view name) {
  asked_.emplace(name);
  if (object_ == nullptr) return nullptr;
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

std::string object_reader::text(std::string_view name) {
  const json_value* value = any(name);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    wrong(name, "must be a string");
    return {};
  }
  return std::string{trimmed(value->get_ref<const std::string&>())};
}

std::string object_reader::required_text(std::string_view name) {
  const json_value* value = any(name);
  std::string result = text(name);
  if (object_ != nullptr && result.empty() && (value == nullptr || value->is_string()))
    wrong(name, value == nullptr ? "is required" : "must not be empty");
  return result;
}

std::optional<double> object_reader::number(std::string_view name, double min, double max) {
  const json_value* value = any(name);
  if (value == nullptr) return std::nullopt;
  const double found = value->is_number() ? value->get<double>() : std::numeric_limits<double>::quiet_NaN();
  if (found >= min && found <= max) return found;
  wrong(name, "must be a number from " + plain(min) + " to " + plain(max));
  return std::nullopt;
}

std::optional<std::int64_t> object_reader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const json_value* value = any(name);
  if (value == nullptr) return std::nullopt;
  // Unsigned values beyond int64 would wrap in get(); as such they are out of every range used here.
  const bool fits =
      value->is_number_integer() &&
      (!value->is_number_unsigned() ||
       value->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (fits)
    if (const auto found = value->get<std::int64_t>(); found >= min && found <= max) return found;
  wrong(name, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::optional<bool> object_reader::boolean(std::string_view name) {
  const json_value* value = any(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  wrong(name, "must be true or false");
  return std::nullopt;
}

const json_value* object_reader::array(std::string_view name) {
  const json_value* value = any(name);
  if (value == nullptr || value->is_array()) return value;
  wrong(name, "must be an array");
  return nullptr;
}

const json_value* object_reader::object(std::string_view name) {
  const json_value* value = any(name);
  if (value == nullptr || value->is_object()) return value;
  wrong(name, "must be an object");
  return nullptr;
}

std::vector<std::string> object_reader::texts(std::string_view name) {
  std::vector<std::string> result;
  const json_value* list = array(name);
  if (list == nullptr) return result;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (const json_value& item = (*list)[i]; item.is_string())
      result.emplace_back(trimmed(item.get_ref<const std::string&>()));
    else
      problems_.add(at(name, i), "must be a string");
  }
  return result;
}

void object_reader::refuse_unknown_members() {
  if (object_ == nullptr) return;
  for (const auto& member : object_->items())
    if (!asked_.contains(member.key())) wrong(clipped(member.key(), 64), "is not a member of this object");
}

}  // namespace planexe::plans
