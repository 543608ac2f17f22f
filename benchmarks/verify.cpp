// How long it takes to check a whole log: a million events of two thousand executions, sixty-four of them at the same
// time, with their views and snapshots, in a folder that was closed in good order and is read from the page cache.
#include "audit/verify.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/recorded_life.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/memory_store.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "projections/replay.hpp"
#include "projections/view_set.hpp"

namespace {

using namespace planexe;

constexpr std::size_t side_by_side = 64;  // executions whose events mix in the log
constexpr std::size_t events_a_turn = 8;  // of one execution in a row
constexpr std::size_t events_a_write = 512;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "verify: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T checked(result<T> value) {
  if (!value) stop(value.error().detail);
  return std::move(*value);
}

/// Some executions, read a few events at a time.
struct told_life {
  domain::stream_id stream;
  eventstore::memory_store log;
  std::uint64_t read = 0;
};

class writer {
 public:
  explicit writer(eventstore::rocksdb_store& store) : store_(store) {}
  /// False when there is no more of it.
  bool turn(told_life& life) {
    auto events = checked(life.log.read_stream(life.stream, life.read, events_a_turn));
    auto stored = checked(life.log.read_stored(life.stream, life.read, events_a_turn));
    if (events.empty()) return false;
    eventstore::append_request request{.stream = life.stream, .expected_version = life.read};
    for (auto& each : stored) request.bytes.push_back(std::move(each.bytes));
    request.events = std::move(events);
    life.read += request.events.size();
    pending_ += request.events.size();
    batch_.push_back(std::move(request));
    if (pending_ >= events_a_write) write();
    return true;
  }
  void write() {
    store_.append(std::exchange(batch_, {}), [](const auto& outcomes) {
      if (!outcomes) stop(outcomes.error().detail);
    });
    pending_ = 0;
  }

 private:
  eventstore::rocksdb_store& store_;
  std::vector<eventstore::append_request> batch_;
  std::size_t pending_ = 0;
};

void write_log(eventstore::rocksdb_store& store, std::uint64_t events, std::uint64_t events_each) {
  writer out(store);
  std::uint64_t begun = 0;
  const auto executions = (events + events_each - 1) / events_each;
  while (begun < executions) {
    std::vector<std::unique_ptr<told_life>> crowd;
    for (; crowd.size() < side_by_side && begun < executions; ++begun) {
      crowd.push_back(std::make_unique<told_life>());
      auto& life = *crowd.back();
      const domain::execution_id id{"execution-" + std::to_string(begun)};
      life.stream = projections::stream_of(id);
      if (auto told = benchmarks::record_life(life.log, id, events_each); !told) stop(told.error().detail);
    }
    while (!crowd.empty()) std::erase_if(crowd, [&](auto& life) { return !out.turn(*life); });
  }
  out.write();
}

void write_derived(eventstore::rocksdb_store& store) {
  projections::view_set views(store, store, 0.7);
  projections::projection_runner runner(store, store);
  for (auto* view : views.in_order()) runner.add(*view);
  if (auto started = runner.start(); !started) stop(started.error().detail);
  if (auto stored = runner.store(); !stored) stop(stored.error().detail);
  for (const auto* row : views.executions.rows()) {
    const auto state = checked(views.executions.peek(row->id));
    const eventstore::derived_store::snapshot taken{state->version, eventstore::encode_snapshot(*state)};
    if (auto saved = store.save_snapshot(projections::stream_of(row->id), taken); !saved) stop(saved.error().detail);
  }
}

/// That this process has had, over all of its threads: what else runs on the machine does not count.
double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

void measure(const char* what, const std::string& folder, const audit::verify_options& options) {
  const auto began = processor_seconds();
  const auto verdict = checked(audit::verify_folder(folder, options));
  const auto processor = processor_seconds() - began;
  if (!verdict.whole()) stop(verdict.unopened ? verdict.unopened->detail : verdict.findings.front().fault.what);
  const auto seconds = static_cast<double>(verdict.took.count()) / 1'000;
  const auto events = static_cast<double>(verdict.scan.events);
  std::printf("%-42s %6.2f s %10.0f events/s; processor %6.2f s %10.0f events/s\n", what, seconds, events / seconds,
              processor, events / processor);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures how long it takes to check a whole log."};
  std::uint64_t events = 1'000'000, events_each = 500;
  std::string folder;
  bool fresh = false;
  app.add_flag("--fresh", fresh, "write the log anew");
  app.add_option("--events", events, "of the whole log");
  app.add_option("--each", events_each, "of one execution");
  app.add_option("--folder", folder, "where the log is written, and kept; one that is there is used again")->required();
  CLI11_PARSE(app, argc, argv);
  if (fresh) std::filesystem::remove_all(folder);
  if (!std::filesystem::exists(folder)) {
    const auto store = checked(eventstore::rocksdb_store::open(folder));
    write_log(*store, events, events_each);
    write_derived(*store);
  }
  const auto all = checked(audit::verify_folder(folder, {.derived = false}));
  std::printf("%llu events, %.0f MB as stored, %llu executions\n", static_cast<unsigned long long>(all.scan.events),
              static_cast<double>(all.scan.bytes) / 1e6, static_cast<unsigned long long>(all.scan.streams[1]));
  measure("chains, indexes, every event decoded", folder, {.derived = false});
  measure("and snapshots and views against replay", folder, {});
  measure("and the tree for an anchor", folder, {.tree = true});
}
