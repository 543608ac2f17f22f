// A fork: an execution of its own that begins as another one was at a moment of its past. The events up to that moment
// are taken over as they are, each marked as inherited, and `execution_forked` follows. Pure, any thread.
#pragma once

#include <span>

#include "domain/event_record.hpp"
#include "domain/execution_state.hpp"
#include "domain/rejection.hpp"
#include "domain/result.hpp"

namespace planexe::domain {

/// What is to be different from there on. What is absent stays as it was.
struct fork_execution {
  std::optional<std::string> title;
  std::optional<agent_id> agent;  ///< who alone may work on it; an empty id: anybody
  std::optional<std::int32_t> priority;
  std::optional<execution_options> options;  ///< all of them; the sequencing must be what it was
  std::string reason;
};

/// The moment that a fork begins from.
struct fork_point {
  execution_id origin;
  const event_record* last = nullptr;    ///< the last event that is taken over
  std::span<const event_record> beyond;  ///< what was recorded in the same step after it
};

/// Whether `next`, which follows `before` in its stream, was recorded as a part of the same step: there was no moment
/// between the two. Steps of one sender within a millisecond count as one.
bool is_same_step(const event_record& before, const event_record& next);

/// One of a fork's own events.
struct fork_event {
  execution_event event;
  std::string said_by;  ///< whose words it repeats, as an event's actor; empty: of whoever forks
};

/// What comes after the events that are taken over, to be evolved at `now`. `state` is what those add up to.
///
/// Questions to people that the step of the moment asked only after it are asked here too, and so are those that other
/// options bring with them; those that other options would not have asked are answered. An execution that was over then
/// cannot be forked.
expected<std::vector<fork_event>, rejection> decide_fork(const execution_state& state, const fork_point& point,
                                                         const fork_execution& wanted, timestamp now);

}  // namespace planexe::domain
