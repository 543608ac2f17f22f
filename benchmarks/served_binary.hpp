// A planexe-ax server that a measurement starts for itself: on a free port of loopback, with an empty folder for data,
// and ended by its process id. One thread; throws `bench_failure`.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace planexe::bench {

class served_binary {
 public:
  /// Starts it in a new folder below `folder` and waits until it is ready.
  served_binary(const std::filesystem::path& binary, const std::filesystem::path& folder);
  /// Ends it and removes its folder.
  ~served_binary();
  served_binary(const served_binary&) = delete;
  served_binary& operator=(const served_binary&) = delete;

  std::uint16_t port() const { return port_; }
  /// What it holds in memory now (VmRSS), in KiB.
  std::uint64_t resident_kib() const;

 private:
  void stop();

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace planexe::bench
