// Errors as RFC 9457 problem details. One table holds every code a client can meet, with its status and title; the
// OpenAPI file is checked against it. Pure values, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/message.hpp"

namespace planexe::gateway {

enum class problem_code : std::uint8_t {
  malformed_request,
  unauthenticated,
  forbidden,
  not_found,
  method_not_allowed,
  request_timeout,
  invalid_transition,
  lease_lost,
  already_exists,
  task_not_held,
  plan_refused,
  confirmation_required,
  length_required,
  version_mismatch,
  payload_too_large,
  unsupported_media_type,
  validation_failed,
  idempotency_key_reused,
  upgrade_required,
  rate_limited,
  header_too_large,
  internal_error,
  unavailable,
};

struct problem_entry {
  problem_code code;
  std::string_view name;  ///< as in the answer's `code`
  unsigned status;
  std::string_view title;
};

/// Every code, in the order of the enum.
std::span<const problem_entry> problem_table() noexcept;

const problem_entry& entry_of(problem_code code) noexcept;
std::optional<problem_code> problem_code_from(std::string_view name) noexcept;

/// One wrong field of a request.
struct field_error {
  std::string field;
  std::string message;
};

/// `detail` is for the client: a sentence without internals.
struct problem {
  problem_code code = problem_code::internal_error;
  std::string detail;
  std::vector<field_error> errors;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// An `unavailable` problem that names what is exhausted and says when to come back.
problem unavailable(std::string detail, unsigned retry_after_seconds = 1);

response to_response(const problem& what);

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace planexe::gateway
