// How often an address may come with a wrong key. Counts a minute at a time for each address; what it remembers is
// bounded. Any thread.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "domain/time.hpp"

namespace planexe::gateway {

class failure_limit {
 public:
  /// A person mistypes, a fleet of agents behind one address is rolled out with an old key: enough for both to notice.
  static constexpr std::uint32_t most_failures = 20;
  static constexpr domain::milliseconds window{60'000};
  /// More addresses than fail at once in good faith; an attacker with more of them makes the table forget, not grow.
  static constexpr std::size_t most_addresses = 4'096;

  /// Notes a failure. Seconds until the next one is answered properly, where there have been too many.
  std::optional<unsigned> note(const std::string& address, domain::timestamp now);
  std::size_t addresses() const;

 private:
  struct tally {
    domain::timestamp since{};
    std::uint32_t failures = 0;
  };
  void make_room(domain::timestamp now);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, tally> counts_;
};

}  // namespace planexe::gateway
