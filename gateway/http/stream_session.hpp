// An answer without an end: takes over a session's socket and appends what its outbox gets. Made on any thread by a
// responder; from start() on it lives on its worker's thread, the push_peer part excepted.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "gateway/http/outbox.hpp"
#include "gateway/http/push_peer.hpp"
#include "gateway/http/text_lane.hpp"
#include "gateway/http/worker.hpp"

namespace planexe::gateway {

class stream_session final : public push_peer,
                             public connection,
                             public wake_target,
                             public lane_owner,
                             public std::enable_shared_from_this<stream_session> {
 public:
  explicit stream_session(std::shared_ptr<worker> owner);

  // push_peer: any thread.
  bool send(shared_text text) override;
  bool send_framed(shared_text bytes) override { return send(std::move(bytes)); }
  framing framed_as() const override { return framing::server_sent; }
  void close(std::uint16_t code, std::string reason) override;
  void on_close(std::function<void()> callback) override { outbox_.on_end(std::move(callback)); }
  std::size_t queued_bytes() const override { return outbox_.bytes(); }

  /// Any thread: there never was a connection, or it went before the stream began.
  void abandon() { outbox_.end(); }

  /// Sends `head`, then what is queued. `keep_alive_comments` for server-sent events, where a line of nothing tells a
  /// live connection from a dead one. Ends when the key of `who` does.
  void start(tcp_socket socket, connection_slot slot, std::string head, bool keep_alive_comments,
             std::shared_ptr<const caller> who);

  void sweep(steady_time now) override;
  void drain() override { close(close_going_away, {}); }
  void abort() override { finish(); }
  void wake() override;

 private:
  std::shared_ptr<void> hold() override { return shared_from_this(); }
  void on_lane_empty() override;
  void on_lane_broken() override { finish(); }
  void read();
  void finish();

  std::shared_ptr<worker> worker_;
  outbox outbox_;
  std::optional<text_lane> lane_;
  std::optional<connection_slot> slot_;
  std::shared_ptr<const caller> caller_;
  std::array<char, 64> ignored_{};
  bool ended_ = false;
  bool comments_ = false;
  steady_time next_comment_{};
};

}  // namespace planexe::gateway
