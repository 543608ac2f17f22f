// The writing side of a connection that is pushed to: moves what an outbox holds into the socket, as many texts with
// one system call as there are, and lets Beast's control frames in between two of them, never inside one. A next layer
// of Beast's WebSocket stream. Lives on its worker's thread. What always holds: the socket gets whole texts and whole
// control frames, in the order in which they were given.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/net.hpp"
#include "gateway/http/outbox.hpp"
#include "gateway/http/worker.hpp"

namespace planexe::gateway {

/// Whose lane it is.
class lane_owner {
 public:
  virtual ~lane_owner() = default;
  /// Keeps the owner, and with it the lane, while an operation is under way.
  virtual std::shared_ptr<void> hold() = 0;
  /// Everything queued has left.
  virtual void on_lane_empty() = 0;
  virtual void on_lane_broken() = 0;
};

class text_lane {
 public:
  using executor_type = io_executor;
  using next_layer_type = tcp_socket;

  text_lane(tcp_socket socket, outbox& queue, worker_counters& counters, lane_owner& owner)
      : socket_(std::move(socket)), queue_(queue), counters_(counters), owner_(owner) {}

  tcp_socket& next_layer() { return socket_; }
  executor_type get_executor() { return socket_.get_executor(); }

  /// From now on the system ends a connection whose other side acknowledges nothing for that long.
  void limit_silence(std::chrono::milliseconds longest);
  /// Writes on until everything has left or the socket takes no more; then goes on by itself. Calls the owner's
  /// `on_lane_empty` or `on_lane_broken`, at once or later.
  void pump();
  /// Writes `bytes` before what the outbox holds.
  void put_first(std::string bytes) { control_bytes_ += bytes; }
  /// No text from now on: a control frame has said that it is the last.
  void stop_texts();
  /// Whether the socket takes no more at the moment.
  bool stuck() const { return waiting_; }
  /// When it last took something.
  steady_time progressed() const { return progressed_; }
  /// Closes the socket and drops what is left.
  void close();

  // What Beast needs of its next layer.
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }
  /// Takes all of `buffers`, a control frame or the answer to the handshake; completes when they have left.
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto on_written, const Buffers& given) {
          std::size_t size = 0;
          for (auto it = net::buffer_sequence_begin(given); it != net::buffer_sequence_end(given); ++it) {
            const net::const_buffer piece{*it};
            take_control({static_cast<const char*>(piece.data()), piece.size()}, size == 0);
            size += piece.size();
          }
          control_ = std::make_unique<waiting_write<decltype(on_written)>>(std::move(on_written), get_executor(), size);
          if (closed_) return end_control(net::error::operation_aborted);
          pump();
        },
        token, buffers);
  }

 private:
  /// Beast has one write under way at most.
  struct pending_write {
    virtual ~pending_write() = default;
    virtual void complete(error_code failure) = 0;
  };
  template <class Handler>
  struct waiting_write final : pending_write {
    waiting_write(Handler given, io_executor otherwise, std::size_t bytes)
        : on_written(std::move(given)), fallback(otherwise), size(bytes) {}
    void complete(error_code failure) override {
      const auto own = net::get_associated_executor(on_written, fallback);
      net::post(own, boost::beast::bind_handler(std::move(on_written), failure, failure ? 0 : size));
    }
    Handler on_written;
    io_executor fallback;
    std::size_t size;
  };

  /// `first`: a control frame begins with it.
  void take_control(std::string_view piece, bool first);
  /// Writes a piece. False when the socket takes no more or is broken.
  bool write_control();
  bool write_texts();
  bool write(const std::vector<net::const_buffer>& buffers, std::size_t& written);
  void forget_written(std::size_t bytes);
  void end_control(error_code failure);
  void break_off();

  tcp_socket socket_;
  outbox& queue_;
  worker_counters& counters_;
  lane_owner& owner_;
  std::vector<shared_text> batch_;
  std::size_t next_ = 0;     ///< the first text of the batch that has not left whole
  std::size_t written_ = 0;  ///< of that one
  std::string control_bytes_;
  std::unique_ptr<pending_write> control_;
  steady_time progressed_{};
  bool waiting_ = false;
  bool texts_stopped_ = false;
  bool closed_ = false;
};

/// Beast ends a stream through these: as it would the socket itself.
inline void teardown(boost::beast::role_type role, text_lane& lane, error_code& failure) {
  boost::beast::websocket::teardown(role, lane.next_layer(), failure);
}
template <class Handler>
void async_teardown(boost::beast::role_type role, text_lane& lane, Handler&& on_ended) {
  boost::beast::websocket::async_teardown(role, lane.next_layer(), std::forward<Handler>(on_ended));
}

}  // namespace planexe::gateway
