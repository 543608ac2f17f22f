#include "outbound/webhook.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace planexe::outbound {
namespace {

using kind = webhook_outcome::kind;
using std::chrono::milliseconds;

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t longest_id = 128;                        // as every id of this project
constexpr milliseconds longest_connect{5'000};                 // a receiver that is up takes far less
constexpr milliseconds longest_delivery{15'000};               // the least that the specification recommends to wait
constexpr std::size_t longest_answer = std::size_t{64} << 10;  // nobody reads it; what is longer is cut there
constexpr milliseconds longest_retry_after = std::chrono::hours{1};  // a receiver may not silence an alarm for long

std::optional<std::string> from_base64(std::string_view text) {
  const auto padded = text.size();
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1 || (padded != text.size() && padded % 4 != 0)) return std::nullopt;
  std::string bytes;
  unsigned window = 0;
  unsigned held_bits = 0;
  for (const char c : text) {
    const auto value = base64_alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    window = (window << 6 | static_cast<unsigned>(value)) & 0xffffU;
    held_bits += 6;
    if (held_bits < 8) continue;
    held_bits -= 8;
    bytes.push_back(static_cast<char>(window >> held_bits & 0xffU));
  }
  return bytes;
}

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(const unsigned char* bytes, std::size_t count) {
  std::string text(4 * ((count + 2) / 3) + 1, '\0');  // and the terminator that OpenSSL writes
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(count));
  text.pop_back();
  return text;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_id && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == ':';
  });
}

address_rule rule_for(const webhook& hook, const address_policy& policy) {
  return {.loopback = hook.trusted || policy.allow_private, .private_use = policy.allow_private};
}

webhook_outcome outcome_of(const call_failure& failure) {
  switch (failure.what) {
    case call_failure::kind::cancelled:
      return {kind::cancelled, 0, failure.detail, {}};
    case call_failure::kind::forbidden:
    case call_failure::kind::unsendable:
      return {kind::forbidden, 0, failure.detail, {}};
    case call_failure::kind::refused:
    case call_failure::kind::timed_out:
    case call_failure::kind::too_large:
    case call_failure::kind::tls:
    case call_failure::kind::malformed:
      break;
  }
  return {kind::unreachable, 0, failure.detail, {}};
}

webhook_outcome outcome_of(const http_response& answer, const webhook& hook) {
  webhook_outcome outcome{.what = kind::rejected,
                          .status = answer.status,
                          .detail = origin_of(hook.url) + " answered with status " + std::to_string(answer.status),
                          .retry_after = {}};
  if (answer.status >= 200 && answer.status < 300) outcome.what = kind::delivered;
  if (answer.status == 410) outcome.what = kind::gone;
  // From the start of the attempt on: a date then comes out a little late, never early.
  if (answer.status == 429 || answer.status == 503)
    outcome.retry_after = read_retry_after(answer.header("Retry-After"), hook.sent_at);
  return outcome;
}

}  // namespace

result<std::string> sign(std::string_view secret, std::string_view id, std::chrono::sys_seconds sent_at,
                         std::string_view body) {
  std::string key(secret);
  if (secret.starts_with(secret_prefix)) {
    auto decoded = from_base64(secret.substr(secret_prefix.size()));
    if (!decoded) return unexpected{error{errc::invalid, "the webhook's secret is not base64 after 'whsec_'"}};
    key = std::move(*decoded);
  }
  if (key.empty()) return unexpected{error{errc::invalid, "the webhook's secret is empty"}};
  std::string signed_content(id);
  signed_content.append(".").append(std::to_string(sent_at.time_since_epoch().count())).append(".").append(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), unsigned_bytes(signed_content),
           signed_content.size(), code.data(), &length) == nullptr)
    return unexpected{error{errc::io, "the webhook could not be signed"}};
  return "v1," + to_base64(code.data(), length);
}

std::optional<milliseconds> read_retry_after(std::string_view value, domain::timestamp now) {
  while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
  if (value.empty()) return std::nullopt;
  const bool is_count = std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (is_count) {
    constexpr std::size_t enough_digits = 9;  // for the bound, and for no overflow
    const auto first = std::min(value.find_first_not_of('0'), value.size());
    if (value.size() - first > enough_digits) return longest_retry_after;
    std::chrono::seconds count{0};
    for (const char c : value.substr(first)) count = count * 10 + std::chrono::seconds{c - '0'};
    return std::min<milliseconds>(count, longest_retry_after);
  }
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  return std::clamp<milliseconds>(*date - now, milliseconds{0}, longest_retry_after);
}

std::optional<std::string> why_never_reached(const webhook& hook, const address_policy& policy) {
  return why_never_called(hook.url, rule_for(hook, policy));
}

webhook_outcome deliver(const webhook& hook, const address_policy& policy, std::stop_token stop) {
  if (!is_id(hook.id)) return {kind::forbidden, 0, "the webhook's id cannot be sent", {}};
  const auto sent_at = std::chrono::floor<std::chrono::seconds>(hook.sent_at);
  http_request request{.method = "POST", .url = hook.url, .headers = {}, .body = hook.body};
  request.headers = {{"Content-Type", "application/json"},
                     {"webhook-id", hook.id},
                     {"webhook-timestamp", std::to_string(sent_at.time_since_epoch().count())}};
  if (!hook.secret.empty()) {
    auto signature = sign(hook.secret, hook.id, sent_at, hook.body);
    if (!signature) return {kind::forbidden, 0, std::move(signature).error().detail, {}};
    request.headers.push_back({"webhook-signature", std::move(*signature)});
  }
  call_limits limits;
  limits.connect = longest_connect;
  limits.total = longest_delivery;
  limits.max_response_bytes = longest_answer;
  limits.cut_body = true;
  limits.addresses = rule_for(hook, policy);
  const auto answer = call(request, limits, std::move(stop));
  return answer ? outcome_of(*answer, hook) : outcome_of(answer.error());
}

}  // namespace planexe::outbound
