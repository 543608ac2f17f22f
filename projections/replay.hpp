// Rebuilding an execution or agent from its events. Replay calls `evolve` alone.
#pragma once

#include <cstdint>

#include "domain/agent_state.hpp"
#include "domain/execution_state.hpp"
#include "domain/keys.hpp"
#include "domain/safety_switch.hpp"
#include "eventstore/event_log.hpp"

namespace planexe::projections {

struct replayed_execution {
  domain::execution_state state;   ///< `exists()` is false for an id that was never created
  std::uint64_t snapshot_seq = 0;  ///< of the snapshot it was built from; 0: from the first event
};

/// The state after event `up_to_seq`, or after the last one. Starts from the snapshot where that is not too far ahead.
result<replayed_execution> replay_execution(const eventstore::event_log& log, const eventstore::derived_store& derived,
                                            const domain::execution_id& id, std::uint64_t up_to_seq = UINT64_MAX);

/// Seq of the last event recorded at or before `time`, among the first `last_seq`; 0 when there is none. Reads a few
/// events, however many there are. Times within an execution do not decrease, except where the clock was set back; then
/// it may be any of the events up to which, and not beyond which, it was not too late.
result<std::uint64_t> seq_at(const eventstore::event_log& log, const domain::execution_id& id, domain::timestamp time,
                             std::uint64_t last_seq);

result<domain::agent_state> replay_agent(const eventstore::event_log& log, const domain::agent_id& id);

/// How the switch stands.
result<domain::switch_state> replay_switch(const eventstore::event_log& log);

/// Every key that was ever made.
result<domain::key_ring> replay_keys(const eventstore::event_log& log);

/// The plan of a stream `plan/ID`; `errc::not_found` when there is none.
result<std::shared_ptr<const domain::plan>> load_plan(const eventstore::event_log& log, const domain::plan_id& id);

domain::stream_id stream_of(const domain::execution_id& id);
domain::stream_id stream_of(const domain::agent_id& id);
domain::stream_id stream_of(const domain::plan_id& id);
domain::stream_id switch_stream();
domain::stream_id key_stream();
/// Who was erased.
domain::stream_id erasure_stream();
/// Of what has left the log.
domain::stream_id archive_stream();

}  // namespace planexe::projections
