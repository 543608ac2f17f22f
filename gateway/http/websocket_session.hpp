// One WebSocket: takes over a session's socket after its upgrade request was checked, and speaks RFC 6455: Beast reads,
// and writes control frames; texts come framed and go past it through the lane. Lives on its worker's thread, the
// websocket_peer part excepted. permessage-deflate is compiled out.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <optional>
#include <string>

#include "gateway/http/outbox.hpp"
#include "gateway/http/push_peer.hpp"
#include "gateway/http/routes.hpp"
#include "gateway/http/text_lane.hpp"
#include "gateway/http/worker.hpp"

namespace planexe::gateway {

class websocket_session final : public websocket_peer,
                                public connection,
                                public wake_target,
                                public lane_owner,
                                public std::enable_shared_from_this<websocket_session> {
 public:
  websocket_session(std::shared_ptr<worker> owner, tcp_socket socket, connection_slot slot);

  /// Whether the head is an upgrade that can be accepted; else why not.
  static std::optional<problem> refuse_upgrade(const request_head& head);

  /// Answers the handshake, then calls `call` with the request and this.
  void start(request upgrade, const websocket_handler& call);

  // websocket_peer: any thread.
  bool send(shared_text text) override;
  bool send_framed(shared_text bytes) override;
  framing framed_as() const override { return framing::websocket; }
  void close(std::uint16_t code, std::string reason) override;
  void on_close(std::function<void()> callback) override { outbox_.on_end(std::move(callback)); }
  std::size_t queued_bytes() const override { return outbox_.bytes(); }
  void on_message(std::function<void(std::string_view)> callback) override;

  void sweep(steady_time now) override;
  void drain() override { close(close_going_away, "the server stops"); }
  void abort() override { finish(); }
  void wake() override;

 private:
  std::shared_ptr<void> hold() override { return shared_from_this(); }
  void on_lane_empty() override;
  void on_lane_broken() override { finish(); }
  void on_accept(error_code failure, request upgrade, const websocket_handler& call);
  void read();
  void on_read(error_code failure);
  void begin_close(std::uint16_t code, std::string reason);
  void finish();

  std::shared_ptr<worker> worker_;
  outbox outbox_;
  boost::beast::websocket::stream<text_lane, false> stream_;
  std::optional<connection_slot> slot_;
  std::shared_ptr<const caller> caller_;
  boost::beast::flat_buffer incoming_;
  std::function<void(std::string_view)> on_message_;
  bool accepted_ = false;
  bool pinging_ = false;
  bool closing_ = false;
  bool ended_ = false;
  steady_time last_heard_{};
  steady_time next_ping_{};
  steady_time close_deadline_ = steady_time::max();
};

}  // namespace planexe::gateway
