// Tickets: what opens one stream for a browser, which cannot send a key with it. In memory alone, for a minute, for one
// use. Any thread.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/result.hpp"
#include "gateway/auth/caller.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

struct issued_ticket {
  std::string text;
  domain::timestamp expires_at{};
};

class ticket_office {
 public:
  static constexpr domain::milliseconds lifetime{60'000};
  /// Open at once: four for each stream that the server would hold, 100 bytes each.
  static constexpr std::size_t most_open = 65'536;
  /// For one key: a thousand screens that open their streams at once, four times over.
  static constexpr std::size_t most_open_each = 4'096;

  expected<issued_ticket, problem> issue(const caller_ptr& who, domain::timestamp now);
  /// Whose ticket it is; it is no ticket any more. Null for what is none, was used, or is too old.
  caller_ptr redeem(std::string_view text, domain::timestamp now);
  std::size_t open() const;
  /// What it remembers, in tickets: not more than are open, and those whose time is over until the next call.
  std::size_t remembered() const;

 private:
  using queue = std::list<std::pair<domain::timestamp, std::string>>;
  struct entry {
    caller_ptr who;
    queue::iterator place;
  };
  void forget_old(domain::timestamp now);
  void remove(std::unordered_map<std::string, entry>::iterator found);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, entry> by_digest_;
  std::unordered_map<const caller*, std::size_t> open_by_caller_;
  queue in_order_;  ///< digests by the end of their time, the open ones alone
};

}  // namespace planexe::gateway
