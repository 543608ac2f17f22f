// What a server is told at its start, and what it counts. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http/problem.hpp"
#include "gateway/http/routes.hpp"

namespace planexe::gateway {

/// Every bound that keeps one client from costing more than its share. Times are absolute for a phase: a client that
/// sends a byte now and then does not extend them.
struct server_limits {
  using milliseconds = std::chrono::milliseconds;

  std::size_t header_bytes = std::size_t{16} << 10U;           ///< request line and fields; more is 431
  milliseconds header_time{10'000};                            ///< from the first byte of a request to its empty line
  milliseconds idle_time{60'000};                              ///< between requests, and before the first
  milliseconds body_grace{10'000};                             ///< before the minimum rate of a body is looked at
  std::size_t body_bytes_per_second = std::size_t{16} << 10U;  ///< a slow mobile link; slower is an attack
  milliseconds handler_time{120'000};                          ///< twice the longest long-poll; then 503
  milliseconds write_grace{20'000};                  ///< for an answer to leave, on top of its size at the minimum rate
  milliseconds linger_time{2'000};                   ///< for a refused client to read why before the socket is closed
  std::size_t linger_bytes = std::size_t{8} << 20U;  ///< of its request, read and thrown away meanwhile
  std::size_t connections = 16'000;  ///< in all: ten thousand agents that wait, those that work, people who watch
  /// Agents behind one address translation are one address; others keep a quarter.
  std::size_t connections_per_address = 12'000;
  std::size_t pipelined_requests = 16;                           ///< waiting at once on one connection
  std::size_t body_bytes_in_flight = std::size_t{512} << 20U;    ///< request bodies held in memory in all; more is 503
  std::size_t websocket_message_bytes = std::size_t{64} << 10U;  ///< from a client; longer closes with 1009
  std::size_t peer_queue_bytes = std::size_t{4} << 20U;          ///< queued to one slow reader
  std::size_t peer_queue_messages = 4'096;
  /// A peer whose socket takes nothing for this long while something waits for it is closed: it reads no more.
  milliseconds peer_stall_time{60'000};
  milliseconds ping_interval{20'000};  ///< a peer silent for two and a half of them is dead
  milliseconds drain_time{10'000};     ///< what a graceful stop gives requests in flight
  milliseconds sweep_interval{1'000};  ///< how often deadlines are looked at
};

/// Called on an I/O thread after the head and before the body is read. May attach `caller` to the head. An answer
/// refuses the request. Must not block.
using authenticator = std::function<std::optional<problem>(request_head&, const route&)>;

struct server_options {
  std::string host = "127.0.0.1";  ///< an address, or a name that resolves to one
  std::uint16_t port = 0;          ///< 0: any free one
  std::size_t threads = 1;         ///< each with its own share of the connections
  server_limits limits;
  /// Origins beside the server's own that may open WebSockets and send unsafe methods: "https://dash.example".
  std::vector<std::string> allowed_origins;
  /// Host names a request may name, without port, against DNS rebinding. Empty: any valid one.
  std::vector<std::string> allowed_hosts;
  authenticator authenticate;  ///< empty: everything is open
};

/// Totals since the start, except the `open` ones.
struct server_counters {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests = 0;
  std::uint64_t answers_2xx = 0;
  std::uint64_t answers_3xx = 0;
  std::uint64_t answers_4xx = 0;
  std::uint64_t answers_5xx = 0;
  std::uint64_t heads_refused = 0;  ///< bad framing
  std::uint64_t deadlines_passed = 0;
  std::uint64_t websockets_open = 0;
  std::uint64_t streams_open = 0;
  std::uint64_t bytes_received = 0;  ///< of HTTP
  std::uint64_t bytes_sent = 0;
};

}  // namespace planexe::gateway
