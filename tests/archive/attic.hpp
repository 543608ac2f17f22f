// A data folder with its archive, as the server has them.
#pragma once

#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"
#include "tests/eventstore/kept_archive.hpp"
#include "tests/folder_files.hpp"
#include "tests/projections/chronicle.hpp"

#include "archive/archiving.hpp"

namespace planexe::archive::testing {

using eventstore::testing::append;
using eventstore::testing::execution;
using eventstore::testing::note_of;
using eventstore::testing::notes_of;
using eventstore::testing::noting;
using tests::content_of;
using tests::put;

inline const records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

struct attic {
  attic() { open(); }

  void open() {
    store.reset();
    folder = std::make_shared<const archive_folder>(folder_in(place.data()));
    auto settings = eventstore::testing::spared_disk();
    settings.archive = folder;
    store = eventstore::testing::open_store(place.data(), settings);
  }
  /// An execution with so many events, which nothing but the log understands.
  void note(const std::string& id, std::uint64_t events, std::size_t bytes = 10) {
    for (std::uint64_t seq = 0; seq < events; ++seq)
      REQUIRE(append(*store, {noting(execution(id), seq, {std::to_string(seq) + std::string(bytes, 'x')})}));
  }
  /// The executions of a chronicle, in its order.
  void take(const tests::chronicle& from) {
    for (const auto& batch : from.batches) {
      eventstore::append_request request;
      for (const auto& event : batch->events) {
        request.stream = event.stream;
        request.bytes.push_back(eventstore::encode(event.payload, event.metadata));
        request.events.push_back(event);
      }
      request.expected_version = request.events.front().seq - 1;
      const auto outcomes = append(*store, {std::move(request)});
      REQUIRE(outcomes);
      REQUIRE(outcomes->front().committed);
    }
  }
  /// Its file, and its way out of the log.
  records::written_file leave(const std::string& id) {
    const auto file = folder->write(*store, execution(id), as_api);
    if (!file) FAIL(file.error().detail);
    auto planned = store->plan_retirement(execution(id), file->digest);
    REQUIRE(planned);
    eventstore::append_request request;
    request.stream = projections::archive_stream();
    request.retires = std::make_shared<const eventstore::retirement>(std::move(*planned));
    REQUIRE(append(*store, {std::move(request)})->front().committed);
    return *file;
  }
  std::string file_of(const std::string& id) const { return folder->file_of(execution(id)); }

  eventstore::testing::scratch_folder place;
  std::shared_ptr<const archive_folder> folder;
  std::unique_ptr<eventstore::rocksdb_store> store;
};

}  // namespace planexe::archive::testing
