#include "benchmarks/served_binary.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "benchmarks/wire.hpp"
#include "benchmarks/workload.hpp"

namespace planexe::bench {
namespace {

constexpr unsigned ready_seconds = 30;  // a server that replays nothing starts in far less
constexpr unsigned stop_seconds = 30;   // a graceful stop gives requests ten

std::filesystem::path new_folder(const std::filesystem::path& parent) {
  std::filesystem::create_directories(parent);
  auto name = (parent / "served.XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw bench_failure(name + ": " + std::strerror(errno));
  return name;
}

[[noreturn]] void serve(const std::filesystem::path& binary, const std::filesystem::path& log) {
  const int descriptor = open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  dup2(descriptor, STDOUT_FILENO);
  dup2(descriptor, STDERR_FILENO);
  execl(binary.c_str(), binary.c_str(), "serve", nullptr);
  _exit(127);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

served_binary::served_binary(const std::filesystem::path& binary, const std::filesystem::path& folder)
    : folder_(new_folder(folder)), port_(free_port()) {
  setenv("PLANEXE_EXECUTION_HOST", "127.0.0.1", 1);
  setenv("PLANEXE_EXECUTION_PORT", std::to_string(port_).c_str(), 1);
  setenv("PLANEXE_EXECUTION_DATA_DIR", (folder_ / "data").c_str(), 1);
  setenv("PLANEXE_LOG_LEVEL", "warn", 1);
  process_ = fork();
  if (process_ < 0) throw bench_failure(std::string("fork: ") + std::strerror(errno));
  if (process_ == 0) serve(binary, folder_ / "log");
  try {
    wait_until_ready(port_, ready_seconds);
  } catch (const bench_failure& failure) {
    const auto said = text_of(folder_ / "log");
    stop();
    throw bench_failure(std::string(failure.what()) + "; it said: " + said);
  }
}

served_binary::~served_binary() {
  stop();
}

void served_binary::stop() {
  if (process_ <= 0) return;
  kill(process_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(stop_seconds);
  while (waitpid(process_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) kill(process_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  process_ = -1;
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::uint64_t served_binary::resident_kib() const {
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::strtoull(line.c_str() + std::strlen("VmRSS:"), nullptr, 10);
  throw bench_failure("the server is gone");
}

}  // namespace planexe::bench
