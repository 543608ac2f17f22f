#include "gateway/http/head_parser.hpp"

#include <algorithm>
#include <array>

namespace planexe::gateway {

namespace {

enum char_class : std::uint8_t { token_char = 1, value_char = 2, target_char = 4, host_char = 8, ipv6_char = 16 };

constexpr bool is_alnum(unsigned c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr std::array<std::uint8_t, 256> classify() {
  std::array<std::uint8_t, 256> classes{};
  const auto in = [](std::string_view set, unsigned c) {
    return c < 128 && set.find(static_cast<char>(c)) != set.npos;
  };
  for (unsigned c = 0; c < 256; ++c) {
    unsigned flags = 0;
    if (is_alnum(c) || in("!#$%&'*+-.^_`|~", c)) flags |= token_char;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) flags |= value_char;
    if (c > 0x20 && c < 0x7f && c != '#') flags |= target_char;
    if (is_alnum(c) || in("-._~", c)) flags |= host_char;
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.')
      flags |= ipv6_char;
    classes[c] = static_cast<std::uint8_t>(flags);
  }
  return classes;
}

constexpr auto classes = classify();

bool all_of(std::string_view text, char_class wanted) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [wanted](char c) { return (classes[static_cast<unsigned char>(c)] & wanted) != 0; });
}

bool is_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

head_result refuse(std::string_view detail, problem_code code = problem_code::malformed_request) {
  return {head_outcome::refused, 0, code, detail};
}

/// Fields whose repetition would let two readers pick different ones.
constexpr std::array<std::string_view, 14> singletons{"host",
                                                      "content-length",
                                                      "transfer-encoding",
                                                      "authorization",
                                                      "x-api-key",
                                                      "content-type",
                                                      "origin",
                                                      "upgrade",
                                                      "expect",
                                                      "idempotency-key",
                                                      "sec-websocket-key",
                                                      "sec-websocket-version",
                                                      "cookie",
                                                      "if-match"};

/// What the fields said about framing and the connection, gathered field by field.
struct framing {
  std::uint32_t seen = 0;  ///< a bit for each of `singletons`
  std::string_view content_length;
  std::string_view transfer_encoding;
  bool has_content_length = false;
  bool has_transfer_encoding = false;
  bool says_close = false;
  bool says_keep_alive = false;
  bool says_upgrade = false;
  bool upgrade_is_websocket = false;
};

/// Calls `visit` with each trimmed member of a comma-separated list.
template <class Visit>
void each_member(std::string_view list, Visit visit) {
  while (true) {
    const std::size_t comma = list.find(',');
    visit(trim(list.substr(0, comma)));
    if (comma == list.npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// `Content_Length` and the like: some gateways in front read an underscore as a dash.
bool is_disguised_framing(std::string_view name) noexcept {
  if (name.find('_') == name.npos) return false;
  std::array<char, 17> dashed{};
  if (name.size() > dashed.size()) return false;
  std::transform(name.begin(), name.end(), dashed.begin(), [](char c) { return c == '_' ? '-' : c; });
  const std::string_view plain{dashed.data(), name.size()};
  return equals_ignoring_case(plain, "content-length") || equals_ignoring_case(plain, "transfer-encoding");
}

void note_connection(std::string_view value, framing& found) {
  each_member(value, [&found](std::string_view option) {
    if (equals_ignoring_case(option, "close")) found.says_close = true;
    if (equals_ignoring_case(option, "keep-alive")) found.says_keep_alive = true;
    if (equals_ignoring_case(option, "upgrade")) found.says_upgrade = true;
  });
}

/// Returns why the field is refused, or empty.
std::string_view note_field(const header_field& field, framing& found, parsed_head& head) {
  if (equals_ignoring_case(field.name, "connection")) {
    note_connection(field.value, found);
    return {};
  }
  if (is_disguised_framing(field.name)) return "a framing header is misspelled";
  for (std::size_t index = 0; index < singletons.size(); ++index) {
    if (!equals_ignoring_case(field.name, singletons[index])) continue;
    const std::uint32_t bit = 1U << index;
    if ((found.seen & bit) != 0) return "a header that may appear once is repeated";
    found.seen |= bit;
    switch (index) {
      case 0:
        head.host = field.value;
        break;
      case 1:
        found.has_content_length = true;
        found.content_length = field.value;
        break;
      case 2:
        found.has_transfer_encoding = true;
        found.transfer_encoding = field.value;
        break;
      case 7:
        found.upgrade_is_websocket = equals_ignoring_case(field.value, "websocket");
        break;
      case 8:
        if (!equals_ignoring_case(field.value, "100-continue")) return "the Expect header is not understood";
        head.expects_continue = true;
        break;
      default:
        break;
    }
    return {};
  }
  return {};
}

head_result check_framing(const framing& found, parsed_head& head) {
  if (found.has_transfer_encoding) {
    const bool plain = equals_ignoring_case(found.transfer_encoding, "chunked");
    if (found.has_content_length || head.http_1_0 || !plain) return refuse("Transfer-Encoding is not accepted");
    return refuse("send the body with Content-Length; Transfer-Encoding is not accepted",
                  problem_code::length_required);
  }
  if (found.has_content_length) {
    const std::string_view digits = found.content_length;
    // 18 digits cannot overflow, and are more than any body.
    constexpr std::size_t max_digits = 18;
    const bool canonical = is_digits(digits) && digits.size() <= max_digits && (digits.size() == 1 || digits[0] != '0');
    if (!canonical) return refuse("Content-Length is not a number");
    for (const char digit : digits) head.content_length = head.content_length * 10 + static_cast<unsigned>(digit - '0');
  }
  constexpr std::uint32_t host_bit = 1;
  if ((found.seen & host_bit) == 0) return refuse("the Host header is missing");
  if (!is_valid_host(head.host)) return refuse("the Host header is not a host");
  head.keep_alive = !found.says_close && (!head.http_1_0 || found.says_keep_alive);
  head.wants_websocket = found.says_upgrade && found.upgrade_is_websocket && !head.http_1_0;
  if (head.http_1_0) head.expects_continue = false;
  return {head_outcome::complete, 0, {}, {}};
}

/// Leaves the origin form in `head.target`. An absolute target must name the same host as the Host field, so that
/// nobody can route by one and authorise by the other.
bool settle_target(parsed_head& head) noexcept {
  if (head.target == "*") return head.verb == method::options;
  if (head.target.front() == '/') return true;
  constexpr std::string_view scheme = "http://";
  if (!equals_ignoring_case(head.target.substr(0, scheme.size()), scheme)) return false;
  const std::string_view rest = head.target.substr(scheme.size());
  const std::size_t slash = rest.find('/');
  if (slash == rest.npos || !equals_ignoring_case(rest.substr(0, slash), head.host)) return false;
  head.target = rest.substr(slash);
  return true;
}

/// Returns why the line is refused, or empty.
std::string_view parse_request_line(std::string_view line, parsed_head& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == line.npos || first == last) return "the request line is not a method, a target and a version";
  const std::string_view verb = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (verb.empty() || !all_of(verb, token_char)) return "the method is not a token";
  if (head.target.empty() || !all_of(head.target, target_char)) return "the target holds a forbidden character";
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return "the version is not HTTP/1.1";
  head.http_1_0 = version == "HTTP/1.0";
  head.verb = method_from(verb);
  return {};
}

/// Returns why the line is refused, or empty.
std::string_view parse_field(std::string_view line, header_field& into) {
  if (line.front() == ' ' || line.front() == '\t') return "a header is folded over lines";
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return "a header has no colon";
  into.name = line.substr(0, colon);
  into.value = trim(line.substr(colon + 1));
  if (into.name.empty() || !all_of(into.name, token_char)) return "a header's name is not a token";
  if (!all_of(into.value, value_char)) return "a header holds a control character";
  return {};
}

/// Refuses early what no further byte can mend, so that it need not wait for a deadline.
head_result judge_incomplete(std::string_view data, std::size_t already_scanned, std::size_t max_bytes) {
  if (data.size() >= max_bytes) return refuse("the header is over its limit", problem_code::header_too_large);
  const unsigned char first = data.empty() ? 'G' : static_cast<unsigned char>(data.front());
  if ((classes[first] & token_char) == 0 && first != '\r') return refuse("this is not HTTP");
  std::size_t at = already_scanned;
  while ((at = data.find('\n', at)) != data.npos) {
    if (at == 0 || data[at - 1] != '\r') return refuse("a line ends without CR");
    ++at;
  }
  if (data.find('\0', already_scanned) != data.npos) return refuse("the header holds a NUL");
  return {};
}

}  // namespace

head_result parse_head(std::string_view data, std::size_t already_scanned, std::size_t max_bytes, parsed_head& head) {
  // RFC 9112, 2.2: one empty line before the request is forgiven; some clients end a body with it.
  const std::size_t skipped = data.starts_with("\r\n") ? 2 : 0;
  constexpr std::size_t terminator_size = 4;
  const std::size_t from = std::max(skipped, already_scanned < terminator_size ? 0 : already_scanned - terminator_size);
  const std::size_t end = data.find("\r\n\r\n", from);
  if (end == data.npos) return judge_incomplete(data, already_scanned, max_bytes);
  if (end + terminator_size > max_bytes) return refuse("the header is over its limit", problem_code::header_too_large);

  head.fields.clear();
  head.field_bytes = 0;
  head.content_length = 0;
  head.host = {};
  head.expects_continue = false;
  framing found;
  std::string_view rest = data.substr(skipped, end + 2 - skipped);
  for (bool first_line = true; !rest.empty(); first_line = false) {
    const std::size_t newline = rest.find('\n');
    if (newline == 0 || rest[newline - 1] != '\r') return refuse("a line ends without CR");
    const std::string_view line = rest.substr(0, newline - 1);
    rest.remove_prefix(newline + 1);
    if (line.empty()) return refuse("the request line is empty");
    std::string_view fault;
    if (first_line) {
      fault = parse_request_line(line, head);
    } else {
      if (head.fields.size() == max_header_fields) return refuse("too many headers", problem_code::header_too_large);
      auto& field = head.fields.emplace_back();
      fault = parse_field(line, field);
      head.field_bytes += field.name.size() + field.value.size();
      if (fault.empty()) fault = note_field(field, found, head);
    }
    if (!fault.empty()) return refuse(fault);
  }
  head_result checked = check_framing(found, head);
  if (checked.outcome != head_outcome::complete) return checked;
  if (!settle_target(head)) return refuse("the target is not a path of this host");
  checked.consumed = end + terminator_size;
  return checked;
}

bool is_valid_host(std::string_view host) noexcept {
  // RFC 1035: a name has at most 253 characters; a port adds six.
  constexpr std::size_t max_host = 259;
  if (host.empty() || host.size() > max_host) return false;
  std::string_view port;
  if (host.front() == '[') {
    const std::size_t close = host.find(']');
    if (close == host.npos || close < 3 || !all_of(host.substr(1, close - 1), ipv6_char)) return false;
    port = host.substr(close + 1);
  } else {
    const std::size_t colon = host.find(':');
    const std::string_view name = host.substr(0, colon);
    if (name.empty() || !all_of(name, host_char)) return false;
    port = colon == host.npos ? std::string_view{} : host.substr(colon);
  }
  constexpr std::size_t max_port_digits = 5;
  return port.empty() || (port.front() == ':' && is_digits(port.substr(1)) && port.size() <= max_port_digits + 1);
}

std::string_view host_name(std::string_view host) noexcept {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

}  // namespace planexe::gateway
