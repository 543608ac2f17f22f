// A client that sends exactly the bytes it is told, and a server with a table of small routes to send them to.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/server.hpp"

namespace planexe::test {

struct answer {
  unsigned status = 0;                         ///< 0: the server closed without an answer
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::string head;
};

struct frame {
  unsigned opcode = 0;  ///< 1 text, 8 close, 9 ping, 10 pong; 0 with nothing: the connection ended
  std::string payload;
  unsigned close_code() const;
};

/// A TCP connection to 127.0.0.1. Reads wait for at most ten seconds, then count as the connection's end.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port);
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  ~raw_client();

  /// False when the server no longer takes bytes.
  bool send(std::string_view bytes) const;
  answer receive(bool to_head = false);
  answer ask(std::string_view bytes, bool to_head = false) {
    send(bytes);
    return receive(to_head);
  }
  /// Exactly `count` bytes, or fewer at the end.
  std::string receive_bytes(std::size_t count);
  /// True when nothing but the end of the connection follows.
  bool is_at_end();
  void finish_sending() const;
  void set_receive_buffer(int bytes) const;

  /// The upgrade of `target`; extra header lines each end in CRLF.
  answer upgrade(std::string_view target, std::string_view extra = {});
  bool send_frame(unsigned opcode, std::string_view payload, bool masked = true) const;
  frame receive_frame();

 private:
  bool fill();
  int socket_;
  std::string buffered_;
};

/// A server with the routes of the tests. What a handler keeps for later is in `kept`.
class test_server {
 public:
  explicit test_server(gateway::server_options options = quick_options());
  ~test_server();

  /// Default limits, but deadlines are looked at every few milliseconds, and a client that does not hang up is left
  /// soon.
  static gateway::server_options quick_options();
  static std::vector<gateway::route> table();

  std::uint16_t port() const { return server_->port(); }
  gateway::server& server() { return *server_; }

  /// Waits for the next request that asked to be answered later.
  gateway::responder next_kept();
  std::shared_ptr<gateway::push_peer> next_peer();
  /// Waits until the server's counters say so; false after ten seconds.
  bool eventually(const std::function<bool(const gateway::server_counters&)>& holds) const;
  std::size_t handled() const;
  /// Waits until as many WebSockets or streams have ended.
  bool wait_for_ended(std::size_t count);

 private:
  void bind();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<gateway::responder> kept_;
  std::vector<std::shared_ptr<gateway::push_peer>> peers_;
  std::size_t ended_ = 0;
  std::size_t handled_ = 0;
  gateway::router router_;
  std::unique_ptr<gateway::server> server_;
};

}  // namespace planexe::test
