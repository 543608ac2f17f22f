// Times for people: absolute ones with the relative ones beside them. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "domain/time.hpp"

namespace planexe::asking {

/// "2026-01-31 09:05 UTC (2 h ago)", "2026-02-03 09:05 UTC (in 3 days)"; what is no time comes back as it is.
std::string when(std::string_view rfc3339, domain::timestamp now);

/// "1.5 days", "3 h", "4 min"; less than a minute in seconds.
std::string days_in_words(double days);

}  // namespace planexe::asking
