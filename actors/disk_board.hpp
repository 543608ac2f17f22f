// How much room the disk of the log has, for everybody to see at once. Whoever watches the disk notes it, one thread;
// any thread reads.
#pragma once

#include <atomic>

#include "domain/disk_reserve.hpp"

namespace planexe::actors {

class disk_board {
 public:
  explicit disk_board(domain::disk_reserve reserve = {}) : reserve_(reserve) {}

  /// The state from now on.
  domain::disk_state note(std::uint64_t free_bytes) {
    free_bytes_ = free_bytes;
    return state_ = domain::next_disk_state(state_, free_bytes, reserve_);
  }
  domain::disk_state state() const { return state_; }
  bool takes_new_work() const { return state_ == domain::disk_state::ok; }
  std::uint64_t free_bytes() const { return free_bytes_; }
  const domain::disk_reserve& reserve() const { return reserve_; }
  /// Why something is refused, for clients.
  std::string refusal() const { return domain::disk_refusal(state_, free_bytes_, reserve_); }

 private:
  domain::disk_reserve reserve_;
  std::atomic<domain::disk_state> state_{domain::disk_state::ok};
  std::atomic<std::uint64_t> free_bytes_{0};
};

}  // namespace planexe::actors
