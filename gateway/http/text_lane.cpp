#include "gateway/http/text_lane.hpp"

#include <netinet/tcp.h>

#include <algorithm>

namespace planexe::gateway {

namespace {

constexpr std::size_t most_buffers = 64;     // that Asio gives to one system call
constexpr std::size_t most_kept_places = 8;  // of an emptied list: ten thousand idle connections keep no more

template <class List>
void empty(List& list) {
  list.clear();
  if (list.capacity() > most_kept_places) list.shrink_to_fit();
}

}  // namespace

void text_lane::limit_silence(std::chrono::milliseconds longest) {
  using user_timeout = net::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
  error_code ignored;
  socket_.set_option(user_timeout{static_cast<int>(longest.count())}, ignored);
}

void text_lane::stop_texts() {
  texts_stopped_ = true;
  // One that has left in part leaves whole: a frame cannot begin inside another.
  batch_.resize(std::min(batch_.size(), next_ + (written_ > 0 ? 1U : 0U)));
}

void text_lane::take_control(std::string_view piece, bool first) {
  constexpr char close_frame = '\x88';
  // Beast also closes by itself, after a frame that is wrong.
  if (first && piece.starts_with(close_frame)) stop_texts();
  control_bytes_ += piece;
}

void text_lane::pump() {
  if (waiting_ || closed_) return;
  while (true) {
    // Between two texts, where control frames may stand.
    if (written_ == 0 && !control_bytes_.empty()) {
      if (!write_control()) return;
      continue;
    }
    if (next_ == batch_.size()) {
      next_ = 0;
      empty(batch_);
      if (texts_stopped_ || !queue_.take(batch_)) return owner_.on_lane_empty();
    }
    if (!write_texts()) return;
  }
}

bool text_lane::write_control() {
  std::size_t written = 0;
  while (!control_bytes_.empty()) {
    if (!write({net::buffer(control_bytes_)}, written)) return false;
    control_bytes_.erase(0, written);
  }
  control_bytes_.shrink_to_fit();
  end_control({});
  return true;
}

bool text_lane::write_texts() {
  std::vector<net::const_buffer> buffers;
  const auto end = std::min(batch_.size(), next_ + most_buffers);
  buffers.reserve(end - next_);
  for (auto i = next_; i < end; ++i) buffers.push_back(net::buffer(*batch_[i]));
  buffers.front() += written_;
  std::size_t written = 0;
  if (!write(buffers, written)) return false;
  forget_written(written);
  return true;
}

bool text_lane::write(const std::vector<net::const_buffer>& buffers, std::size_t& written) {
  error_code failure;
  written = socket_.write_some(buffers, failure);
  if (!failure) {
    progressed_ = std::chrono::steady_clock::now();
    counters_.bytes_sent.add(written);
    return true;
  }
  if (failure != net::error::would_block) {
    break_off();
    return false;
  }
  if (!std::exchange(waiting_, true)) progressed_ = std::chrono::steady_clock::now();
  socket_.async_wait(tcp_socket::wait_write, [this, held = owner_.hold()](error_code ended) {
    waiting_ = false;
    if (closed_) return;
    ended ? break_off() : pump();
  });
  return false;
}

void text_lane::forget_written(std::size_t bytes) {
  while (next_ < batch_.size()) {
    const auto left = batch_[next_]->size() - written_;
    if (bytes < left) break;
    bytes -= left;
    written_ = 0;
    queue_.sent(batch_[next_]->size());
    batch_[next_].reset();  // others may have drained it long ago
    ++next_;
  }
  written_ += bytes;
}

void text_lane::end_control(error_code failure) {
  if (const auto ended = std::move(control_)) ended->complete(failure);
}

void text_lane::break_off() {
  end_control(net::error::operation_aborted);
  owner_.on_lane_broken();
}

void text_lane::close() {
  if (std::exchange(closed_, true)) return;
  error_code ignored;
  socket_.close(ignored);
  end_control(net::error::operation_aborted);
  batch_.clear();
  next_ = written_ = 0;
  control_bytes_.clear();
}

}  // namespace planexe::gateway
