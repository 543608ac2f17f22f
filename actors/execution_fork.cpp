#include "actors/execution_fork.hpp"

#include <caf/send.hpp>

#include "actors/environment.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::actors {
namespace {

using namespace domain;

constexpr std::size_t chunk = 100;  // events read at a time

/// What belongs to the step of the last event that is taken over; few events, for a step is one decision.
result<std::vector<event_record>> rest_of_step(const eventstore::event_log& log, const event_record& last) {
  std::vector<event_record> rest;
  while (true) {
    const auto& before = rest.empty() ? last : rest.back();
    auto records = log.read_stream(last.stream, before.seq, chunk);
    if (!records) return unexpected{records.error()};
    for (auto& record : *records) {
      if (!is_same_step(rest.empty() ? last : rest.back(), record)) return rest;
      rest.push_back(std::move(record));
    }
    if (records->empty()) return rest;
  }
}

/// Adds an event as the fork has it.
void add(eventstore::append_request& append, event payload, event_metadata metadata) {
  append.events.push_back({.stream = append.stream,
                           .seq = append.events.size() + 1,
                           .position = 0,
                           .metadata = std::move(metadata),
                           .payload = std::move(payload),
                           .hash = {}});
}

std::string inherited_bytes(const event_record& record) {
  auto metadata = record.metadata;
  metadata.inherited = true;
  return eventstore::encode(record.payload, metadata);
}

}  // namespace

result<fork_source> read_fork_source(const eventstore::event_log& log, const execution_id& origin, std::uint64_t seq) {
  const auto stream = projections::stream_of(origin);
  const auto head = log.head_of(stream);
  if (!head) return unexpected{head.error()};
  if (head->version == 0) return unexpected{error{errc::not_found, "no execution '" + origin.value + "'"}};
  if (seq == 0 || seq > head->version)
    return unexpected{error{errc::invalid, "the execution has events 1 to " + std::to_string(head->version)}};
  if (seq > most_forked_events)
    return unexpected{
        error{errc::too_large, "a fork takes over at most " + std::to_string(most_forked_events) + " events"}};
  fork_source source{.origin = origin, .version = head->version};
  std::size_t size = 0;
  while (source.events.size() < seq) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, seq - source.events.size()));
    auto records = log.read_stream(stream, source.events.size(), wanted);
    if (!records) return unexpected{records.error()};
    if (records->empty()) return unexpected{error{errc::corrupt, "'" + origin.value + "' ends too early"}};
    for (auto& record : *records) {
      const auto* event = std::get_if<execution_event>(&record.payload);
      if (event == nullptr)
        return unexpected{error{errc::corrupt, "a stranger's event in stream '" + origin.value + "'"}};
      evolve(source.state, *event, {record.seq, record.metadata.recorded_at});
      source.bytes.push_back(inherited_bytes(record));
      size += source.bytes.back().size();
      source.events.push_back(std::move(record));
    }
    if (size > most_forked_bytes)
      return unexpected{
          error{errc::too_large, "a fork takes over at most " + std::to_string(most_forked_bytes >> 20U) + " MiB"}};
  }
  auto rest = rest_of_step(log, source.events.back());
  if (!rest) return unexpected{rest.error()};
  source.beyond = std::move(*rest);
  return source;
}

void append_fork(environment& env, fork_source source, const fork_execution& wanted, const execution_id& fork,
                 const std::string& actor, std::unique_ptr<execution_reply> reply) {
  const auto now = env.time.now();
  const std::shared_ptr<execution_reply> shared = std::move(reply);
  auto decided = decide_fork(source.state, {source.origin, &source.events.back(), source.beyond}, wanted, now);
  if (!decided) {
    (void)shared->prepare(fork, source.state, {.rejection = std::move(decided.error()), .recorded_at = now});
    return shared->deliver();
  }
  auto item = std::make_shared<commit_item>();
  auto& append = item->append;
  append.stream = projections::stream_of(fork);
  append.bytes = std::move(source.bytes);
  for (auto& record : source.events) {
    record.metadata.inherited = true;
    add(append, std::move(record.payload), std::move(record.metadata));
  }
  auto state = std::move(source.state);
  const auto taken_over = state.version;
  for (auto& [event, said_by] : *decided) {
    const event_metadata metadata{.recorded_at = now, .actor = said_by.empty() ? actor : said_by};
    evolve(state, event, {state.version + 1, now});
    domain::event stored{std::move(event)};
    append.bytes.push_back(eventstore::encode(stored, metadata));
    add(append, std::move(stored), metadata);
  }
  const command_outcome outcome{.rejection = {},
                                .first_seq = taken_over + 1,
                                .recorded = static_cast<std::uint32_t>(state.version - taken_over),
                                .recorded_at = now,
                                .duplicate_of = {}};
  if (auto kept = shared->prepare(fork, state, outcome)) append.answers.push_back(std::move(*kept));
  item->on_durable = [&env, fork, shared] {
    env.directory.tell(fork, wake_atom_v);  // its actor loads it, and sets its deadlines
    shared->deliver();
  };
  item->on_conflict = [] {};  // the id is taken, which drawn ids never are; the dropped reply says 503
  caf::anon_send(env.committer, append_atom_v, std::move(item));
}

}  // namespace planexe::actors
