// How much of a log one call hands over. Counted in bytes as well as in events: an event may hold an output of a
// megabyte, and a whole plan more. Plain values; any thread.
#pragma once

#include <algorithm>
#include <cstddef>

namespace planexe::eventstore {

/// Some 25,000 events of the usual kind, of which nobody asks for so many at once; of large ones as many as a server
/// with several readers has room for.
inline constexpr std::size_t most_bytes_at_once = std::size_t{8} << 20;

/// At most so many events, and no more behind the one with which their stored bytes reach `bytes`. So a reader that
/// asks for events is given one at least where there is one, and whoever wants them all goes on behind the last one
/// until there is none.
struct read_limit {
  // A number alone is how most readers say it.
  constexpr read_limit(std::size_t most_events, std::size_t most_bytes = most_bytes_at_once)  // NOLINT
      : events(most_events), bytes(most_bytes) {}
  std::size_t events;
  std::size_t bytes;
};

/// What a limit still has room for.
class read_budget {
 public:
  explicit read_budget(read_limit limit) : left_(limit) {}
  bool spent() const { return left_.events == 0 || left_.bytes == 0; }
  read_limit left() const { return left_; }
  /// An event of so many bytes is handed over.
  void take(std::size_t bytes) {
    --left_.events;
    left_.bytes -= std::min(bytes, left_.bytes);
  }

 private:
  read_limit left_;
};

}  // namespace planexe::eventstore
