// Small synced appends, the least that any durable answer costs on a disk. One thread.
#pragma once

#include <chrono>
#include <string>

namespace planexe::bench {

/// A file without a name in a folder on the disk that is asked about. Throws `bench_failure`.
class synced_file {
 public:
  explicit synced_file(const std::string& folder);
  ~synced_file();
  synced_file(const synced_file&) = delete;
  synced_file& operator=(const synced_file&) = delete;

  /// Appends 4 KiB, which is what a batch of a dozen events takes in the log, and waits until they are durable.
  /// Tells how long that took.
  std::chrono::nanoseconds append();

 private:
  int descriptor_ = -1;
};

}  // namespace planexe::bench
