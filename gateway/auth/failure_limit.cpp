#include "gateway/auth/failure_limit.hpp"

#include <algorithm>

namespace planexe::gateway {

std::optional<unsigned> failure_limit::note(const std::string& address, domain::timestamp now) {
  const std::lock_guard lock{mutex_};
  if (counts_.size() >= most_addresses && !counts_.contains(address)) make_room(now);
  auto& count = counts_[address];
  // A clock that was set back begins anew, too.
  if (count.failures == 0 || now - count.since >= window || now < count.since) count = {now, 0};
  if (count.failures < most_failures) {
    ++count.failures;
    return std::nullopt;
  }
  const auto left = std::chrono::ceil<std::chrono::seconds>(count.since + window - now);
  return static_cast<unsigned>(std::max<std::int64_t>(left.count(), 1));
}

void failure_limit::make_room(domain::timestamp now) {
  std::erase_if(counts_, [now](const auto& entry) { return now - entry.second.since >= window; });
  if (counts_.size() < most_addresses) return;
  const auto oldest = std::min_element(counts_.begin(), counts_.end(), [](const auto& left, const auto& right) {
    return left.second.since < right.second.since;
  });
  counts_.erase(oldest);
}

std::size_t failure_limit::addresses() const {
  const std::lock_guard lock{mutex_};
  return counts_.size();
}

}  // namespace planexe::gateway
