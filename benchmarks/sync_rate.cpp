// sync_rate: how often a second this disk makes 4 KiB durable, by append and fdatasync on a file in the given folder.
// Prints "syncs_per_second N" and the latency; the file is removed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

// What a batch of a dozen events takes in the log.
constexpr std::size_t append_bytes = 4096;

bool append_and_sync(int file) {
  static const std::array<char, append_bytes> block{};
  return write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size()) && fdatasync(file) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: sync_rate FOLDER SECONDS\n");
    return 2;
  }
  const std::string path = std::string(argv[1]) + "/sync_rate.tmp";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) {
    std::perror(path.c_str());
    return 1;
  }
  unlink(path.c_str());
  const auto start = clock_type::now();
  const auto end = start + std::chrono::duration<double>(std::atof(argv[2]));
  std::vector<double> micros;
  for (auto before = start; before < end;) {
    if (!append_and_sync(file)) {
      std::perror("fdatasync");
      return 1;
    }
    const auto after = clock_type::now();
    micros.push_back(std::chrono::duration<double, std::micro>(after - before).count());
    before = after;
  }
  close(file);
  if (micros.empty()) return 1;
  const auto seconds = std::chrono::duration<double>(clock_type::now() - start).count();
  std::sort(micros.begin(), micros.end());
  std::printf("syncs_per_second %.0f\nsync_p50_us %.0f\nsync_p99_us %.0f\n",
              static_cast<double>(micros.size()) / seconds, micros[micros.size() / 2],
              micros[micros.size() * 99 / 100]);
}
