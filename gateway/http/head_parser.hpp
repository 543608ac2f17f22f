// Reads the head of an HTTP/1.x request strictly: what is not plainly right is refused, because every leniency is a way
// to make two servers see different requests in the same bytes (request smuggling). There is one parser and nothing
// behind it, so nothing can disagree with it. Pure: bytes in, views into them out; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/http/message.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

/// More fields than any honest client sends, and few enough that a linear look-up stays cheap.
inline constexpr std::size_t max_header_fields = 100;

struct header_field {
  std::string_view name;
  std::string_view value;
};

/// Views into the bytes that were parsed; they end with those bytes.
struct parsed_head {
  method verb = method::other;
  std::string_view target;
  std::string_view host;             ///< as sent, with the port
  std::vector<header_field> fields;  ///< reused from one request to the next
  std::size_t field_bytes = 0;       ///< names and values in all
  std::uint64_t content_length = 0;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool wants_websocket = false;  ///< Connection: upgrade with Upgrade: websocket
  bool expects_continue = false;
};

enum class head_outcome : std::uint8_t { complete, incomplete, refused };

struct head_result {
  head_outcome outcome = head_outcome::incomplete;
  std::size_t consumed = 0;                             ///< bytes of the head, with its empty line, when complete
  problem_code code = problem_code::malformed_request;  ///< why, when refused; the connection must then be closed
  std::string_view detail;                              ///< a literal, when refused
};

/// Reads the head at the start of `data`. `already_scanned` is how many of these bytes an earlier call found
/// incomplete, so that bytes arriving one by one cost linear time. A head over `max_bytes` is refused.
head_result parse_head(std::string_view data, std::size_t already_scanned, std::size_t max_bytes, parsed_head& head);

/// A host as in the Host field: a name, an IPv4 address or a bracketed IPv6 address, with an optional port.
bool is_valid_host(std::string_view host) noexcept;

/// `host` without its port and without brackets.
std::string_view host_name(std::string_view host) noexcept;

}  // namespace planexe::gateway
