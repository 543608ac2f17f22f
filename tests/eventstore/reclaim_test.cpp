// The space of what has left the log is given back: not while the disk has no room for it, and no longer than the store
// is wanted.
#include <atomic>
#include <filesystem>

#include "tests/eventstore/faulty_disk.hpp"
#include "tests/eventstore/kept_archive.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;

/// Does something when a table is begun, and has as much room as it is told.
class watched_disk final : public faulty_disk {
 public:
  std::atomic<rocksdb_store*> stops{nullptr};  ///< whose giving back ends with the next table
  std::atomic<std::uint64_t> room{UINT64_MAX};

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* out,
                                    rocksdb::IODebugContext* dbg) override {
    if (name.ends_with(".sst"))
      if (auto* const store = stops.exchange(nullptr)) store->stop_reclaiming();
    return faulty_disk::NewWritableFile(name, options, out, dbg);
  }
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* free,
                                 rocksdb::IODebugContext* dbg) override {
    if (room == UINT64_MAX) return faulty_disk::GetFreeSpace(path, options, free, dbg);
    *free = room;
    return rocksdb::IOStatus::OK();
  }
};

/// A log of two streams in tables; one of them has left.
struct left_log {
  scratch_folder folder;
  std::shared_ptr<watched_disk> disk = std::make_shared<watched_disk>();
  std::shared_ptr<kept_archive> archive = std::make_shared<kept_archive>();
  std::unique_ptr<rocksdb_store> store;

  left_log() {
    open();
    for (std::uint64_t seq = 0; seq < 20; ++seq)
      REQUIRE(append(*store, {noting(execution("leaves"), seq, {"l"}), noting(execution("stays"), seq, {"s"})}));
    REQUIRE(append(*store, {leaving(*store, *archive, execution("leaves"))})->front().committed);
    open();
  }
  void open() {
    store.reset();
    auto settings = settings_on(disk);
    settings.archive = archive;
    store = open_store(folder.data(), settings);
  }
  /// Whether something is still to be done: it is refused for want of room.
  bool has_space_to_give() {
    disk->room = 0;
    const auto done = store->reclaim();
    disk->room = UINT64_MAX;
    return !done;
  }
  void check_goes_on() {
    const auto head = store->head_of(execution("stays"));
    REQUIRE(head);
    REQUIRE(append(*store, {noting(execution("stays"), head->version, {"s"})})->front().committed);
    CHECK(notes_of(store->read_stream(execution("stays"), 0, 100)) ==
          std::vector<std::string>(head->version + 1, std::string("s")));
    CHECK(notes_of(store->read_stream(execution("leaves"), 0, 100)).size() == 20);
    CHECK(store->read_all(0, 1'000)->size() == store->head()->position);
  }
};

}  // namespace

TEST_CASE("giving space back ends when the store is to be closed, and the next process does it") {
  left_log log;
  SUBCASE("before it began") {
    log.store->stop_reclaiming();
    REQUIRE(log.store->reclaim());
  }
  SUBCASE("while tables are written") {
    log.disk->stops = log.store.get();
    REQUIRE(log.store->reclaim());
    REQUIRE(log.disk->stops == nullptr);
  }
  CHECK(log.has_space_to_give());
  log.check_goes_on();
  log.open();
  log.check_goes_on();
  CHECK(log.has_space_to_give());
  REQUIRE(log.store->reclaim());
  CHECK(!log.has_space_to_give());
  log.check_goes_on();
}

TEST_CASE("space is not given back where the disk has no room for the new tables, and later it is") {
  left_log log;
  log.disk->room = 64 * megabyte;
  const auto refused = log.store->reclaim();
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::too_large);
  CHECK(refused.error().detail.find("its disk has 64 MB left") != std::string::npos);
  log.check_goes_on();
  log.disk->room = 66 * megabyte;
  REQUIRE(log.store->reclaim());
  CHECK(!log.has_space_to_give());
  log.check_goes_on();
}

TEST_CASE("where there is room for a part of what has left its space is given back part by part") {
  constexpr std::uint64_t spare = 64 * megabyte;  // what is kept free for the log itself
  const scratch_folder folder;
  const auto disk = std::make_shared<watched_disk>();
  const auto archive = std::make_shared<kept_archive>();
  auto settings = settings_on(disk);
  settings.archive = archive;
  settings.compressed = false;
  settings.write_buffer_bytes = megabyte;
  auto store = open_store(folder.data(), settings);
  const auto fill = [&](const std::string& id, std::uint64_t notes) {
    for (std::uint64_t seq = 0; seq < notes; ++seq)
      REQUIRE(append(*store, {noting(execution(id), seq, {std::string(megabyte / 4, 'n')})})->front().committed);
  };
  const auto leave = [&](const std::string& id) {
    REQUIRE(append(*store, {leaving(*store, *archive, execution(id))})->front().committed);
  };
  const auto in_tables = [&] {
    store.reset();
    store = open_store(folder.data(), settings);
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.data()))
      if (file.path().extension() == ".sst") bytes += file.file_size();
    return bytes;
  };
  fill("first", 1);
  for (const auto* id : {"a", "b"}) fill(id, 24);
  fill("small", 1);
  fill("last", 1);
  for (const auto* id : {"first", "last"}) leave(id);
  REQUIRE(in_tables() > 12 * megabyte);
  REQUIRE(store->reclaim());  // the tables between the two are written anew, in order

  SUBCASE("what the first gives back is room for the next") {
    for (const auto* id : {"a", "b"}) leave(id);
    REQUIRE(in_tables() > 12 * megabyte);
    disk->room = spare + 10 * megabyte;
    REQUIRE(store->reclaim());
    CHECK(in_tables() < 3 * megabyte);
  }
  SUBCASE("one that there is no room for keeps no other from it") {
    for (const auto* id : {"a", "small"}) leave(id);
    const auto before = in_tables();
    REQUIRE(before > 12 * megabyte);
    disk->room = spare + 4 * megabyte;
    const auto refused = store->reclaim();
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::too_large);
    CHECK(in_tables() + megabyte / 5 < before);
    disk->room = spare + 10 * megabyte;
    REQUIRE(store->reclaim());
    CHECK(in_tables() < 8 * megabyte);
    disk->room = 0;
    CHECK(store->reclaim());  // nothing is left to do
  }
  for (const auto* id : {"a", "b", "small"}) CHECK(!notes_of(store->read_stream(execution(id), 0, 100)).empty());
}

}  // namespace planexe::eventstore
