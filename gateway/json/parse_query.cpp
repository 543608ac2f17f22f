#include "gateway/json/parse_query.hpp"

#include <charconv>
#include <cmath>

namespace planexe::gateway {
namespace {

constexpr std::size_t max_list_words = 256;  // as the lists in bodies
constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The whole of `text` as a number; nothing for anything else around it.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The N of `wait=N` among the preferences of RFC 7240; a preference that is not understood is ignored.
std::optional<double> preferred_wait(std::string_view preferences) {
  while (!preferences.empty()) {
    const auto comma = preferences.find(',');
    auto one = preferences.substr(0, comma);
    preferences.remove_prefix(comma == std::string_view::npos ? preferences.size() : comma + 1);
    one = one.substr(0, one.find(';'));
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    constexpr std::string_view name = "wait=";
    if (one.size() > name.size() && equals_ignoring_case(one.substr(0, name.size()), name))
      return number_in<double>(one.substr(name.size()));
  }
  return std::nullopt;
}

bool is_wait(double seconds) {
  return std::isfinite(seconds) && seconds >= 0 && seconds <= longest_wait_seconds;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = base64url.find(c) != std::string_view::npos || c == '.' || c == '~';
    if (unreserved)
      out += c;
    else
      out.append({'%', hex[byte >> 4U], hex[byte & 0x0FU]});
  }
}

}  // namespace

void query_reader::wrong(std::string_view name, std::string message) {
  errors_.push_back({std::string(name), std::move(message)});
}

std::uint32_t query_reader::limit(std::uint32_t if_absent) {
  const auto given = head_.query("limit");
  if (!given) return if_absent;
  const auto limit = number_in<std::uint32_t>(*given);
  if (limit && *limit >= 1 && *limit <= max_page) return *limit;
  wrong("limit", "must be a whole number from 1 to " + std::to_string(max_page));
  return if_absent;
}

domain::milliseconds query_reader::wait(domain::milliseconds if_absent) {
  if (const auto given = head_.query("wait")) {
    const auto seconds = number_in<double>(*given);
    if (seconds && is_wait(*seconds)) return domain::seconds(*seconds);
    wrong("wait", "must be a number of seconds from 0 to 60");
    return if_absent;
  }
  // A preference is a wish: one that goes too far is met as far as it can be.
  const auto preferred = preferred_wait(head_.header("Prefer").value_or(""));
  if (!preferred) return if_absent;
  if (!(*preferred > 0)) return {};
  return domain::seconds(std::min(*preferred, longest_wait_seconds));
}

bool query_reader::flag(std::string_view name) {
  const auto given = head_.query(name);
  if (!given || *given == "false" || *given == "0") return false;
  if (*given == "true" || *given == "1") return true;
  wrong(name, "must be true or false");
  return false;
}

sort_order query_reader::order(sort_order if_absent) {
  const auto given = head_.query("order");
  if (!given) return if_absent;
  if (*given == "asc") return sort_order::ascending;
  if (*given == "desc") return sort_order::descending;
  wrong("order", "must be asc or desc");
  return if_absent;
}

std::optional<std::uint64_t> query_reader::number(std::string_view name) {
  const auto given = head_.query(name);
  if (!given) return std::nullopt;
  constexpr std::uint64_t most = std::uint64_t{1} << 62U;  // callers may add to it
  const auto number = number_in<std::uint64_t>(*given);
  if (number && *number <= most) return number;
  wrong(name, "must be a whole number, 0 or more");
  return std::nullopt;
}

std::optional<domain::timestamp> query_reader::time(std::string_view name) {
  const auto given = head_.query(name);
  if (!given) return std::nullopt;
  const auto time = domain::parse_rfc3339(*given);
  if (!time) wrong(name, "must be a time as in 2026-01-31T09:05:07.250Z (RFC 3339)");
  return time;
}

std::optional<domain::execution_status> query_reader::status(std::string_view name) {
  const auto given = head_.query(name);
  if (!given) return std::nullopt;
  const auto status = domain::execution_status_named(*given);
  if (!status) wrong(name, "must be a status of an execution, as in RUNNING");
  return status;
}

std::optional<std::size_t> query_reader::word(std::string_view name, std::span<const std::string_view> names) {
  const auto given = head_.query(name);
  if (!given) return std::nullopt;
  std::string allowed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (*given == names[i]) return i;
    allowed += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i]);
  }
  wrong(name, "must be " + allowed);
  return std::nullopt;
}

std::string query_reader::id_text(std::string_view name) {
  const auto given = head_.query(name);
  if (!given) return {};
  if (domain::is_valid_id(*given)) return std::string(*given);
  wrong(name, "is not an id");
  return {};
}

std::string query_reader::text(std::string_view name, std::size_t max_bytes) {
  const auto given = head_.query(name);
  if (!given) return {};
  if (given->size() <= max_bytes) return std::string(*given);
  wrong(name, "must be at most " + std::to_string(max_bytes) + " bytes long");
  return {};
}

std::vector<std::string> query_reader::list(std::string_view name) {
  std::vector<std::string> words;
  std::string_view rest = head_.query(name).value_or("");
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    if (const auto word = rest.substr(0, comma); !word.empty()) words.emplace_back(word);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  if (words.size() <= max_list_words) return words;
  wrong(name, "must have at most " + std::to_string(max_list_words) + " words");
  return {};
}

std::optional<std::string> query_reader::cursor() {
  const auto given = head_.query("cursor");
  if (!given) return std::nullopt;
  auto place = given->size() <= max_cursor_bytes ? decode_cursor(*given) : std::nullopt;
  if (!place) wrong("cursor", "is not one that this server gave");
  return place;
}

std::optional<problem> query_reader::failure() const {
  if (errors_.empty()) return std::nullopt;
  const auto& first = errors_.front();
  return problem{
      problem_code::malformed_request, "query parameter '" + first.field + "' " + first.message, errors_, {}};
}

std::optional<problem> refuse_moment(const request_head& head) {
  for (const std::string_view name : {"at_seq", "at"})
    if (head.query(name))
      return problem{problem_code::malformed_request,
                     "query parameter '" + std::string(name) + "' is not known here: this tells of the present alone",
                     {{std::string(name), "is not known here: this tells of the present alone"}},
                     {}};
  return std::nullopt;
}

std::string encode_cursor(std::string_view place) {
  std::string word;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : place) {
    bits = (bits << 8U | static_cast<unsigned char>(c)) & 0xFFFFU;
    held += 8;
    for (; held >= 6; held -= 6) word += base64url[bits >> (held - 6) & 0x3FU];
  }
  if (held > 0) word += base64url[bits << (6 - held) & 0x3FU];
  return word;
}

std::optional<std::string> decode_cursor(std::string_view word) {
  std::string place;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : word) {
    const auto digit = base64url.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U | static_cast<std::uint32_t>(digit)) & 0xFFFFU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    place += static_cast<char>(bits >> held & 0xFFU);
  }
  // Each place has one word only: what is left over is less than a digit, and zero.
  if (held >= 6 || (bits & ((1U << held) - 1U)) != 0) return std::nullopt;
  return place;
}

std::string next_page_link(const request_head& head, std::string_view place) {
  std::string link = "<" + head.path;
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    link += separator;
    append_percent_encoded(link, name);
    link += '=';
    append_percent_encoded(link, value);
    separator = '&';
  };
  for (const auto& [name, value] : head.query_parameters)
    if (name != "cursor") add(name, value);
  add("cursor", encode_cursor(place));
  return link + ">; rel=\"next\"";
}

}  // namespace planexe::gateway
