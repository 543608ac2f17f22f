#include "plans/json_text.hpp"

#include <set>
#include <vector>

namespace planexe::plans {
namespace {

/// Looks at the text once without building anything, so that a hostile document costs little.
class json_check {
 public:
  bool null() { return value(); }
  bool boolean(bool) { return value(); }
  bool number_integer(json_value::number_integer_t) { return value(); }
  bool number_unsigned(json_value::number_unsigned_t) { return value(); }
  bool number_float(json_value::number_float_t, const json_value::string_t&) { return value(); }
  bool string(json_value::string_t&) { return value(); }
  bool binary(json_value::binary_t&) { return value(); }
  bool start_object(std::size_t) { return open(); }
  bool start_array(std::size_t) { return open(); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(json_value::string_t& name) {
    if (!members_.back().insert(name).second) return fail(false, "member '" + name.substr(0, 64) + "' is given twice");
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& reason) {
    // The library's own text repeats the input, which may not be UTF-8; only the position and the kind are passed on.
    constexpr int number_overflow = 406;
    return fail(false, reason.id == number_overflow ? "a number is too large"
                                                    : "not valid JSON at byte " + std::to_string(position));
  }

  const json_failure& failure() const { return failure_; }

 private:
  bool fail(bool too_large, std::string message) {
    failure_ = {too_large, std::move(message)};
    return false;
  }
  bool value() {
    if (++values_ > max_json_values) return fail(true, "more than " + std::to_string(max_json_values) + " JSON values");
    return true;
  }
  bool open() {
    if (members_.size() >= max_json_depth)
      return fail(false, "nested deeper than " + std::to_string(max_json_depth) + " levels");
    members_.emplace_back();
    return value();
  }
  bool close() {
    members_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> members_;  ///< names seen in each open object; empty for arrays
  std::size_t values_ = 0;
  json_failure failure_;
};

}  // namespace

expected<json_value, json_failure> parse_json(std::string_view text) {
  json_check check;
  if (!json_value::sax_parse(text, &check)) return unexpected{check.failure()};
  json_value value = json_value::parse(text, nullptr, false);
  if (value.is_discarded()) return unexpected{json_failure{false, "not valid JSON"}};
  return value;
}

}  // namespace planexe::plans
