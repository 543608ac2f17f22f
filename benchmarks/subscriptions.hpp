// Many WebSockets that are told the same: opens them, reads whatever comes, and notes when each of them got which
// event. One thread; what it reads with is as cheap as it can be, for the server on the same machine lacks what it
// spends. Throws `bench_failure`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/wire.hpp"

namespace planexe::bench {

class subscriptions {
 public:
  using clock = std::chrono::steady_clock;
  struct arrival {
    std::uint64_t seq;
    clock::time_point at;
  };

  explicit subscriptions(std::uint16_t port);
  subscriptions(const subscriptions&) = delete;
  subscriptions& operator=(const subscriptions&) = delete;
  ~subscriptions();

  /// Opens `count` of them at `target`, and reads until each has caught up.
  void open(const std::string& target, std::size_t count);
  /// Opens one that never reads.
  void open_stalled(const std::string& target);
  /// Reads what is there, waiting for it at most that long.
  void turn(std::chrono::milliseconds longest);

  std::size_t size() const { return readers_.size(); }
  std::size_t caught_up() const { return caught_up_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t resyncs() const { return resyncs_; }
  /// Of events, in the order in which they were read.
  std::vector<arrival>& arrivals() { return arrivals_; }
  bool keeps_arrivals = false;

 private:
  struct reader {
    tcp_socket socket;
    std::string partial;         ///< of a message that has not come whole
    std::uint64_t last_seq = 0;  ///< of an event
    bool upgraded = false;
  };

  void connect(const std::string& target, reader& one, int receive_buffer);
  void read(reader& one);
  /// Takes whole messages from the front of `text`; how many bytes they were.
  std::size_t take(reader& one, std::string_view text);
  void take_message(reader& one, std::string_view json);
  void answer_ping(const reader& one, std::string_view payload);

  std::uint16_t port_;
  int poll_ = -1;
  std::vector<reader> readers_;
  std::vector<reader> stalled_;
  std::string buffer_;
  std::vector<arrival> arrivals_;
  clock::time_point now_{};
  std::size_t caught_up_ = 0;
  std::uint64_t messages_ = 0, bytes_ = 0, resyncs_ = 0;
};

}  // namespace planexe::bench
