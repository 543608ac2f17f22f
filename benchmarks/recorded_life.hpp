// The life of one execution as agents would make it, written into a log: hundreds of leaves, eight agents at the same
// time, reports with messages and outputs. The same arguments give the same events. One thread.
#pragma once

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "eventstore/event_log.hpp"

namespace planexe::benchmarks {

/// Appends about `events` events, of which the first holds the plan, in steps of a few hundred.
result<void> record_life(eventstore::event_log& log, const domain::execution_id& id, std::size_t events);

}  // namespace planexe::benchmarks
