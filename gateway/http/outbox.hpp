// The bounded queue of texts to one connected client. Any thread pushes; the connection's I/O thread takes. It knows
// whether the I/O thread is going to look again, so that a burst costs one wake-up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace planexe::gateway {

using shared_text = std::shared_ptr<const std::string>;

struct close_request {
  std::uint16_t code = 0;
  std::string reason;
};

class outbox {
 public:
  /// `wake`: queued, and the caller must wake the I/O thread, which sleeps.
  enum class verdict : std::uint8_t { refused, queued, wake };

  outbox(std::size_t max_bytes, std::size_t max_messages) : max_bytes_(max_bytes), max_messages_(max_messages) {}

  // Any thread.
  verdict push(shared_text text);
  verdict request_close(std::uint16_t code, std::string reason);
  void on_end(std::function<void()> callback);
  std::size_t bytes() const;

  // The I/O thread.
  /// Moves everything queued into `batch`, which must be empty and may lend its memory. False when there is nothing:
  /// the queue then sleeps until a push says `wake`.
  bool take(std::vector<shared_text>& batch);
  /// One text of `size` bytes has left; its room is free again.
  void sent(std::size_t size);
  /// What close asked for, once nothing is queued before it.
  std::optional<close_request> wanted_close() const;
  /// Refuses everything from now on and runs the callbacks, once.
  void end();

 private:
  const std::size_t max_bytes_;
  const std::size_t max_messages_;
  mutable std::mutex mutex_;
  std::vector<shared_text> queue_;
  std::size_t bytes_ = 0;
  std::size_t messages_ = 0;
  std::size_t large_ = 0;  ///< bytes of a long text that found the queue empty: it does not count against the limit
  bool awake_ = false;
  bool ended_ = false;
  std::optional<close_request> close_;
  std::vector<std::function<void()>> callbacks_;
};

}  // namespace planexe::gateway
