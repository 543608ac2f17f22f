#include "gateway/http/stream_session.hpp"

#include "gateway/auth/caller.hpp"

namespace planexe::gateway {

namespace {

/// How long `bytes` may take to leave.
std::chrono::milliseconds write_time(const server_limits& limits, std::size_t bytes) {
  return limits.write_grace + std::chrono::milliseconds{bytes * 1'000 / limits.body_bytes_per_second};
}

}  // namespace

stream_session::stream_session(std::shared_ptr<worker> owner)
    : worker_(std::move(owner)), outbox_(worker_->limits().peer_queue_bytes, worker_->limits().peer_queue_messages) {}

bool stream_session::send(shared_text text) {
  const auto verdict = outbox_.push(std::move(text));
  if (verdict == outbox::verdict::wake) worker_->enqueue(shared_from_this());
  return verdict != outbox::verdict::refused;
}

void stream_session::close(std::uint16_t code, std::string reason) {
  if (outbox_.request_close(code, std::move(reason)) == outbox::verdict::wake) worker_->enqueue(shared_from_this());
}

void stream_session::start(tcp_socket socket, connection_slot slot, std::string head, bool keep_alive_comments,
                           std::shared_ptr<const caller> who) {
  socket_.emplace(std::move(socket));
  slot_.emplace(std::move(slot));
  comments_ = keep_alive_comments;
  caller_ = std::move(who);
  worker_->add(shared_from_this());
  worker_->counters().streams_opened.add(1);
  read();
  batch_.push_back(std::make_shared<const std::string>(std::move(head)));
  uncounted_ = 1;
  write_batch();
  if (worker_->draining()) drain();
}

void stream_session::wake() {
  if (!socket_ || ended_ || writing_) return;
  if (outbox_.take(batch_)) {
    write_batch();
  } else if (outbox_.wanted_close()) {
    error_code ignored;
    socket_->shutdown(tcp::socket::shutdown_send, ignored);
    finish();
  } else {
    deadline_ = std::chrono::steady_clock::now() + worker_->limits().ping_interval;
  }
}

void stream_session::write_batch() {
  writing_ = true;
  buffers_.clear();
  std::size_t bytes = 0;
  for (const auto& text : batch_) {
    buffers_.push_back(net::buffer(*text));
    bytes += text->size();
  }
  deadline_ = std::chrono::steady_clock::now() + write_time(worker_->limits(), bytes);
  worker_->counters().bytes_sent.add(bytes);
  net::async_write(*socket_, buffers_,
                   [self = shared_from_this()](error_code failure, std::size_t) { self->on_write(failure); });
}

void stream_session::on_write(error_code failure) {
  writing_ = false;
  for (std::size_t index = uncounted_; index < batch_.size(); ++index) outbox_.sent(batch_[index]->size());
  batch_.clear();
  uncounted_ = 0;
  failure ? finish() : wake();
}

void stream_session::read() {
  // Nothing is expected; the read finds out that the client has gone.
  socket_->async_read_some(net::buffer(ignored_), [self = shared_from_this()](error_code failure, std::size_t) {
    if (self->ended_) return;
    failure ? self->finish() : self->read();
  });
}

void stream_session::sweep(steady_time now) {
  if (ended_) return;
  if (has_ended(caller_)) return finish();
  if (now < deadline_) return;
  if (writing_) {
    worker_->counters().deadlines_passed.add(1);
    finish();
  } else if (comments_) {
    batch_.push_back(std::make_shared<const std::string>(": still here\n\n"));
    uncounted_ = 1;
    write_batch();
  }
}

void stream_session::finish() {
  if (std::exchange(ended_, true)) return;
  const auto self = shared_from_this();
  worker_->counters().streams_closed.add(1);
  error_code ignored;
  socket_->close(ignored);
  slot_.reset();
  worker_->remove(*this);
  outbox_.end();
}

}  // namespace planexe::gateway
