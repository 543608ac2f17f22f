// Lets requests in: finds out whose key or ticket a request brings, and whether that key may do what is asked. Knows
// every key by its digest alone. Any thread; what it is asked at each request never blocks for long.
#pragma once

#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "domain/keys.hpp"
#include "gateway/auth/failure_limit.hpp"
#include "gateway/auth/ticket_office.hpp"
#include "gateway/http/routes.hpp"

namespace planexe::gateway {

class gatekeeper {
 public:
  /// Without `keys_required` whoever brings no key is `person` and may do everything; a key that is brought counts in
  /// either case, and so does a wrong one.
  explicit gatekeeper(bool keys_required);

  bool keys_required() const { return keys_required_; }
  /// A key that was made or revoked, or was there before the start.
  void put(const domain::api_key& key);

  /// After the head of a request and before its body: why it is refused, or nothing, and then the head says who calls.
  std::optional<problem> admit(request_head& head, const route& asked, domain::timestamp now);

  expected<issued_ticket, problem> issue_ticket(const caller_ptr& who, domain::timestamp now) {
    return tickets_.issue(who, now);
  }
  /// To the second; nothing when it was not used since the start.
  std::optional<domain::timestamp> last_used(const std::string& key) const;

 private:
  struct entry {
    std::string digest;
    caller_ptr who;
  };
  caller_ptr find(std::string_view key_text) const;
  problem failed(const request_head& head, std::string detail, domain::timestamp now);

  const bool keys_required_;
  const caller_ptr anybody_;  ///< whoever calls where no key is needed
  mutable std::shared_mutex mutex_;
  std::unordered_multimap<std::uint64_t, entry> by_digest_;  ///< under the digest's first bytes
  std::unordered_map<std::string, caller_ptr> by_id_;
  ticket_office tickets_;
  failure_limit failures_;
};

}  // namespace planexe::gateway
