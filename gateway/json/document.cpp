#include "gateway/json/document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace planexe::gateway {

/// Takes the parser's events. Returning false ends the parse.
class json_document::builder {
 public:
  explicit builder(json_document& target) : target_(target) {}

  bool null() { return add(json_kind::null, 0); }
  bool boolean(bool flag) { return add(json_kind::boolean, flag ? 1 : 0); }
  bool number_integer(std::int64_t number) { return add(json_kind::integer, static_cast<std::uint64_t>(number)); }
  bool number_unsigned(std::uint64_t number) { return add(json_kind::natural, number); }
  bool number_float(double, const std::string& digits) { return add_text(json_kind::real, digits); }
  bool string(std::string& text) { return add_text(json_kind::text, text); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool key(std::string& name) { return add_text(json_kind::text, name); }
  bool start_object(std::size_t) { return open(json_kind::object); }
  bool start_array(std::size_t) { return open(json_kind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& reason) {
    // The library's own text repeats the input; only the position and the kind are passed on.
    constexpr int number_overflow = 406;
    failure_.detail = reason.id == number_overflow ? "the body holds a number beyond the range of a double"
                                                   : "the body is not valid JSON at byte " + std::to_string(position);
    return false;
  }

  problem failure() && { return std::move(failure_); }

 private:
  bool add(json_kind kind, std::uint64_t content) {
    auto& nodes = target_.nodes_;
    if (nodes.size() >= max_json_nodes) {
      failure_.code = problem_code::payload_too_large;
      failure_.detail = "the body holds more than " + std::to_string(max_json_nodes) + " JSON values";
      return false;
    }
    nodes.push_back({kind, static_cast<std::uint32_t>(nodes.size() + 1), content});
    return true;
  }
  bool add_text(json_kind kind, const std::string& text) {
    const std::uint64_t offset = target_.text_.size();
    target_.text_ += text;
    return add(kind, offset << 32U | text.size());
  }
  bool open(json_kind kind) {
    if (open_.size() >= max_json_depth) {
      failure_.detail = "the body is nested deeper than " + std::to_string(max_json_depth) + " levels";
      return false;
    }
    open_.push_back(static_cast<std::uint32_t>(target_.nodes_.size()));
    return add(kind, 0);
  }
  bool close() {
    target_.nodes_[open_.back()].next = static_cast<std::uint32_t>(target_.nodes_.size());
    open_.pop_back();
    return true;
  }

  json_document& target_;
  std::vector<std::uint32_t> open_;
  problem failure_{problem_code::malformed_request, "the body is not valid JSON", {}, {}};
};

expected<json_document, problem> json_document::parse(std::string_view text) {
  // Offsets and lengths of text are kept in 32 bits each.
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    return unexpected{problem{problem_code::payload_too_large, "the body is over 4 GiB", {}, {}}};
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return unexpected{problem{problem_code::malformed_request, "a JSON body is needed, and there is none", {}, {}}};
  json_document document;
  // Most bodies are reports of a few hundred bytes; the text inside is never longer than the text itself.
  constexpr std::size_t bytes_a_value = 12;
  constexpr std::size_t most_reserved = 1U << 20U;
  document.nodes_.reserve(std::min(text.size(), most_reserved) / bytes_a_value + 2);
  document.text_.reserve(std::min(text.size(), most_reserved));
  builder events(document);
  if (!nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &events))
    return unexpected{std::move(events).failure()};
  return document;
}

std::string_view json_document::value::text() const {
  const auto content = at().content;
  return std::string_view(document_->text_).substr(content >> 32U, content & 0xFFFF'FFFFU);
}

double json_document::value::number() const {
  switch (kind()) {
    case json_kind::integer:
      return static_cast<double>(static_cast<std::int64_t>(at().content));
    case json_kind::natural:
      return static_cast<double>(at().content);
    case json_kind::real: {
      double number = 0;
      const auto digits = text();
      // Out of range cannot happen upwards, the parser refused it; downwards it leaves zero, which is the nearest.
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
      return number;
    }
    default:
      return 0;
  }
}

std::optional<std::int64_t> json_document::value::whole() const {
  const auto content = at().content;
  if (is(json_kind::integer)) return static_cast<std::int64_t>(content);
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (is(json_kind::natural) && content <= most) return static_cast<std::int64_t>(content);
  return std::nullopt;
}

std::size_t json_document::value::size() const {
  std::size_t count = 0;
  if (is(json_kind::array)) each_element([&](value) { ++count; });
  if (is(json_kind::object)) each_member([&](std::string_view, value) { ++count; });
  return count;
}

std::optional<json_document::value> json_document::value::member(std::string_view name) const {
  std::optional<value> found;
  if (is(json_kind::object))
    each_member([&](std::string_view key, value candidate) {
      if (key == name) found = candidate;
    });
  return found;
}

void json_document::value::append_json(std::string& out) const {
  bool first = true;
  const auto separate = [&] {
    if (!first) out += ',';
    first = false;
  };
  switch (kind()) {
    case json_kind::null:
      out += "null";
      break;
    case json_kind::boolean:
      out += flag() ? "true" : "false";
      break;
    case json_kind::integer:
      out += std::to_string(static_cast<std::int64_t>(at().content));
      break;
    case json_kind::natural:
      out += std::to_string(at().content);
      break;
    case json_kind::real:
      out += text();
      break;
    case json_kind::text:
      append_json_string(out, text());
      break;
    case json_kind::array:
      out += '[';
      each_element([&](value element) {
        separate();
        element.append_json(out);
      });
      out += ']';
      break;
    case json_kind::object:
      out += '{';
      each_member([&](std::string_view name, value element) {
        separate();
        append_json_string(out, name);
        out += ':';
        element.append_json(out);
      });
      out += '}';
      break;
  }
}

}  // namespace planexe::gateway
