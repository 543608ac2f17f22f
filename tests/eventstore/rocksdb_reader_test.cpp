// Reading a data folder beside its writer, or without one: everything durable is seen, and nothing in the folder
// changes.
#include <rocksdb/db.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/eventstore/lab.hpp"

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

}  // namespace
}  // namespace planexe::eventstore
