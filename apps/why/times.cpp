#include "apps/why/times.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace planexe::asking {

std::string when(std::string_view rfc3339, domain::timestamp now) {
  const auto time = domain::parse_rfc3339(rfc3339);
  if (!time) return std::string(rfc3339);
  const auto words = domain::in_words(*time - now);
  return domain::format_minute(*time) + (*time > now ? " (in " + words + ")" : " (" + words + " ago)");
}

std::string days_in_words(double days) {
  constexpr double ms_per_day = 86'400'000, longest_days = 1e6;
  if (days >= 2) return fmt::format("{:.1f} days", days);
  return domain::in_words(
      domain::milliseconds{static_cast<long long>(std::clamp(days, 0.0, longest_days) * ms_per_day)});
}

}  // namespace planexe::asking
