// Delivers one webhook, signed as the Standard Webhooks specification has it (1.0.0, standardwebhooks.com):
// `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,…` go with a JSON body. Blocks as http_call does; any
// number of threads. It delivers once and says what came of it; when to try again is the caller's to say.
#pragma once

#include <optional>

#include "domain/time.hpp"

#include "outbound/http_call.hpp"

namespace planexe::outbound {

struct webhook {
  std::string url;
  std::string secret;  ///< raw bytes, or `whsec_` and base64; empty: not signed
  std::string id;      ///< the same in every retry; 1 to 128 letters, digits, '_', '-' and ':' (a '.' parts the signed)
  std::string body;    ///< JSON
  domain::timestamp sent_at;  ///< of this attempt
  bool trusted = false;       ///< the operator's own URL: http and https to this machine are allowed. Else https alone
};

struct address_policy {
  bool allow_private = false;  ///< to networks of one's own as well, and for anybody's URL to this machine
};

struct webhook_outcome {
  enum class kind : std::uint8_t {
    delivered,    ///< answered 2xx
    rejected,     ///< answered something else; a redirect too, for none is followed
    gone,         ///< answered 410: the receiver wants no more
    unreachable,  ///< nobody there, not in time, not securely, or no HTTP
    forbidden,    ///< not an address to call, or URL, id or secret cannot be used: the same will fail again
    cancelled,    ///< by the stop token; it may have arrived
  };
  kind what = kind::unreachable;
  unsigned status = 0;  ///< of the answer; 0 without one
  std::string detail;   ///< one line for people; holds nothing of secret, body, path or query
  std::optional<std::chrono::milliseconds> retry_after;  ///< asked for by a 429 or 503; at most an hour
};

/// Why the hook's URL can never be called, as far as it tells without being looked up; nothing when it may.
std::optional<std::string> why_never_reached(const webhook& hook, const address_policy& policy);

webhook_outcome deliver(const webhook& hook, const address_policy& policy, std::stop_token stop);

/// The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over "id.sent_at.body". Fails (invalid) when
/// the secret is empty, or begins with `whsec_` and does not go on as base64.
result<std::string> sign(std::string_view secret, std::string_view id, std::chrono::sys_seconds sent_at,
                         std::string_view body);

/// How long from `now` a `Retry-After` of seconds or an HTTP date asks to wait, from 0 to an hour; nothing when it
/// cannot be read.
std::optional<std::chrono::milliseconds> read_retry_after(std::string_view value, domain::timestamp now);

}  // namespace planexe::outbound
