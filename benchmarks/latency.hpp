// Latencies of one kind of request, and their percentiles. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace planexe::bench {

class latency_samples {
 public:
  void add(std::chrono::nanoseconds time);
  std::size_t count() const { return microseconds_.size(); }
  /// In microseconds; `fraction` from 0 to 1. Zero without samples.
  std::uint32_t percentile(double fraction);

 private:
  std::vector<std::uint32_t> microseconds_;
};

}  // namespace planexe::bench
