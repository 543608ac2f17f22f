#include "gateway/auth/gatekeeper.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "gateway/auth/access_rules.hpp"
#include "gateway/auth/key_text.hpp"

namespace planexe::gateway {
namespace {

/// What a request brings to say who sends it.
struct credential {
  enum class kind : std::uint8_t { none, key, ticket, key_in_url } what = kind::none;
  std::string_view text;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

credential credential_of(const request_head& head, const route& asked) {
  using enum credential::kind;
  const auto token = head.query("token");
  if (token && token->starts_with(key_prefix)) return {key_in_url, {}};
  if (const auto field = head.header("authorization")) {
    const auto space = field->find(' ');
    if (equals_ignoring_case(field->substr(0, space), "bearer"))
      return {key, space == std::string_view::npos ? std::string_view{} : trimmed(field->substr(space))};
  }
  if (const auto field = head.header("x-api-key")) return {key, trimmed(*field)};
  if (token && asked.websocket) return {ticket, *token};
  return {};
}

problem unauthenticated(std::string detail) {
  return {problem_code::unauthenticated, std::move(detail), {}, {{"WWW-Authenticate", "Bearer"}}};
}

/// Pages and probes know no keys, whatever a client sends along.
bool looks_at_keys(const request_head& head, const route& asked) {
  return asked.required != access::open || head.path.starts_with("/api/");
}

std::uint64_t place_of(std::string_view digest) {
  std::uint64_t place = 0;
  std::memcpy(&place, digest.data(), std::min(sizeof place, digest.size()));
  return place;
}

caller_ptr make_anybody() {
  auto anybody = std::make_shared<caller>();
  anybody->name = "person";
  anybody->role = domain::key_role::admin;
  return anybody;
}

void note_use(const caller& who, domain::timestamp now) {
  constexpr std::int64_t coarse_ms = 1'000;  // one write a second to a line that all threads read
  const auto at = now.time_since_epoch().count();
  if (at - who.last_used_ms.load(std::memory_order_relaxed) >= coarse_ms)
    who.last_used_ms.store(at, std::memory_order_relaxed);
}

}  // namespace

gatekeeper::gatekeeper(bool keys_required) : keys_required_(keys_required), anybody_(make_anybody()) {}

void gatekeeper::put(const domain::api_key& key) {
  const std::unique_lock lock{mutex_};
  const auto known = by_id_.find(key.id);
  if (!key.revoked_at && known == by_id_.end()) {
    auto made = std::make_shared<caller>();
    made->key = key.id;
    made->name = key.name;
    made->role = key.role;
    made->agent = key.agent;
    made->expires_at = key.expires_at;
    by_digest_.emplace(place_of(key.digest), entry{key.digest, made});
    by_id_.emplace(key.id, std::move(made));
  } else if (key.revoked_at && known != by_id_.end()) {
    known->second->revoked = true;
    std::erase_if(by_digest_, [&](const auto& each) { return each.second.who == known->second; });
    by_id_.erase(known);
  }
}

caller_ptr gatekeeper::find(std::string_view key_text) const {
  const auto digest = secret_digest(key_text);
  const std::shared_lock lock{mutex_};
  const auto [first, last] = by_digest_.equal_range(place_of(digest));
  for (auto at = first; at != last; ++at)
    if (same_digest(at->second.digest, digest)) return at->second.who;
  return nullptr;
}

std::optional<problem> gatekeeper::admit(request_head& head, const route& asked, domain::timestamp now) {
  if (!looks_at_keys(head, asked)) return std::nullopt;
  const auto brought = credential_of(head, asked);
  caller_ptr who;
  switch (brought.what) {
    case credential::kind::key_in_url:
      return failed(head,
                    "a key does not belong into a URL, where it is logged: send it as Authorization: Bearer, or "
                    "get a ticket for a stream with POST /api/tickets",
                    now);
    case credential::kind::key:
      if (!is_whole_key(brought.text)) return failed(head, "this is no key, or not the whole of one", now);
      who = find(brought.text);
      if (!who) return failed(head, "this key is not known, or was revoked", now);
      if (!who->is_live(now)) return failed(head, "this key has expired", now);
      break;
    case credential::kind::ticket:
      who = tickets_.redeem(brought.text, now);
      if (!who || !who->is_live(now))
        return failed(head, "this ticket is not known, was used, or is over a minute old", now);
      break;
    case credential::kind::none:
      if (!keys_required_)
        who = anybody_;
      else if (asked.required == access::open)
        return std::nullopt;
      else
        return unauthenticated("this needs a key, as Authorization: Bearer or X-API-Key");
  }
  note_use(*who, now);
  if (auto refused = refuse_access(*who, head, asked)) return refused;
  head.caller = std::move(who);
  return std::nullopt;
}

problem gatekeeper::failed(const request_head& head, std::string detail, domain::timestamp now) {
  const auto wait = failures_.note(head.remote_address, now);
  if (!wait) return unauthenticated(std::move(detail));
  return {problem_code::rate_limited,
          "too many wrong keys came from this address",
          {},
          {{"Retry-After", std::to_string(*wait)}}};
}

std::optional<domain::timestamp> gatekeeper::last_used(const std::string& key) const {
  const std::shared_lock lock{mutex_};
  const auto found = by_id_.find(key);
  const auto at = found == by_id_.end() ? 0 : found->second->last_used_ms.load(std::memory_order_relaxed);
  if (at == 0) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(domain::timestamp{domain::milliseconds{at}});
}

}  // namespace planexe::gateway
