// Whether everything is paused, for everybody to see at once. The log has it too (`everything_paused`); the switch's
// actor keeps the two together.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

namespace planexe::actors {

class stop_board {
 public:
  /// Any thread.
  bool on() const { return on_; }
  std::string reason() const {
    const std::lock_guard lock{mutex_};
    return reason_;
  }
  void pause(std::string reason) {
    const std::lock_guard lock{mutex_};
    reason_ = std::move(reason);
    on_ = true;
  }
  void resume() { on_ = false; }

 private:
  std::atomic<bool> on_ = false;
  mutable std::mutex mutex_;
  std::string reason_;
};

}  // namespace planexe::actors
