#include "gateway/http/answer_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace planexe::gateway {

namespace {

std::string_view reason_of(unsigned status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

bool is_field_value(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool is_field_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// Fields that say how the message is framed, or who sends it: the session's alone.
bool belongs_to_the_session(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 7> own{
      "content-length", "transfer-encoding", "connection", "server", "date", "content-type", "x-content-type-options"};
  return std::any_of(own.begin(), own.end(),
                     [name](std::string_view each) { return equals_ignoring_case(each, name); });
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

bool is_safe(const response& answer) noexcept {
  if (!is_field_value(answer.content_type)) return false;
  return std::all_of(answer.headers.begin(), answer.headers.end(),
                     [](const auto& field) { return is_field_name(field.first) && is_field_value(field.second); });
}

}  // namespace

bool has_body(unsigned status) noexcept {
  return status != 204 && status != 304;
}

bool append_answer_head(std::string& out, const response& answer, const answer_framing& framing) {
  if (!is_safe(answer)) return false;
  // A status outside what an answer can have is a fault of the handler; it must not break the framing.
  const unsigned status = answer.status >= 200 && answer.status <= 599 ? answer.status : 500;
  out += "HTTP/1.1 ";
  append_number(out, status);
  out.append(" ").append(reason_of(status)).append("\r\nServer: planexe-ax\r\nX-Content-Type-Options: nosniff\r\n");
  if (!framing.date.empty()) out.append("Date: ").append(framing.date).append("\r\n");
  if (!answer.content_type.empty()) out.append("Content-Type: ").append(answer.content_type).append("\r\n");
  bool says_caching = false;
  for (const auto& [name, value] : answer.headers) {
    if (belongs_to_the_session(name)) continue;
    says_caching = says_caching || equals_ignoring_case(name, "cache-control");
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!says_caching) out += "Cache-Control: no-store\r\n";
  if (!framing.endless && has_body(status)) {
    out += "Content-Length: ";
    append_number(out, answer.body.size());
    out += "\r\n";
  }
  if (!framing.keep_alive)
    out += "Connection: close\r\n";
  else if (framing.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  return true;
}

}  // namespace planexe::gateway
