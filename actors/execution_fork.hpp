// Makes an execution that begins as another one was at a moment of its past. The new stream gets its whole beginning in
// one append; from then on it is an execution like any other. The old one is only read.
#pragma once

#include "actors/requests.hpp"
#include "domain/fork.hpp"

namespace planexe::actors {

struct environment;

/// How much a fork takes over. All of it is one write, which everybody else's waits for, and is held in memory twice
/// until it is done: a few tenths of a second and some hundred megabytes.
inline constexpr std::uint64_t most_forked_events = 50'000;
inline constexpr std::size_t most_forked_bytes = std::size_t{64} << 20U;

/// An execution as it was, and what it consists of.
struct fork_source {
  domain::execution_id origin;
  std::uint64_t version = 0;                 ///< of the origin, by now
  domain::execution_state state;             ///< after the last of `events`
  std::vector<domain::event_record> events;  ///< from the first one on
  std::vector<std::string> bytes;            ///< the same as the fork stores them
  std::vector<domain::event_record> beyond;  ///< the rest of the last one's step
};

/// Reads the first `seq` events of an execution. `errc::not_found`: there is no such execution; `errc::invalid`: it has
/// not that many; `errc::too_large`: more than a fork may take over; else as the log. Any thread; may take long.
result<fork_source> read_fork_source(const eventstore::event_log& log, const domain::execution_id& origin,
                                     std::uint64_t seq);

/// Makes `fork`, a new id, of what was read. `reply` is prepared with the new execution and delivered once that is
/// durable, or with the rejection. Any thread.
void append_fork(environment& env, fork_source source, const domain::fork_execution& wanted,
                 const domain::execution_id& fork, const std::string& actor, std::unique_ptr<execution_reply> reply);

}  // namespace planexe::actors
