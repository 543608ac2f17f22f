// The HTTP and WebSocket server: one listener, one I/O thread per `threads`, every connection pinned to one of them.
// start, stop_accepting and stop are called by the owner's thread; port and counters from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "domain/result.hpp"
#include "gateway/http/options.hpp"

namespace planexe::gateway {

class server {
 public:
  /// Listens and serves at once. `routes` must outlive the server and no longer change. Fails with `errc::locked` when
  /// the port is in use, `errc::invalid` when the host is none, and `errc::io` for what else the system refuses.
  static result<std::unique_ptr<server>> start(server_options options, const router& routes);

  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();  ///< stops

  std::uint16_t port() const noexcept;
  server_counters counters() const;

  /// Closes the listening socket; connections live on. Returns when the port is free.
  void stop_accepting();

  /// Stops accepting, lets requests in flight finish for at most `limit`, tells WebSockets 1001, closes everything and
  /// joins the threads. Responders that are answered later change nothing. Not from a handler.
  void drain(std::chrono::milliseconds limit);

  /// drain with the options' own limit. A second call does nothing.
  void stop();

 private:
  struct impl;
  explicit server(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

}  // namespace planexe::gateway
