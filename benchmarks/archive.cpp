// What it takes for executions to leave the log, and to be read from the archive afterwards: files written, synced,
// read back and compared; the log without them; an archived execution opened at any point; the whole log read through
// it.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/recorded_life.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"

#include "archive/archiving.hpp"

namespace {

using namespace planexe;

constexpr records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "archive: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T checked(result<T> value) {
  if (!value) stop(value.error().detail);
  return std::move(*value);
}

double seconds_of(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double megabytes_in(const std::string& folder, const std::string& extension) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().extension() == extension) bytes += file.file_size();
  return static_cast<double>(bytes) / 1e6;
}

domain::execution_id id_of(int number) {
  return {"execution-" + std::to_string(number)};
}

/// Without looking whether it is over.
void leave(eventstore::rocksdb_store& store, const archive::archive_folder& folder, const domain::stream_id& stream) {
  const auto file = checked(folder.write(store, stream, as_api));
  eventstore::append_request request;
  request.stream = projections::archive_stream();
  request.retires = std::make_shared<const eventstore::retirement>(checked(store.plan_retirement(stream, file.digest)));
  std::vector<eventstore::append_request> batch;
  batch.push_back(std::move(request));
  store.append(std::move(batch), [](const auto& outcomes) {
    if (!outcomes || !outcomes->front().committed) stop("the log does not let it go");
  });
}

std::unique_ptr<eventstore::rocksdb_store> opened(const std::string& folder) {
  return checked(eventstore::rocksdb_store::open(
      folder, {.archive = std::make_shared<const archive::archive_folder>(archive::folder_in(folder))}));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures how executions leave the log, and how they are read afterwards."};
  int executions = 20;
  std::size_t events_each = 10'000;
  int rounds = 9;
  std::string data;
  app.add_option("--executions", executions, "that leave; one more stays");
  app.add_option("--each", events_each, "events of one");
  app.add_option("--rounds", rounds, "of opening; the median counts")->check(CLI::PositiveNumber);
  app.add_option("--folder", data, "where the log is written; it must not be there")->required();
  CLI11_PARSE(app, argc, argv);
  if (std::filesystem::exists(data)) stop(data + " is there already");

  auto store = opened(data);
  for (int number = 0; number <= executions; ++number)
    if (auto told = benchmarks::record_life(*store, id_of(number), events_each); !told) stop(told.error().detail);
  store.reset();
  const auto before = megabytes_in(data, ".sst");
  store = opened(data);
  const auto events = checked(store->head()).position;
  const archive::archive_folder folder(archive::folder_in(data));
  const auto left = seconds_of([&] {
    for (int number = 0; number < executions; ++number) leave(*store, folder, projections::stream_of(id_of(number)));
  });
  const auto reclaimed = seconds_of([&] {
    if (auto done = store->reclaim(); !done) stop(done.error().detail);
  });
  store.reset();
  store = opened(data);
  std::printf("%llu events of %d executions; %d leave\n", static_cast<unsigned long long>(events), executions + 1,
              executions);
  std::printf("%-52s %9.2f s %12.0f events/s\n", "written, read back, taken out of the log", left,
              static_cast<double>(events_each) * executions / left);
  std::printf("%-52s %9.2f s\n", "their space given back", reclaimed);
  std::printf("%-52s %9.1f MB -> %.1f MB, archive %.1f MB\n", "the log's tables", before, megabytes_in(data, ".sst"),
              megabytes_in(folder.path(), ".zst"));
  const auto version = checked(store->head_of(projections::stream_of(id_of(0)))).version;
  for (const auto seq : {version, version / 2, std::uint64_t{1}}) {
    std::vector<double> first, again;
    for (int round = 0; round < rounds; ++round) {
      store.reset();
      store = opened(data);  // and with it the archive, which then has read nothing yet
      const auto open = [&] { (void)checked(projections::replay_execution(*store, *store, id_of(0), seq)); };
      first.push_back(seconds_of(open));
      again.push_back(seconds_of(open));
    }
    std::printf("an archived execution opened at event %-14llu %9.1f ms, again %.1f ms\n",
                static_cast<unsigned long long>(seq), median_of(first) * 1'000, median_of(again) * 1'000);
  }
  std::uint64_t position = 0;
  const auto read = seconds_of([&] {
    constexpr std::size_t at_once = 1'000;
    while (position < events) position = checked(store->read_all(position, at_once)).back().position;
  });
  std::printf("%-52s %9.2f s %12.0f events/s\n", "the whole log read through the archive", read,
              static_cast<double>(events) / read);
}
