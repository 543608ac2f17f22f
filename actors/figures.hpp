// What the actors count of themselves since the start. Each figure is written by one thread and read by any.
#pragma once

#include <atomic>
#include <cstdint>

namespace planexe::actors {

/// The committer's.
struct commit_figures {
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> items{0};         ///< steps that were written in them
  std::atomic<std::uint64_t> microseconds{0};  ///< from handing a batch to the log until it was durable
};

}  // namespace planexe::actors
