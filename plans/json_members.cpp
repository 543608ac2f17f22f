#include "plans/json_members.hpp"

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

const json_value* member_of(const json_value& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string_view text_in(const json_value* value) {
  if (value == nullptr || !value->is_string()) return {};
  return trimmed(value->get_ref<const std::string&>());
}

}  // namespace

std::string text_of(const json_value& object, std::string_view name) {
  return std::string{text_in(member_of(object, name))};
}

std::string text_of(const json_value& object, std::string_view name, std::size_t max_bytes) {
  return clipped(text_in(member_of(object, name)), max_bytes);
}

std::vector<std::string> texts_of(const json_value& object, std::string_view name, std::size_t max_count,
                                  std::size_t max_bytes) {
  std::vector<std::string> found;
  const json_value* value = member_of(object, name);
  if (value == nullptr) return found;
  const auto take = [&](const json_value& item) {
    if (const auto text = text_in(&item); !text.empty() && found.size() < max_count)
      found.push_back(clipped(text, max_bytes));
  };
  if (value->is_array())
    for (const json_value& item : *value) take(item);
  else
    take(*value);
  return found;
}

const json_value* list_in(const json_value& value, std::string_view name) {
  if (value.is_array()) return &value;
  const json_value* found = member_of(value, name);
  return found != nullptr && found->is_array() ? found : nullptr;
}

}  // namespace planexe::plans
