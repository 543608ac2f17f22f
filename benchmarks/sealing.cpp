// sealing: what it costs that a person's words are sealed when they are stored. The same report of a task's completion,
// with a message and a result of some size, by an agent and by a person: through the store's append (in memory, batches
// of a hundred) and through reading it back. One thread, no disk. Prints microseconds an event.
//
// usage: sealing [EVENTS [RESULT_BYTES]]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "eventstore/codec.hpp"
#include "eventstore/memory_store.hpp"

namespace {

using namespace planexe;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t batch_events = 100;

struct cost {
  double encode_us = 0, append_us = 0, read_us = 0;
};

double microseconds_each(clock_type::time_point since, std::size_t events) {
  return std::chrono::duration<double, std::micro>(clock_type::now() - since).count() / static_cast<double>(events);
}

void must(bool done) {
  if (done) return;
  std::fputs("the store refuses\n", stderr);
  std::exit(1);
}

void append(eventstore::memory_store& store, eventstore::append_request request) {
  std::vector<eventstore::append_request> batch;
  batch.push_back(std::move(request));
  store.append(std::move(batch), [](const auto& outcomes) { must(outcomes && outcomes->front().committed); });
}

void enroll(eventstore::memory_store& store, const std::string& agent) {
  eventstore::append_request request;
  request.stream = {domain::stream_kind::agent, agent};
  domain::event event{
      domain::agent_event{domain::agent_registered{{.name = agent, .kind = domain::agent_kind::human}}}};
  request.bytes.push_back(eventstore::encode(event, {}));
  request.events.push_back({request.stream, 1, 0, {}, std::move(event), {}});
  append(store, std::move(request));
}

cost measure(const std::string& actor, bool is_person, std::size_t events, std::size_t result_bytes) {
  eventstore::memory_store store;
  if (is_person) enroll(store, "ann");
  const domain::stream_id stream{domain::stream_kind::execution, "e"};
  const domain::event event{domain::execution_event{domain::task_complete{
      {"1.1"}, {"ann"}, "\"" + std::string(result_bytes, 'r') + "\"", "done, with a word on how it went"}}};
  const domain::event_metadata metadata{.recorded_at = domain::timestamp{std::chrono::hours{500'000}}, .actor = actor};
  cost found;
  std::uint64_t seq = 0;
  clock_type::duration encoding{}, appending{};
  while (seq < events) {
    eventstore::append_request request;
    request.stream = stream;
    request.expected_version = seq;
    const auto begun = clock_type::now();
    for (std::size_t i = 0; i < batch_events; ++i) {
      request.bytes.push_back(eventstore::encode(event, metadata));
      request.events.push_back({stream, ++seq, 0, metadata, event, {}});
    }
    const auto encoded = clock_type::now();
    append(store, std::move(request));
    encoding += encoded - begun;
    appending += clock_type::now() - encoded;
  }
  found.encode_us = std::chrono::duration<double, std::micro>(encoding).count() / static_cast<double>(seq);
  found.append_us = std::chrono::duration<double, std::micro>(appending).count() / static_cast<double>(seq);
  const auto begun = clock_type::now();
  const auto read = store.read_stream(stream, 0, {seq, SIZE_MAX});
  must(read && read->size() == seq);
  found.read_us = microseconds_each(begun, seq);
  return found;
}

void print(const char* who, const cost& found) {
  std::printf("%-28s encode %6.2f us   append %6.2f us   read and check %6.2f us\n", who, found.encode_us,
              found.append_us, found.read_us);
}

}  // namespace

int main(int argc, char** argv) {
  const auto events = static_cast<std::size_t>(argc > 1 ? std::atoll(argv[1]) : 100'000);
  const auto result_bytes = static_cast<std::size_t>(argc > 2 ? std::atoll(argv[2]) : 200);
  print("an agent's (not sealed)", measure("agent:bot", false, events, result_bytes));
  print("a human agent's (2 pieces)", measure("agent:ann", true, events, result_bytes));
  print("a key holder's (3 pieces)", measure("Cora Miller", false, events, result_bytes));
  return 0;
}
