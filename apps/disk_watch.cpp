#include "apps/disk_watch.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace planexe::apps {
namespace {

using domain::disk_state;

// A disk is filled at some hundred megabytes a second at most; the smaller reserve outlasts a look.
constexpr std::chrono::milliseconds between_looks{500};

void tell(disk_state before, disk_state now, const actors::disk_board& board) {
  if (now == before) return;
  const auto megabytes = board.free_bytes() >> 20U;
  if (now == disk_state::ok)
    spdlog::warn("the disk of the data folder has {} MB free again; all work is taken on", megabytes);
  else
    spdlog::warn("disk {}: {}", domain::name_of(now), board.refusal());
}

/// A disk that cannot be asked says nothing new.
void look(const std::filesystem::path& folder, actors::disk_board& board, bool& fails) {
  std::error_code failed;
  const auto space = std::filesystem::space(folder, failed);
  if (failed && !std::exchange(fails, true))
    spdlog::warn("cannot tell how much room the disk of {} has: {}", folder.string(), failed.message());
  if (failed) return;
  fails = false;
  const auto before = board.state();
  tell(before, board.note(space.available), board);
}

}  // namespace

disk_watch::disk_watch(std::filesystem::path folder, std::shared_ptr<actors::disk_board> board) {
  bool fails = false;
  look(folder, *board, fails);
  thread_ = std::jthread([folder = std::move(folder), board = std::move(board), fails](std::stop_token stop) mutable {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    while (!stopped.wait_for(lock, stop, between_looks, [] { return false; }) && !stop.stop_requested())
      look(folder, *board, fails);
  });
}

}  // namespace planexe::apps
