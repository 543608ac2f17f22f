// Many connections to one server over one epoll, each with one request at a time. One thread, which calls the handlers
// from within `turn`.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/wire.hpp"

namespace planexe::bench {

class connection_loop {
 public:
  using number = std::size_t;  ///< of a connection, from 0 in the order they were opened
  struct handlers {
    /// A whole answer is there. The next request may be sent at once.
    std::function<void(number, const framed_reply&)> answered;
    /// A connection is lost with what was asked on it. Empty: that is a `bench_failure`.
    std::function<void(number)> broken;
  };

  connection_loop(std::uint16_t port, handlers calls);
  ~connection_loop();
  connection_loop(const connection_loop&) = delete;
  connection_loop& operator=(const connection_loop&) = delete;

  /// A new connection. They come from several addresses of loopback, so that no server takes them all for one client's.
  number open();
  void reopen(number which);
  /// On a connection whose last request is answered. The request is small enough for an empty socket's buffer.
  void send(number which, const std::string& request);
  /// Handles what has come, after waiting for it `longest` at most.
  void turn(std::chrono::microseconds longest);
  std::size_t size() const { return connections_.size(); }

 private:
  struct connection {
    number self = 0;
    tcp_socket socket;
    std::string received;
  };

  void receive(connection& from);
  void report_broken();

  std::uint16_t port_;
  handlers handlers_;
  int epoll_ = -1;
  std::deque<connection> connections_;  // epoll holds their addresses
  std::vector<number> broken_;
};

/// Lets this process and the servers that it starts have `needed` descriptors; throws `bench_failure` where the system
/// does not allow that.
void raise_descriptor_limit(std::size_t needed);

}  // namespace planexe::bench
