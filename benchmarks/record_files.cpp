// How long it takes to open a record file and to write one: an execution of so many events, plain and compressed, read
// with and without comparing what is shown of each event.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "eventstore/codec.hpp"
#include "gateway/json/render_event.hpp"
#include "records/export.hpp"
#include "records/load.hpp"
#include "records/writer.hpp"

namespace {

using namespace planexe;

constexpr records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

double milliseconds_of(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// Tasks handed out, reported about and completed, with outputs of some hundred bytes.
domain::execution_event event_at(std::uint64_t seq) {
  const domain::task_id task{"phase-1.task-" + std::to_string(seq / 3)};
  const domain::agent_id agent{"agent-" + std::to_string(seq % 7)};
  switch (seq % 3) {
    case 0:
      return domain::task_assigned{task, agent, 1, "lease-0123456789abcdef0123456789abcdef", {}, "the longest free"};
    case 1:
      return domain::task_progress{task, agent, 50, "half of it is done"};
    default:
      return domain::task_complete{task, agent, R"({"summary":")" + std::string(200, 'x') + R"("})", "done"};
  }
}

void fill(eventstore::memory_store& log, std::uint64_t events) {
  eventstore::append_request request;
  request.stream = {domain::stream_kind::execution, "exec-1"};
  for (std::uint64_t seq = 1; seq <= events; ++seq) {
    domain::event_record record;
    record.stream = request.stream;
    record.seq = seq;
    record.metadata.recorded_at = domain::timestamp{std::chrono::seconds{1'700'000'000 + seq}};
    record.metadata.actor = "agent:agent-1";
    record.payload = event_at(seq);
    request.bytes.push_back(eventstore::encode(record.payload, record.metadata));
    request.events.push_back(std::move(record));
  }
  std::vector<eventstore::append_request> batch;
  batch.push_back(std::move(request));
  log.append(std::move(batch), [](const auto&) {});
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures record files"};
  std::uint64_t events = 10'000;
  int rounds = 5;
  app.add_option("--events", events, "how many");
  app.add_option("--rounds", rounds, "the best of so many counts");
  CLI11_PARSE(app, argc, argv);
  eventstore::memory_store log;
  fill(log, events);
  const auto folder = std::filesystem::temp_directory_path();
  for (const auto packed : {records::packing::plain, records::packing::zstd}) {
    const bool plain = packed == records::packing::plain;
    const auto path =
        (folder / ("planexe-records-" + std::to_string(events) + (plain ? ".jsonl" : ".jsonl.zst"))).string();
    double write = 1e9, chain = 1e9, all = 1e9;
    bool sound = true;
    for (int round = 0; round < rounds; ++round) {
      write = std::min(write, milliseconds_of([&] {
                         auto writer = records::record_writer::create(path, {.shown = as_api, .packed = packed});
                         sound = sound && writer &&
                                 records::each_of_log(log, [&](const auto& event) { return writer->write(event); }) &&
                                 writer->finish();
                       }));
      chain = std::min(chain, milliseconds_of([&] { sound = sound && records::load(path); }));
      all = std::min(all, milliseconds_of([&] { sound = sound && records::load(path, as_api); }));
    }
    if (!sound) return 1;
    std::printf("%-6s %llu events, %ju bytes: written in %.1f ms, opened in %.1f ms, with 'data' compared in %.1f ms\n",
                plain ? "plain" : "zstd", static_cast<unsigned long long>(events),
                static_cast<std::uintmax_t>(std::filesystem::file_size(path)), write, chain, all);
    std::filesystem::remove(path);
  }
}
