// Folders that no server wrote: keys that none has, numbers that lie far apart. What checks or saves a folder says so
// and goes on.
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include <algorithm>

#include "eventstore/log_scan.hpp"
#include "eventstore/raw_files.hpp"
#include "eventstore/stored_values.hpp"
#include "tests/eventstore/lab.hpp"
#include "tests/folder_files.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

using key_and_value = std::pair<std::string, std::string>;

void put(const std::string& folder, const std::vector<key_and_value>& rows) {
  rocksdb::DB* opened = nullptr;
  REQUIRE(rocksdb::DB::Open({}, folder, &opened).ok());
  const std::unique_ptr<rocksdb::DB> database{opened};
  for (const auto& [key, value] : rows) REQUIRE(database->Put({}, key, value).ok());
}

scan_result scanned(const std::string& folder) {
  const auto store = rocksdb_store::open_to_read(folder);
  REQUIRE(store);
  auto found = scan_log(**store, [](const auto&, const auto&) { return true; });
  REQUIRE(found);
  return std::move(*found);
}

bool tells_of(const scan_result& found, const std::string& words) {
  return std::any_of(found.faults.begin(), found.faults.end(),
                     [&](const auto& fault) { return fault.what.find(words) != std::string::npos; });
}

TEST_CASE("a key among the names of streams that is none is told of and harms no stream") {
  for (const bool has_streams : {false, true}) {
    CAPTURE(has_streams);
    const scratch_folder folder;
    {
      const auto store = open_store(folder.data(), spared_disk());
      if (has_streams) REQUIRE(append(*store, {noting(execution("a"), 0, {"one"})}));
    }
    put(folder.data(), {{keys::stream_name(1) + "x", "x"}});  // behind the first name, or the first
    const auto found = scanned(folder.data());
    CHECK(found.faults_found == 1);
    CHECK(tells_of(found, "stands a key that is none"));
    CHECK(found.damaged.empty());
    CHECK(found.streams[static_cast<std::size_t>(domain::stream_kind::execution)] == (has_streams ? 1 : 0));
  }
}

TEST_CASE("names that are missing are gone through up to a bound in all, however they are spread") {
  const scratch_folder folder;
  open_store(folder.data(), spared_disk());
  std::vector<key_and_value> rows = {{keys::log_head(), stored_form(log_place{{}, UINT64_MAX})}};
  for (const std::uint64_t number : {60'000U, 120'000U, 180'000U})
    rows.emplace_back(keys::stream_name(number), std::string("\1x", 2) + std::to_string(number));
  put(folder.data(), rows);
  const auto found = scanned(folder.data());
  CHECK(tells_of(found, "stream number 120000 does not follow on number 60000"));
  CHECK(found.faults_found > most_faults);
}

const std::string sound_block(8'192, 's'), bad_block(8'192, 'b');

/// What is read of a table with these rows, each in a block of its own, one of which has another byte than was written.
struct damaged_reading {
  std::vector<std::string> keys;
  std::string damage;
};
damaged_reading read_damaged(const std::vector<key_and_value>& rows) {
  const scratch_folder folder;
  const auto path = folder.path() + "/crafted.sst";
  rocksdb::Options options;
  options.compression = rocksdb::kNoCompression;
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
  REQUIRE(writer.Open(path).ok());
  for (const auto& [key, block] : rows) REQUIRE(writer.Put(key, block).ok());
  REQUIRE(writer.Finish().ok());
  auto files = tests::read_files(folder.path());
  auto& bytes = files.at("crafted.sst");
  bytes[bytes.find(bad_block) + 100] = 'c';
  tests::write_files(folder.path(), files);

  damaged_reading found;
  found.damage = read_table(path, [&](std::string_view key, std::string_view) { found.keys.emplace_back(key); }).damage;
  return found;
}

TEST_CASE("behind a bad block that ends with a stream the next stream is read whole") {
  std::vector<std::string> expected;
  for (std::uint64_t stream = 2; stream <= 3; ++stream)
    for (std::uint64_t seq = 1; seq <= 3; ++seq) expected.push_back(keys::event(stream, seq));
  expected.push_back(keys::log_head());
  std::vector<key_and_value> rows = {{keys::event(1, 1), bad_block}};
  for (const auto& key : expected) rows.emplace_back(key, sound_block);
  const auto found = read_damaged(rows);
  CHECK(found.keys == expected);
  CHECK(found.damage.find("checksum mismatch") != std::string::npos);
}

TEST_CASE("behind the greatest key of a table that has a bad block nothing is looked for") {
  const std::string greatest_number = "e" + std::string(16, '\xff');
  for (const auto& key : {std::string(3, '\xff'), greatest_number}) {
    CAPTURE(key);
    const auto found = read_damaged({{key, sound_block}, {key + '\xff', bad_block}});
    CHECK(found.keys == std::vector<std::string>{key});
    CHECK(found.damage.find("checksum mismatch") != std::string::npos);
  }
}

}  // namespace
}  // namespace planexe::eventstore
