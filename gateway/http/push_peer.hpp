// A client that stays connected and is told things: over a WebSocket, or over an answer without an end (SSE).
// Everything here may be called from any thread. Callbacks run on the connection's I/O thread and must not block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace planexe::gateway {

/// WebSocket close codes in use here, RFC 6455, 7.4.1.
inline constexpr std::uint16_t close_normal = 1000;
inline constexpr std::uint16_t close_going_away = 1001;
inline constexpr std::uint16_t close_policy = 1008;
inline constexpr std::uint16_t close_too_big = 1009;
inline constexpr std::uint16_t close_try_later = 1013;

/// How messages stand in the bytes of a connection (framing.hpp makes them).
enum class framing : std::uint8_t { websocket, server_sent };

class push_peer {
 public:
  virtual ~push_peer() = default;

  /// Queues one text: on a WebSocket as a message, on a stream as it is. False, and nothing queued, when the bounded
  /// queue is full or the peer is closed.
  virtual bool send(std::shared_ptr<const std::string> text) = 0;

  /// Queues bytes that are framed already, one message or several; shared and not copied, so that what is told to many
  /// peers is framed once for all of them. Else as `send`.
  virtual bool send_framed(std::shared_ptr<const std::string> bytes) = 0;

  /// What `send_framed` takes here.
  virtual framing framed_as() const = 0;

  /// Sends what is queued, then closes. `code` and `reason` reach a WebSocket's client; a stream just ends.
  virtual void close(std::uint16_t code, std::string reason) = 0;

  /// Called once when the connection has ended for whatever reason; at once when it has already.
  virtual void on_close(std::function<void()> callback) = 0;

  /// Bytes queued and not yet taken by the operating system.
  virtual std::size_t queued_bytes() const = 0;
};

class websocket_peer : public push_peer {
 public:
  /// Called with each message of the client, at most 64 KiB. Set it inside the handler that receives the peer, or
  /// messages that come before it is set are dropped.
  virtual void on_message(std::function<void(std::string_view)> callback) = 0;
};

}  // namespace planexe::gateway
