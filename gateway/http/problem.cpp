#include "gateway/http/problem.hpp"

#include <array>
#include <cassert>

#include "gateway/http/utf8.hpp"

namespace planexe::gateway {

namespace {

using enum problem_code;

constexpr std::array table{
    problem_entry{malformed_request, "malformed_request", 400, "Malformed request"},
    problem_entry{unauthenticated, "unauthenticated", 401, "Authentication needed"},
    problem_entry{forbidden, "forbidden", 403, "Not allowed"},
    problem_entry{not_found, "not_found", 404, "Not found"},
    problem_entry{method_not_allowed, "method_not_allowed", 405, "Method not allowed"},
    problem_entry{request_timeout, "request_timeout", 408, "Request too slow"},
    problem_entry{invalid_transition, "invalid_transition", 409, "Invalid transition"},
    problem_entry{lease_lost, "lease_lost", 409, "Lease lost"},
    problem_entry{already_exists, "already_exists", 409, "Already exists"},
    problem_entry{task_not_held, "task_not_held", 409, "Task not held"},
    problem_entry{plan_refused, "plan_refused", 409, "Plan refused"},
    problem_entry{confirmation_required, "confirmation_required", 409, "Confirmation required"},
    problem_entry{length_required, "length_required", 411, "Length required"},
    problem_entry{version_mismatch, "version_mismatch", 412, "Version mismatch"},
    problem_entry{payload_too_large, "payload_too_large", 413, "Payload too large"},
    problem_entry{unsupported_media_type, "unsupported_media_type", 415, "Unsupported media type"},
    problem_entry{validation_failed, "validation_failed", 422, "Validation failed"},
    problem_entry{idempotency_key_reused, "idempotency_key_reused", 422, "Idempotency key reused"},
    problem_entry{upgrade_required, "upgrade_required", 426, "Upgrade required"},
    problem_entry{rate_limited, "rate_limited", 429, "Too many requests"},
    problem_entry{header_too_large, "header_too_large", 431, "Header too large"},
    problem_entry{internal_error, "internal_error", 500, "Internal error"},
    problem_entry{unavailable, "unavailable", 503, "Unavailable"},
};

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"':
    case '\\':
      out += '\\';
      out += c;
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
        out += c;
        break;
      }
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4U];
      out += hex[static_cast<unsigned char>(c) & 0x0FU];
  }
}

}  // namespace

std::span<const problem_entry> problem_table() noexcept {
  return table;
}

const problem_entry& entry_of(problem_code code) noexcept {
  const auto& entry = table[static_cast<std::size_t>(code)];
  assert(entry.code == code);
  return entry;
}

std::optional<problem_code> problem_code_from(std::string_view name) noexcept {
  for (const auto& entry : table)
    if (entry.name == name) return entry.code;
  return std::nullopt;
}

problem unavailable(std::string detail, unsigned retry_after_seconds) {
  return problem{
      problem_code::unavailable, std::move(detail), {}, {{"Retry-After", std::to_string(retry_after_seconds)}}};
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 1)
      append_escaped(out, text.front());
    else if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

response to_response(const problem& what) {
  const auto& entry = entry_of(what.code);
  response answer;
  answer.status = entry.status;
  answer.content_type = "application/problem+json";
  answer.headers = what.headers;
  std::string& body = answer.body;
  body = "{";
  append_member(body, "type", std::string{"urn:planexe-ax:problem:"}.append(entry.name));
  append_member(body, "title", entry.title);
  body.append(",\"status\":").append(std::to_string(entry.status));
  append_member(body, "detail", what.detail);
  append_member(body, "code", entry.name);
  if (!what.errors.empty()) {
    body += ",\"errors\":[";
    for (const auto& error : what.errors) {
      if (body.back() != '[') body += ',';
      body += '{';
      append_member(body, "field", error.field);
      append_member(body, "message", error.message);
      body += '}';
    }
    body += ']';
  }
  body += '}';
  return answer;
}

}  // namespace planexe::gateway
