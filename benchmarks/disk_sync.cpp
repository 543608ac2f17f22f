#include "benchmarks/disk_sync.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "benchmarks/wire.hpp"

namespace planexe::bench {
namespace {

constexpr std::size_t append_bytes = 4'096;

}  // namespace

synced_file::synced_file(const std::string& folder) {
  const std::string path = folder + "/synced_file.tmp";
  descriptor_ = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw bench_failure(path + ": " + std::strerror(errno));
  unlink(path.c_str());
}

synced_file::~synced_file() {
  close(descriptor_);
}

std::chrono::nanoseconds synced_file::append() {
  static const std::array<char, append_bytes> block{};
  const auto before = std::chrono::steady_clock::now();
  if (write(descriptor_, block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
      fdatasync(descriptor_) != 0)
    throw bench_failure(std::string("write and fdatasync: ") + std::strerror(errno));
  return std::chrono::steady_clock::now() - before;
}

}  // namespace planexe::bench
