#include "plans/json_text.hpp"

#include <utility>
#include <vector>

namespace planexe::plans {
namespace {

/// Builds the value in one pass and stops at the first thing that is refused, so that a hostile document costs no more
/// than the limits allow.
class json_builder {
 public:
  bool null() { return add(nullptr) != nullptr; }
  bool boolean(bool value) { return add(value) != nullptr; }
  bool number_integer(json_value::number_integer_t value) { return add(value) != nullptr; }
  bool number_unsigned(json_value::number_unsigned_t value) { return add(value) != nullptr; }
  bool number_float(json_value::number_float_t value, const json_value::string_t&) { return add(value) != nullptr; }
  bool string(json_value::string_t& value) { return add(std::move(value)) != nullptr; }
  bool binary(json_value::binary_t&) { return fail(false, "binary values are not JSON"); }
  bool start_object(std::size_t) { return open(json_value::value_t::object); }
  bool start_array(std::size_t) { return open(json_value::value_t::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(json_value::string_t& name) {
    const auto [place, fresh] = open_.back()->get_ref<json_value::object_t&>().emplace(std::move(name), nullptr);
    if (!fresh) return fail(false, "member '" + place->first.substr(0, 64) + "' is given twice");
    member_ = &place->second;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& reason) {
    // The library's own text repeats the input, which may not be UTF-8; only the position and the kind are passed on.
    constexpr int number_overflow = 406;
    return fail(false, reason.id == number_overflow ? "a number is too large"
                                                    : "not valid JSON at byte " + std::to_string(position));
  }

  json_value& value() { return root_; }
  json_failure& failure() { return failure_; }

 private:
  bool fail(bool too_large, std::string message) {
    failure_ = {too_large, std::move(message)};
    return false;
  }
  /// Where the value now is; null when there are too many. A place in an array holds until the array's next element,
  /// and by then the element is closed.
  template <class Value>
  json_value* add(Value&& value) {
    if (++values_ > max_json_values) {
      fail(true, "more than " + std::to_string(max_json_values) + " JSON values");
      return nullptr;
    }
    if (open_.empty()) {
      root_ = json_value(std::forward<Value>(value));
      return &root_;
    }
    if (open_.back()->is_object()) {
      *member_ = json_value(std::forward<Value>(value));
      return member_;
    }
    auto& elements = open_.back()->get_ref<json_value::array_t&>();
    elements.emplace_back(std::forward<Value>(value));
    return &elements.back();
  }
  bool open(json_value::value_t type) {
    if (open_.size() >= max_json_depth)
      return fail(false, "nested deeper than " + std::to_string(max_json_depth) + " levels");
    json_value* const added = add(type);
    if (added != nullptr) open_.push_back(added);
    return added != nullptr;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json_value root_;
  std::vector<json_value*> open_;  ///< the objects and arrays around the place that is read, outermost first
  json_value* member_ = nullptr;   ///< what the last key stands for
  std::size_t values_ = 0;
  json_failure failure_;
};

}  // namespace

expected<json_value, json_failure> parse_json(std::string_view text) {
  json_builder builder;
  if (!json_value::sax_parse(text, &builder)) return unexpected{std::move(builder.failure())};
  return std::move(builder.value());
}

}  // namespace planexe::plans
