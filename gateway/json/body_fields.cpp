#include "gateway/json/body_fields.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

std::string shown(double number) {
  std::string text;
  json_writer(text).real(number);
  return text;
}

constexpr std::string_view id_rule =
    "must be 1 to 128 letters, digits, '_', '.', ':' or '-', and begin with a letter or digit";

}  // namespace

void field_errors::add(std::string field, std::string message) {
  if (errors_.size() < max_field_errors) errors_.push_back({std::move(field), std::move(message)});
}

problem field_errors::to_problem() && {
  auto detail = errors_.size() == 1 ? "'" + errors_.front().field + "' " + errors_.front().message
                                    : std::to_string(errors_.size()) + " fields are wrong";
  return {problem_code::validation_failed, std::move(detail), std::move(errors_), {}};
}

std::optional<json_document::value> body_fields::find(std::string_view name) {
  const auto asked_end = asked_.begin() + static_cast<std::ptrdiff_t>(asked_count_);
  if (std::find(asked_.begin(), asked_end, name) == asked_end) {
    assert(asked_count_ < asked_.size());
    asked_[asked_count_++] = name;
  }
  auto found = object_.member(name);
  if (found && found->is(json_kind::null)) found.reset();
  return found;
}

void body_fields::require(std::string_view name) {
  if (!has(name)) wrong(name, "is required");
}

void body_fields::wrong(std::string_view name, std::string message) {
  errors_.add(path_of(name), std::move(message));
}

std::string body_fields::text(std::string_view name, std::size_t max_bytes) {
  const auto found = find(name);
  if (!found) return {};
  if (!found->is(json_kind::text)) {
    wrong(name, "must be a string");
    return {};
  }
  if (found->text().size() > max_bytes) {
    wrong(name, "must be at most " + std::to_string(max_bytes) + " bytes long");
    return {};
  }
  return std::string(found->text());
}

std::string body_fields::id_text(std::string_view name) {
  const auto found = find(name);
  if (!found) return {};
  if (!found->is(json_kind::text) || !domain::is_valid_id(found->text())) {
    wrong(name, std::string(id_rule));
    return {};
  }
  return std::string(found->text());
}

std::optional<bool> body_fields::boolean(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  if (found->is(json_kind::boolean)) return found->flag();
  wrong(name, "must be true or false");
  return std::nullopt;
}

std::optional<double> body_fields::number(std::string_view name, real_range range) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  const double number = found->number();
  const bool inside = number <= range.max && (range.above_min ? number > range.min : number >= range.min);
  if (found->is_number() && inside) return number;
  wrong(name, "must be a number " + std::string(range.above_min ? "over " : "from ") + shown(range.min) +
                  (range.above_min ? ", at most " : " to ") + shown(range.max));
  return std::nullopt;
}

std::optional<std::int64_t> body_fields::whole(std::string_view name, whole_range range) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  if (const auto number = found->whole(); number && *number >= range.min && *number <= range.max) return number;
  wrong(name, "must be a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max));
  return std::nullopt;
}

std::optional<domain::timestamp> body_fields::time(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  std::optional<domain::timestamp> time;
  if (found->is(json_kind::text)) time = domain::parse_rfc3339(found->text());
  if (!time) wrong(name, "must be a time as in 2026-01-31T09:05:07.250Z (RFC 3339)");
  return time;
}

std::string body_fields::json(std::string_view name, std::size_t max_bytes) {
  std::string text;
  if (const auto found = find(name)) found->append_json(text);
  if (text.size() <= max_bytes) return text;
  wrong(name, "must be at most " + std::to_string(max_bytes) + " bytes of JSON");
  return {};
}

std::string body_fields::json_object(std::string_view name, std::size_t max_bytes) {
  return object(name) ? json(name, max_bytes) : std::string{};
}

std::vector<std::string> body_fields::texts(std::string_view name, std::size_t max_bytes_each) {
  std::vector<std::string> texts;
  const auto found = array(name);
  if (!found) return texts;
  if (found->size() > max_list_items) {
    wrong(name, "must have at most " + std::to_string(max_list_items) + " items");
    return texts;
  }
  std::size_t place = 0;
  found->each_element([&](json_document::value element) {
    const bool fits = element.is(json_kind::text) && !element.text().empty() && element.text().size() <= max_bytes_each;
    if (fits)
      texts.emplace_back(element.text());
    else
      wrong(std::string(name) + "[" + std::to_string(place) + "]",
            "must be a string of 1 to " + std::to_string(max_bytes_each) + " bytes");
    ++place;
  });
  return texts;
}

std::optional<json_document::value> body_fields::object(std::string_view name) {
  auto found = find(name);
  if (found && !found->is(json_kind::object)) {
    wrong(name, "must be an object");
    found.reset();
  }
  return found;
}

std::optional<json_document::value> body_fields::array(std::string_view name) {
  auto found = find(name);
  if (found && !found->is(json_kind::array)) {
    wrong(name, "must be an array");
    found.reset();
  }
  return found;
}

std::optional<std::size_t> body_fields::word(std::string_view name, std::span<const std::string_view> names) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  if (found->is(json_kind::text))
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == found->text()) return i;
  std::string message = "must be one of";
  for (const auto& each : names) message.append(&each == names.data() ? " " : ", ").append(each);
  wrong(name, std::move(message));
  return std::nullopt;
}

void body_fields::refuse_unknown() {
  const auto asked_end = asked_.begin() + static_cast<std::ptrdiff_t>(asked_count_);
  object_.each_member([&](std::string_view name, json_document::value) {
    if (std::find(asked_.begin(), asked_end, name) == asked_end) wrong(name, "is not known here");
  });
}

expected<json_document, problem> parse_object(std::string_view body) {
  auto document = json_document::parse(body);
  if (!document || document->root().is(json_kind::object)) return document;
  return unexpected{problem{
      problem_code::validation_failed, "the body must be a JSON object", {{"body", "must be a JSON object"}}, {}}};
}

std::optional<problem> refuse_members(std::string_view body) {
  if (body.empty()) return std::nullopt;
  const auto document = parse_object(body);
  if (!document) return document.error();
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  fields.refuse_unknown();
  if (errors.empty()) return std::nullopt;
  return std::move(errors).to_problem();
}

}  // namespace planexe::gateway
