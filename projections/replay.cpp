#include "projections/replay.hpp"

#include <algorithm>

#include "eventstore/codec.hpp"

namespace planexe::projections {
namespace {

constexpr std::size_t chunk = 1'000;  // events read at a time

template <class State, class Event>
void evolve_by(State& state, const Event& event, const domain::event_record& record) {
  domain::evolve(state, event, {record.seq, record.metadata.recorded_at});
}
void evolve_by(domain::key_ring& ring, const domain::system_event& event, const domain::event_record& record) {
  domain::evolve(ring, event, {record.seq, record.metadata.recorded_at}, record.metadata.actor);
}

/// Applies the events after `from`, up to and with `to`.
template <class State, class Event>
result<void> apply_events(const eventstore::event_log& log, const domain::stream_id& stream, std::uint64_t from,
                          std::uint64_t to, State& state) {
  while (from < to) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, to - from));
    const auto records = log.read_stream(stream, from, wanted);
    if (!records) return unexpected{records.error()};
    for (const auto& record : *records) {
      const auto* event = std::get_if<Event>(&record.payload);
      if (event == nullptr) return unexpected{error{errc::corrupt, "a stranger's event in stream '" + stream.id + "'"}};
      evolve_by(state, *event, record);
    }
    if (records->empty()) return {};
    from += records->size();
  }
  return {};
}

}  // namespace

domain::stream_id stream_of(const domain::execution_id& id) {
  return {domain::stream_kind::execution, id.value};
}
domain::stream_id stream_of(const domain::agent_id& id) {
  return {domain::stream_kind::agent, id.value};
}
domain::stream_id stream_of(const domain::plan_id& id) {
  return {domain::stream_kind::plan, id.value};
}
domain::stream_id switch_stream() {
  return {domain::stream_kind::system, "switch"};
}

result<domain::switch_state> replay_switch(const eventstore::event_log& log) {
  domain::switch_state state;
  auto applied = apply_events<domain::switch_state, domain::system_event>(log, switch_stream(), 0, UINT64_MAX, state);
  if (!applied) return unexpected{applied.error()};
  return state;
}

domain::stream_id archive_stream() {
  return {domain::stream_kind::system, "archive"};
}

domain::stream_id key_stream() {
  return {domain::stream_kind::system, "keys"};
}

domain::stream_id erasure_stream() {
  return {domain::stream_kind::system, "erasures"};
}

result<domain::key_ring> replay_keys(const eventstore::event_log& log) {
  domain::key_ring ring;
  auto applied = apply_events<domain::key_ring, domain::system_event>(log, key_stream(), 0, UINT64_MAX, ring);
  if (!applied) return unexpected{applied.error()};
  return ring;
}

result<replayed_execution> replay_execution(const eventstore::event_log& log, const eventstore::derived_store& derived,
                                            const domain::execution_id& id, std::uint64_t up_to_seq) {
  const auto stream = stream_of(id);
  const auto head = log.head_of(stream);
  if (!head) return unexpected{head.error()};
  const auto last = std::min(up_to_seq, head->version);
  replayed_execution replayed;
  auto applied = apply_events<domain::execution_state, domain::execution_event>(
      log, stream, 0, std::min<std::uint64_t>(last, 1), replayed.state);
  if (!applied) return unexpected{applied.error()};
  const auto snapshot = derived.load_snapshot(stream);
  if (!snapshot) return unexpected{snapshot.error()};
  if (*snapshot && (*snapshot)->seq <= last && replayed.state.exists()) {
    // A snapshot that cannot be read costs a longer replay and nothing else.
    auto carried = replayed.state;
    if (eventstore::decode_snapshot((*snapshot)->bytes, carried) && carried.version == (*snapshot)->seq) {
      replayed.state = std::move(carried);
      replayed.snapshot_seq = replayed.state.version;
    }
  }
  applied = apply_events<domain::execution_state, domain::execution_event>(log, stream, replayed.state.version, last,
                                                                           replayed.state);
  if (!applied) return unexpected{applied.error()};
  return replayed;
}

result<std::uint64_t> seq_at(const eventstore::event_log& log, const domain::execution_id& id, domain::timestamp time,
                             std::uint64_t last_seq) {
  const auto stream = stream_of(id);
  const auto head = log.head_of(stream);
  if (!head) return unexpected{head.error()};
  // What is at or before `low` is not too late, what is from `high` on is.
  std::uint64_t low = 0, high = std::min(last_seq, head->version) + 1;
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    const auto record = log.read_stream(stream, middle - 1, 1);
    if (!record) return unexpected{record.error()};
    if (record->empty()) return unexpected{error{errc::corrupt, "event " + std::to_string(middle) + " is missing"}};
    (record->front().metadata.recorded_at <= time ? low : high) = middle;
  }
  return low;
}

result<domain::agent_state> replay_agent(const eventstore::event_log& log, const domain::agent_id& id) {
  domain::agent_state state;
  auto applied = apply_events<domain::agent_state, domain::agent_event>(log, stream_of(id), 0, UINT64_MAX, state);
  if (!applied) return unexpected{applied.error()};
  return state;
}

result<std::shared_ptr<const domain::plan>> load_plan(const eventstore::event_log& log, const domain::plan_id& id) {
  const auto records = log.read_stream(stream_of(id), 0, 1);
  if (!records) return unexpected{records.error()};
  if (records->empty()) return unexpected{error{errc::not_found, "no plan '" + id.value + "'"}};
  const auto* event = std::get_if<domain::plan_event>(&records->front().payload);
  if (event == nullptr) return unexpected{error{errc::corrupt, "a stranger's event in plan '" + id.value + "'"}};
  return std::get<domain::plan_imported>(*event).source;
}

}  // namespace planexe::projections
