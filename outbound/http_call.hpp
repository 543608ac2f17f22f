// One call to another server over HTTP or HTTPS. Blocks until there is an answer, a limit is reached or `stop` is
// requested, so it belongs on threads that may block; any number of them call it at once. No redirect is followed, no
// credential is taken from a URL or a file, and no message tells more of the target than its scheme, host and port.
// A target that somebody else named is called under an address rule, which judges the address that is connected to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

#include "outbound/address_rule.hpp"

namespace planexe::outbound {

struct http_header {
  std::string name;
  std::string value;
};

struct http_request {
  std::string method = "GET";
  std::string url;  ///< http or https, without user and password
  std::vector<http_header> headers;
  std::string body;  ///< sent with any method but GET and HEAD
};

struct call_limits {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds total{60'000};                ///< the connecting included
  std::size_t max_response_bytes = std::size_t{8} << 20;  ///< of the body
  std::size_t max_header_bytes = std::size_t{64} << 10;   ///< of all header lines together
  bool cut_body = false;                                  ///< a longer body is cut there, and no failure
  /// Nothing: any address, by the environment's proxy where it names one. A rule: only addresses that it allows, after
  /// resolving, and no proxy, for that would connect in our stead.
  std::optional<address_rule> addresses;
};

struct http_response {
  unsigned status = 0;  ///< any status is an answer; what it means is the caller's to say
  std::vector<http_header> headers;
  std::string body;

  /// The value of the last header of that name, ASCII case aside; empty when there is none.
  std::string_view header(std::string_view name) const;
};

struct call_failure {
  enum class kind : std::uint8_t {
    refused,     ///< nobody there: no such host, no connection, or it broke
    timed_out,   ///< not within `connect` or `total`
    too_large,   ///< the answer is over its limit
    tls,         ///< no secure connection, or a certificate that cannot be trusted
    malformed,   ///< the answer is no HTTP, or there is no HTTP client to be had
    unsendable,  ///< the request cannot be sent as it is
    forbidden,   ///< the address rule allows none of the host's addresses
    cancelled,   ///< by `stop`
  };
  kind what = kind::refused;
  std::string detail;  ///< one line for people; holds nothing of headers, body, path or query
};

expected<http_response, call_failure> call(const http_request& request, const call_limits& limits,
                                           std::stop_token stop);

/// Why `url` can never be called under `rule`, as far as that can be told without looking its host up; nothing when it
/// may. Plain http needs a host that is plainly this machine: a name of another kind is refused.
std::optional<std::string> why_never_called(std::string_view url, const address_rule& rule);

/// `scheme://host:port` of a URL, for messages; "an address that cannot be read" for anything else.
std::string origin_of(std::string_view url);

/// A date as HTTP headers hold it, in any of its three forms; nothing when it cannot be read.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace planexe::outbound
