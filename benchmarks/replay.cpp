// How fast executions are replayed: every event read from the log, its hash checked, decoded and applied, on one core;
// and how long one of ten thousand events takes to open at any point. Times are the processor's, of the one thread that
// does it all, so that what else runs on the machine does not count; the wall clock's stand beside them.
#include "projections/replay.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/recorded_life.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/memory_store.hpp"
#include "eventstore/rocksdb_store.hpp"

namespace {

using namespace planexe;
using domain::execution_id;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "replay: %s\n", why.c_str());
  std::exit(1);
}

struct elapsed {
  double processor = 0;  ///< seconds
  double wall = 0;
};

elapsed measure(const std::function<void()>& work) {
  const auto processor = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const auto begin = processor();
  const auto wall_begin = std::chrono::steady_clock::now();
  work();
  return {processor() - begin, std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_begin).count()};
}

/// Of so many runs the median.
elapsed median(std::size_t runs, const std::function<void()>& work) {
  std::vector<elapsed> times;
  for (std::size_t i = 0; i < runs; ++i) times.push_back(measure(work));
  std::sort(times.begin(), times.end(), [](const auto& a, const auto& b) { return a.processor < b.processor; });
  return times[times.size() / 2];
}

std::uint64_t version_in(const eventstore::event_log& log, const execution_id& id) {
  const auto head = log.head_of(projections::stream_of(id));
  if (!head) stop(head.error().detail);
  return head->version;
}

const eventstore::memory_store no_snapshots;

domain::execution_state replayed(const eventstore::event_log& log, const execution_id& id, std::uint64_t seq) {
  auto state = projections::replay_execution(log, no_snapshots, id, seq);
  if (!state) stop(state.error().detail);
  if (state->state.version != seq) stop("not all events were applied");
  return std::move(state->state);
}

void rate(const char* name, std::uint64_t events, const elapsed& time) {
  std::printf("  %-44s %9.0f events/s  (%.0f by the wall clock)\n", name, static_cast<double>(events) / time.processor,
              static_cast<double>(events) / time.wall);
}

/// Of one execution's stored events the parts of the work, one by one.
void measure_parts(const eventstore::event_log& log, const execution_id& id, std::size_t runs) {
  const auto stored = log.read_stored(projections::stream_of(id), 0, {SIZE_MAX, SIZE_MAX});
  if (!stored) stop(stored.error().detail);
  std::size_t bytes = 0;
  for (const auto& each : *stored) bytes += each.seq > 1 ? each.bytes.size() : 0;
  std::printf("  one execution: %zu events of %zu bytes, the first with its plan of %zu\n", stored->size(),
              bytes / (stored->size() - 1), stored->front().bytes.size());
  rate("  hash links alone", stored->size(), median(runs, [&] {
         domain::sha256_digest previous{};
         for (const auto& each : *stored) {
           previous = eventstore::link(previous, each.bytes);
           if (previous != each.hash) stop("a hash link is wrong");
         }
       }));
  std::vector<eventstore::decoded_event> events;
  rate("  decoding alone", stored->size(), median(runs, [&] {
         events.clear();
         for (const auto& each : *stored) {
           auto event = eventstore::decode(each.bytes);
           if (!event) stop(event.error().detail);
           events.push_back(std::move(*event));
         }
       }));
  rate("  applying alone", stored->size(), median(runs, [&] {
         domain::execution_state state;
         std::uint64_t seq = 0;
         for (const auto& each : events)
           domain::evolve(state, std::get<domain::execution_event>(each.payload), {++seq, each.metadata.recorded_at});
       }));
}

void measure_log(const char* name, const eventstore::event_log& log, std::size_t executions, std::size_t runs) {
  std::uint64_t events = 0;
  const auto id_of = [](std::size_t i) { return execution_id{"execution-" + std::to_string(i)}; };
  for (std::size_t i = 0; i < executions; ++i) events += version_in(log, id_of(i));
  rate(name, events, median(runs, [&] {
         for (std::size_t i = 0; i < executions; ++i) replayed(log, id_of(i), version_in(log, id_of(i)));
       }));
}

/// The median of each point; the slowest of them is printed.
void measure_opening(const eventstore::event_log& log, const execution_id& id, std::size_t runs) {
  const auto last = version_in(log, id);
  elapsed slowest, slowest_time;
  std::uint64_t slowest_seq = 0;
  constexpr std::uint64_t points = 20;
  for (std::uint64_t i = 0; i <= points; ++i) {
    const auto seq = std::max<std::uint64_t>(1, last * i / points);
    domain::timestamp at{};
    const auto opened = median(runs, [&] { at = replayed(log, id, seq).updated_at; });
    if (opened.processor > slowest.processor) {
      slowest = opened;
      slowest_seq = seq;
    }
    const auto found = median(runs, [&] {
      const auto known = projections::seq_at(log, id, at, last);
      if (!known || *known < seq) stop("the seq of a time is not found");
    });
    if (found.processor > slowest_time.processor) slowest_time = found;
  }
  std::printf(
      "  an execution of %llu events opens at any of %llu points in %.1f ms at most (%.1f by the wall clock, at "
      "seq %llu); the seq of a time is found in %.2f ms\n",
      static_cast<unsigned long long>(last), static_cast<unsigned long long>(points + 1), 1e3 * slowest.processor,
      1e3 * slowest.wall, static_cast<unsigned long long>(slowest_seq), 1e3 * slowest_time.processor);
}

void record(eventstore::event_log& log, std::size_t executions, std::size_t events, std::size_t large) {
  for (std::size_t i = 0; i < executions; ++i)
    if (auto done = benchmarks::record_life(log, {"execution-" + std::to_string(i)}, events); !done)
      stop(done.error().detail);
  if (auto done = benchmarks::record_life(log, {"large"}, large); !done) stop(done.error().detail);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures how fast executions are replayed."};
  std::string folder;
  std::size_t executions = 20, events = 5'000, large = 10'000, runs = 9;
  app.add_option("--folder", folder, "an empty folder on the disk to measure on")->required();
  app.add_option("--executions", executions)->check(CLI::PositiveNumber);
  app.add_option("--events", events, "of each execution")->check(CLI::Range(100, 1'000'000));
  app.add_option("--runs", runs, "of each measurement; the median counts")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);

  const auto data = std::filesystem::path(folder) / "replay.data";
  std::filesystem::remove_all(data);
  {
    auto made = eventstore::rocksdb_store::open(data.string());
    if (!made) stop(made.error().detail);
    record(**made, executions, events, large);
  }
  auto store = eventstore::rocksdb_store::open(data.string());
  if (!store) stop(store.error().detail);
  std::printf("replay on one core, %zu executions, median of %zu runs:\n", executions, runs);
  measure_log("read, checked, decoded and applied (RocksDB)", **store, executions, runs);
  eventstore::memory_store memory;
  record(memory, executions, events, large);
  measure_log("the same from memory", memory, executions, runs);
  measure_parts(memory, {"execution-0"}, runs);
  measure_opening(**store, {"large"}, runs);
  store->reset();
  std::filesystem::remove_all(data);
  return 0;
}
