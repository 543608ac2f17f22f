// sync_rate: how often a second this disk makes 4 KiB durable, by append and fdatasync on a file in the given folder.
// Prints "syncs_per_second N" and the latency; the file is removed.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "benchmarks/disk_sync.hpp"
#include "benchmarks/latency.hpp"

namespace {

using clock_type = std::chrono::steady_clock;

void run(const char* folder, double seconds) {
  planexe::bench::synced_file file(folder);
  planexe::bench::latency_samples samples;
  const auto start = clock_type::now();
  while (clock_type::now() < start + std::chrono::duration<double>(seconds)) samples.add(file.append());
  const auto took = std::chrono::duration<double>(clock_type::now() - start).count();
  std::printf("syncs_per_second %.0f\nsync_p50_us %u\nsync_p99_us %u\n", static_cast<double>(samples.count()) / took,
              samples.percentile(0.5), samples.percentile(0.99));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: sync_rate FOLDER SECONDS\n");
    return 2;
  }
  try {
    run(argv[1], std::atof(argv[2]));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "sync_rate: %s\n", failure.what());
    return 1;
  }
}
