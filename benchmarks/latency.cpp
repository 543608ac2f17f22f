#include "benchmarks/latency.hpp"

#include <algorithm>

namespace planexe::bench {

void latency_samples::add(std::chrono::nanoseconds time) {
  microseconds_.push_back(
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count()));
}

std::uint32_t latency_samples::percentile(double fraction) {
  if (microseconds_.empty()) return 0;
  const auto place = static_cast<std::size_t>(fraction * static_cast<double>(microseconds_.size() - 1));
  const auto nth = microseconds_.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(microseconds_.begin(), nth, microseconds_.end());
  return *nth;
}

}  // namespace planexe::bench
