// Reading a data folder beside its writer, or without one: everything durable is seen, and nothing in the folder
// changes.
#include <rocksdb/db.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "eventstore/backup.hpp"
#include "eventstore/keys.hpp"
#include "tests/eventstore/lab.hpp"
#include "tests/without_rights.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

std::unique_ptr<const rocksdb_store> reader_of(const std::string& folder) {
  auto reader = rocksdb_store::open_to_read(folder);
  if (!reader) FAIL(reader.error().detail);
  return std::move(*reader);
}

/// Every file below the folder with its bytes and the time of its last change.
std::map<std::string, std::pair<std::string, std::filesystem::file_time_type>> contents_of(const std::string& folder) {
  std::map<std::string, std::pair<std::string, std::filesystem::file_time_type>> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) {
      found[entry.path().string()] = {};
      continue;
    }
    std::ifstream file(entry.path(), std::ios::binary);
    found[entry.path().string()] = {std::string(std::istreambuf_iterator<char>(file), {}), entry.last_write_time()};
  }
  return found;
}

TEST_CASE("a reader beside the writer sees what is durable and goes on seeing that moment") {
  const scratch_folder folder;
  const auto writer = open_store(folder.data());
  REQUIRE(append(*writer, {noting(execution("a"), 0, {"a1", "a2"})}));
  const auto before = contents_of(folder.path());
  {
    const auto reader = reader_of(folder.data());
    CHECK(notes_of(reader->read_stream(execution("a"), 0, 10)) == std::vector<std::string>{"a1", "a2"});
    CHECK(notes_of(reader->read_all(1, 10)) == std::vector<std::string>{"a2"});
    CHECK(contents_of(folder.path()) == before);

    REQUIRE(append(*writer, {noting(execution("a"), 2, {"a3"})}));
    CHECK(reader->head()->position == 2);
    CHECK(notes_of(reader->read_stream(execution("a"), 0, 10)).size() == 2);
    CHECK(notes_of(reader_of(folder.data())->read_stream(execution("a"), 2, 10)) == std::vector<std::string>{"a3"});
  }
  REQUIRE(append(*writer, {noting(execution("a"), 3, {"a4"})}));
  CHECK(writer->head()->position == 4);
}

TEST_CASE("a reader sees snapshots and views of the writer") {
  const scratch_folder folder;
  const auto writer = open_store(folder.data());
  REQUIRE(append(*writer, {noting(execution("a"), 0, {"a1"})}));
  REQUIRE(writer->save_snapshot(execution("a"), {1, "as it was"}));
  derived_store::view_write rows;
  rows.view = "rows.1";
  rows.checkpoint = 1;
  rows.puts = {{"k", "v"}};
  REQUIRE(writer->write_view(rows));
  REQUIRE(append(*writer, {noting(execution("a"), 1, {"a2"})}));  // whose sync takes the others along

  const auto reader = reader_of(folder.data());
  const auto snapshot = reader->load_snapshot(execution("a"));
  REQUIRE(snapshot);
  REQUIRE(*snapshot);
  CHECK((*snapshot)->bytes == "as it was");
  const auto view = reader->load_view("rows.1");
  REQUIRE(view);
  CHECK(view->checkpoint == 1);
  CHECK(view->rows == std::vector<std::pair<std::string, std::string>>{{"k", "v"}});
  CHECK(reader->load_view("no such view")->checkpoint == 0);
}

TEST_CASE("a folder that nobody has open is read as it lies there, and a writer finds it unlocked") {
  const scratch_folder folder;
  for (int round = 0; round < 2; ++round) {
    const auto writer = open_store(folder.data());
    const auto version = static_cast<std::uint64_t>(round);
    REQUIRE(append(*writer, {noting(execution("a"), version, {"a" + std::to_string(round)})}));
  }
  const auto before = contents_of(folder.path());
  const auto reader = reader_of(folder.data());
  CHECK(notes_of(reader->read_stream(execution("a"), 0, 10)) == std::vector<std::string>{"a0", "a1"});
  CHECK(contents_of(folder.path()) == before);
  const auto writer = open_store(folder.data());
  CHECK(append(*writer, {noting(execution("a"), 2, {"a2"})}));
}

TEST_CASE("a reader makes nothing where there is nothing") {
  const scratch_folder folder;
  const auto absent = rocksdb_store::open_to_read(folder.data());
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == errc::not_found);
  CHECK_FALSE(std::filesystem::exists(folder.data()));
  const auto other = rocksdb_store::open_to_read(folder.path());
  REQUIRE_FALSE(other);
  CHECK(other.error().code == errc::not_found);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a reader refuses a folder whose log has lost its end") {
  const scratch_folder folder;
  {
    const auto writer = open_store(folder.data());
    REQUIRE(append(*writer, {noting(execution("a"), 0, {"a1"})}));
  }
  std::ofstream(folder.data() + "/HEAD") << "9 " << std::string(64, 'a') << '\n';
  const auto reader = rocksdb_store::open_to_read(folder.data());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == errc::corrupt);
}

// Small buffers, so that tables are written, merged and deleted all the time.
TEST_CASE("readers that come while tables are written and merged see a log without a hole") {
  const scratch_folder folder;
  rocksdb_settings small;
  small.write_buffer_bytes = 64 << 10;
  const auto writer = open_store(folder.data(), small);
  constexpr std::uint64_t batches = 1'000, per_batch = 4;
  std::atomic<std::uint64_t> written = 0;
  std::jthread writing([&] {
    for (std::uint64_t batch = 0; batch < batches; ++batch) {
      std::vector<std::string> notes;
      for (std::uint64_t i = 0; i < per_batch; ++i) notes.push_back(std::string(200, static_cast<char>('a' + i)));
      if (!append(*writer, {noting(execution("e" + std::to_string(batch % 7)), batch / 7 * per_batch, notes)})) return;
      written = (batch + 1) * per_batch;
    }
  });
  std::size_t readers = 0;
  while (written < batches * per_batch) {
    const auto durable = written.load();
    const auto reader = reader_of(folder.data());
    const auto head = reader->head();
    REQUIRE(head);
    CHECK(head->position >= durable);
    const auto events = reader->read_all(0, 100'000);
    if (!events) FAIL(events.error().detail);
    REQUIRE(events->size() == head->position);
    ++readers;
  }
  CHECK(readers > 0);
}

/// One table, and a reader that has it open.
std::unique_ptr<const rocksdb_store> reader_of_a_table(const std::string& folder) {
  for (std::uint64_t round = 0; round < 2; ++round)
    REQUIRE(append(*open_store(folder), {noting(execution("a"), round, {"a"})}));
  return reader_of(folder);
}

std::vector<std::string> tables_in(const std::string& folder) {
  std::vector<std::string> tables;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().extension() == ".sst") tables.push_back(file.path().string());
  return tables;
}

TEST_CASE("a table that a writer has replaced since the reader came is not missed") {
  const scratch_folder folder;
  const auto reader = reader_of_a_table(folder.data());
  const auto before = tables_in(folder.data());
  {
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open(rocksdb::Options(), folder.data(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> writer(opened);
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    REQUIRE(writer->CompactRange(all, nullptr, nullptr).ok());
  }
  for (const auto& table : before) CHECK_FALSE(std::filesystem::exists(table));
  CHECK(check_tables(*reader).empty());
  CHECK_FALSE(check_opening(*reader));
  CHECK(notes_of(reader->read_stream(execution("a"), 0, 10)).size() == 2);
}

TEST_CASE("a table that is taken away under a reader, or cut, is a fault") {
  const scratch_folder folder;
  const auto reader = reader_of_a_table(folder.data());
  CHECK(check_tables(*reader).empty());
  const auto table = tables_in(folder.data()).front();
  SUBCASE("taken away") {
    std::filesystem::remove(table);
  }
  SUBCASE("cut") {
    std::filesystem::resize_file(table, std::filesystem::file_size(table) - 1);
  }
  const auto faults = check_tables(*reader);
  REQUIRE(faults.size() == 1);
  CHECK(faults.front().what.find(std::filesystem::path(table).filename().string()) != std::string::npos);
}

// The engine's own way to read beside a writer would show an older state instead.
TEST_CASE("a folder with a table that is cut or missing is refused by every reader with the way to save it") {
  const scratch_folder folder;
  reader_of_a_table(folder.data()).reset();
  const auto tables = tables_in(folder.data());
  REQUIRE(tables.size() >= 2);
  for (const auto& table : tables) {
    CAPTURE(table);
    const auto damaged = folder.path() + "/damaged";
    for (const bool cut : {true, false}) {
      std::filesystem::remove_all(damaged);
      std::filesystem::copy(folder.data(), damaged);
      const auto name = damaged + "/" + std::filesystem::path(table).filename().string();
      if (cut)
        std::filesystem::resize_file(name, std::filesystem::file_size(name) - 1);
      else
        std::filesystem::remove(name);
      const auto writer = rocksdb_store::open(damaged);
      const auto reader = rocksdb_store::open_to_read(damaged);
      const auto backup = back_up_folder(damaged, {.target = folder.path() + "/backup"});
      REQUIRE_FALSE(writer);
      REQUIRE_FALSE(reader);
      REQUIRE_FALSE(backup);
      for (const auto& why : {writer.error(), reader.error(), backup.error()}) {
        CHECK(why.code == errc::corrupt);
        CHECK(why.detail.find("planexe-ax salvage") != std::string::npos);
      }
      CHECK_FALSE(std::filesystem::exists(folder.path() + "/backup"));
      const auto checked = rocksdb_store::open_to_check(damaged);
      CHECK((!checked || check_opening(**checked)));
    }
  }
}

TEST_CASE("a log without its format is damaged and not absent") {
  const scratch_folder folder;
  reader_of_a_table(folder.data()).reset();
  {
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open(rocksdb::Options(), folder.data(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> writer(opened);
    REQUIRE(writer->Delete(rocksdb::WriteOptions(), keys::format()).ok());
  }
  const auto reader = rocksdb_store::open_to_read(folder.data());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == errc::corrupt);
  CHECK(reader.error().detail.find("planexe-ax salvage") != std::string::npos);
}

TEST_CASE("a folder that is just being made has no data yet") {
  const scratch_folder folder;
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open(options, folder.data(), &opened).ok());
    delete opened;
  }
  const auto reader = rocksdb_store::open_to_read(folder.data());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == errc::not_found);
}

TEST_CASE("a folder that may not be looked into is said to be so and neither empty nor damaged") {
  const scratch_folder folder;
  reader_of_a_table(folder.data()).reset();
  const auto check = [](const error& why) {
    CHECK(why.code == errc::io);
    CHECK(why.detail.find("Permission denied") != std::string::npos);
    CHECK(why.detail.find("salvage") == std::string::npos);
  };
  std::string closed = folder.data();
  SUBCASE("the folder") {}
  SUBCASE("CURRENT") {
    closed += "/CURRENT";
  }
  SUBCASE("a table") {
    closed = tables_in(folder.data()).front();
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const tests::without_rights barred(closed);
  const auto reader = rocksdb_store::open_to_read(folder.data());
  const auto checked = rocksdb_store::open_to_check(folder.data());
  const auto backup = back_up_folder(folder.data(), {.target = folder.path() + "/backup"});
  REQUIRE_FALSE(reader);
  REQUIRE_FALSE(checked);
  REQUIRE_FALSE(backup);
  check(reader.error());
  check(checked.error());
  check(backup.error());
}

}  // namespace
}  // namespace planexe::eventstore
