#include "gateway/http/websocket_session.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>

#include "gateway/auth/caller.hpp"
#include "gateway/http/framing.hpp"
#include "gateway/http/utf8.hpp"

namespace planexe::gateway {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

/// RFC 6455, 4.1: the base64 of 16 bytes.
bool is_websocket_key(std::string_view key) {
  constexpr std::size_t key_size = 24;
  const auto is_base64 = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return key.size() == key_size && key.ends_with("==") && std::all_of(key.begin(), key.end() - 2, is_base64);
}

}  // namespace

websocket_session::websocket_session(std::shared_ptr<worker> owner, tcp_socket socket, connection_slot slot)
    : worker_(std::move(owner)),
      outbox_(worker_->limits().peer_queue_bytes, worker_->limits().peer_queue_messages),
      stream_(std::move(socket), outbox_, worker_->counters(), *this),
      slot_(std::move(slot)),
      // Beast needs room for a message and the frame it reads ahead.
      incoming_(worker_->limits().websocket_message_bytes + 4'096) {
  stream_.read_message_max(worker_->limits().websocket_message_bytes);
  stream_.set_option(websocket::stream_base::decorator(
      [](websocket::response_type& answer) { answer.set(beast::http::field::server, "planexe-ax"); }));
}

std::optional<problem> websocket_session::refuse_upgrade(const request_head& head) {
  if (head.header("sec-websocket-version") != std::string_view{"13"})
    return problem{problem_code::upgrade_required,
                   "only WebSocket version 13 is spoken here",
                   {},
                   {{"Sec-WebSocket-Version", "13"}, {"Upgrade", "websocket"}}};
  if (!is_websocket_key(head.header("sec-websocket-key").value_or("")))
    return problem{problem_code::malformed_request, "the Sec-WebSocket-Key header is missing or wrong", {}, {}};
  return std::nullopt;
}

void websocket_session::start(request upgrade, const websocket_handler& call) {
  namespace http = beast::http;
  last_heard_ = std::chrono::steady_clock::now();
  next_ping_ = last_heard_ + worker_->limits().ping_interval;
  caller_ = upgrade.caller;
  stream_.next_layer().limit_silence(2 * worker_->limits().peer_stall_time);  // the sweep is sooner
  worker_->add(shared_from_this());
  worker_->counters().websockets_opened.add(1);
  // The head was read by the one strict parser; Beast gets what its handshake needs, not the bytes.
  http::request<http::empty_body> handshake{http::verb::get, "/", 11};
  handshake.set(http::field::host, "checked");
  handshake.set(http::field::connection, "upgrade");
  handshake.set(http::field::upgrade, "websocket");
  handshake.set(http::field::sec_websocket_version, "13");
  const std::string_view key = upgrade.header("sec-websocket-key").value_or("");
  handshake.set(http::field::sec_websocket_key, beast::string_view{key.data(), key.size()});
  stream_.async_accept(handshake,
                       [self = shared_from_this(), upgrade = std::move(upgrade), &call](error_code failure) mutable {
                         self->on_accept(failure, std::move(upgrade), call);
                       });
}

void websocket_session::on_accept(error_code failure, request upgrade, const websocket_handler& call) {
  if (ended_) return;
  if (failure) return finish();
  accepted_ = true;
  last_heard_ = std::chrono::steady_clock::now();
  stream_.control_callback([this](websocket::frame_type kind, beast::string_view) {
    last_heard_ = std::chrono::steady_clock::now();
    // Beast answers a close and then waits for the client to hang up; not for long.
    if (kind != websocket::frame_type::close) return;
    stream_.next_layer().stop_texts();
    close_deadline_ = last_heard_ + worker_->limits().linger_time;
  });
  try {
    call(std::move(upgrade), shared_from_this());
  } catch (...) {
    // A handler's fault costs its own connection and no other.
    return finish();
  }
  read();
  wake();
  if (worker_->draining()) drain();
}

void websocket_session::on_message(std::function<void(std::string_view)> callback) {
  on_message_ = std::move(callback);
}

bool websocket_session::send(shared_text text) {
  if (!text) return false;
  auto framed = std::make_shared<std::string>();
  append_websocket_text(*framed, *text);
  return send_framed(std::move(framed));
}

bool websocket_session::send_framed(shared_text bytes) {
  const auto verdict = outbox_.push(std::move(bytes));
  if (verdict == outbox::verdict::wake) worker_->enqueue(shared_from_this());
  return verdict != outbox::verdict::refused;
}

void websocket_session::close(std::uint16_t code, std::string reason) {
  if (outbox_.request_close(code, std::move(reason)) == outbox::verdict::wake) worker_->enqueue(shared_from_this());
}

void websocket_session::read() {
  stream_.async_read(incoming_,
                     [self = shared_from_this()](error_code failure, std::size_t) { self->on_read(failure); });
}

void websocket_session::on_read(error_code failure) {
  if (ended_) return;
  // After an error Beast has sent the close frame itself where one is due (a message too big, a broken frame).
  if (failure) return finish();
  last_heard_ = std::chrono::steady_clock::now();
  const auto bytes = incoming_.cdata();
  try {
    if (on_message_) on_message_({static_cast<const char*>(bytes.data()), bytes.size()});
  } catch (...) {
    return finish();
  }
  incoming_.consume(incoming_.size());
  read();
}

void websocket_session::wake() {
  if (accepted_ && !ended_ && !closing_) stream_.next_layer().pump();
}

void websocket_session::on_lane_empty() {
  if (!accepted_ || ended_ || closing_) return;
  if (auto wanted = outbox_.wanted_close()) begin_close(wanted->code, std::move(wanted->reason));
}

void websocket_session::begin_close(std::uint16_t code, std::string reason) {
  closing_ = true;
  stream_.next_layer().stop_texts();
  close_deadline_ = std::chrono::steady_clock::now() + worker_->limits().linger_time;
  // RFC 6455, 5.5: a control frame carries at most 125 bytes, two of them the code.
  constexpr std::size_t max_reason = 123;
  reason.resize(std::min(reason.size(), max_reason));
  while (!is_utf8(reason)) reason.pop_back();
  websocket::close_reason why{static_cast<websocket::close_code>(code)};
  why.reason.assign(reason.data(), reason.size());
  stream_.async_close(why, [self = shared_from_this()](error_code) { self->finish(); });
}

void websocket_session::sweep(steady_time now) {
  if (ended_) return;
  const auto interval = worker_->limits().ping_interval;
  // Who reads slowly cannot see a ping behind what waits for it; that it takes something is a sign of life, for a
  // while. Else: two pings unanswered and half the time for a third.
  constexpr int most_silent_intervals = 15;
  const auto& lane = stream_.next_layer();
  const bool dead = lane.stuck() ? now - lane.progressed() >= worker_->limits().peer_stall_time
                                 : now - std::max(last_heard_, lane.progressed()) >= interval * 5 / 2 ||
                                       now - last_heard_ >= interval * most_silent_intervals;
  if (dead || now >= close_deadline_) {
    worker_->counters().deadlines_passed.add(1);
    return finish();
  }
  if (has_ended(caller_) && close_deadline_ == steady_time::max()) {
    close(close_policy, "the key was revoked or has expired");
    close_deadline_ = now + worker_->limits().linger_time;  // also for a client that does not read
  }
  if (!accepted_ || closing_ || pinging_ || now < next_ping_) return;
  pinging_ = true;
  next_ping_ = now + interval;
  stream_.async_ping({}, [self = shared_from_this()](error_code) { self->pinging_ = false; });
}

void websocket_session::finish() {
  if (std::exchange(ended_, true)) return;
  const auto self = shared_from_this();
  worker_->counters().websockets_closed.add(1);
  stream_.next_layer().close();
  slot_.reset();
  worker_->remove(*this);
  outbox_.end();
  // What the callback holds may hold this.
  on_message_ = nullptr;
}

}  // namespace planexe::gateway
