#include "gateway/http/stream_session.hpp"

#include "gateway/auth/caller.hpp"

namespace planexe::gateway {

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
  lane_.emplace(std::move(socket), outbox_, worker_->counters(), *this);
  lane_->limit_silence(2 * worker_->limits().peer_stall_time);  // the sweep is sooner
  slot_.emplace(std::move(slot));
  comments_ = keep_alive_comments;
  caller_ = std::move(who);
  worker_->add(shared_from_this());
  worker_->counters().streams_opened.add(1);
  read();
  lane_->put_first(std::move(head));
  wake();
  if (worker_->draining()) drain();
}

void stream_session::wake() {
  if (lane_ && !ended_) lane_->pump();
}

void stream_session::on_lane_empty() {
  next_comment_ = std::chrono::steady_clock::now() + worker_->limits().ping_interval;
  if (!outbox_.wanted_close()) return;
  error_code ignored;
  lane_->next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  finish();
}

void stream_session::read() {
  // Nothing is expected; the read finds out that the client has gone.
  lane_->async_read_some(net::buffer(ignored_), [self = shared_from_this()](error_code failure, std::size_t) {
    if (self->ended_) return;
    failure ? self->finish() : self->read();
  });
}

void stream_session::sweep(steady_time now) {
  if (ended_) return;
  if (has_ended(caller_)) return finish();
  if (lane_->stuck()) {
    if (now - lane_->progressed() < worker_->limits().peer_stall_time) return;
    worker_->counters().deadlines_passed.add(1);
    finish();
  } else if (comments_ && now >= next_comment_) {
    lane_->put_first(": still here\n\n");
    lane_->pump();
  }
}

void stream_session::finish() {
  if (std::exchange(ended_, true)) return;
  const auto self = shared_from_this();
  worker_->counters().streams_closed.add(1);
  lane_->close();
  slot_.reset();
  worker_->remove(*this);
  outbox_.end();
}

}  // namespace planexe::gateway
