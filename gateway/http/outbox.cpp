#include "gateway/http/outbox.hpp"

#include <algorithm>

namespace planexe::gateway {

outbox::verdict outbox::push(shared_text text) {
  if (!text) return verdict::refused;
  const std::scoped_lock lock{mutex_};
  if (ended_ || close_) return verdict::refused;
  // A long text passes an empty queue, over the limit or not, and takes no room from what follows it: whoever begins
  // with a large state must not lose its place to the next few changes.
  if (bytes_ == 0) large_ = text->size() > max_bytes_ / 2 ? text->size() : 0;
  const bool fits = bytes_ == 0 || bytes_ - std::min(bytes_, large_) + text->size() <= max_bytes_;
  if (!fits || messages_ >= max_messages_) return verdict::refused;
  bytes_ += text->size();
  ++messages_;
  queue_.push_back(std::move(text));
  return std::exchange(awake_, true) ? verdict::queued : verdict::wake;
}

outbox::verdict outbox::request_close(std::uint16_t code, std::string reason) {
  const std::scoped_lock lock{mutex_};
  if (ended_ || close_) return verdict::refused;
  close_ = close_request{code, std::move(reason)};
  return std::exchange(awake_, true) ? verdict::queued : verdict::wake;
}

void outbox::on_end(std::function<void()> callback) {
  {
    const std::scoped_lock lock{mutex_};
    if (!ended_) {
      callbacks_.push_back(std::move(callback));
      return;
    }
  }
  callback();
}

std::size_t outbox::bytes() const {
  const std::scoped_lock lock{mutex_};
  return bytes_;
}

bool outbox::take(std::vector<shared_text>& batch) {
  const std::scoped_lock lock{mutex_};
  awake_ = !queue_.empty();
  std::swap(batch, queue_);
  return awake_;
}

void outbox::sent(std::size_t size) {
  const std::scoped_lock lock{mutex_};
  bytes_ -= size;
  --messages_;
  large_ = 0;  // it was the first
}

std::optional<close_request> outbox::wanted_close() const {
  const std::scoped_lock lock{mutex_};
  return queue_.empty() ? close_ : std::nullopt;
}

void outbox::end() {
  std::vector<std::function<void()>> callbacks;
  {
    const std::scoped_lock lock{mutex_};
    ended_ = true;
    queue_ = {};
    callbacks.swap(callbacks_);
  }
  for (const auto& callback : callbacks) callback();
}

}  // namespace planexe::gateway
