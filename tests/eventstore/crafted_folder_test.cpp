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

TEST_CASE("behind a bad block that ends with a stream the next stream is read whole") {
  const scratch_folder folder;
  const auto path = folder.path() + "/crafted.sst";
  rocksdb::Options options;
  options.compression = rocksdb::kNoCompression;
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
  REQUIRE(writer.Open(path).ok());
  const std::string bad_block(8'192, 'b'), good_block(8'192, 'g');
  std::vector<std::string> expected;
  REQUIRE(writer.Put(keys::event(1, 1), bad_block).ok());
  for (std::uint64_t stream = 2; stream <= 3; ++stream)
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
      expected.push_back(keys::event(stream, seq));
      REQUIRE(writer.Put(expected.back(), good_block).ok());
    }
  expected.push_back(keys::log_head());
  REQUIRE(writer.Put(expected.back(), good_block).ok());
  REQUIRE(writer.Finish().ok());
  auto files = tests::read_files(folder.path());
  auto& bytes = files.at("crafted.sst");
  bytes[bytes.find(bad_block) + 100] = 'c';
  tests::write_files(folder.path(), files);

  std::vector<std::string> found;
  const auto reading = read_table(path, [&](std::string_view each, std::string_view) { found.emplace_back(each); });
  CHECK(found == expected);
  CHECK(reading.damage.find("checksum mismatch") != std::string::npos);
}

TEST_CASE("behind the greatest key of a table that has a bad block nothing is looked for") {
  const scratch_folder folder;
  const auto path = folder.path() + "/crafted.sst";
  const std::string greatest_number = "e" + std::string(16, '\xff');
  for (const auto& key : {std::string(3, '\xff'), greatest_number}) {
    CAPTURE(key);
    rocksdb::Options options;
    options.compression = rocksdb::kNoCompression;
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
    REQUIRE(writer.Open(path).ok());
    const std::string whole_block(8'192, 'a'), bad_block(8'192, 'b');
    REQUIRE(writer.Put(key, whole_block).ok());
    REQUIRE(writer.Put(key + '\xff', bad_block).ok());
    REQUIRE(writer.Finish().ok());
    auto files = tests::read_files(folder.path());
    auto& bytes = files.at("crafted.sst");
    bytes[bytes.find(bad_block) + 100] = 'c';
    tests::write_files(folder.path(), files);

    std::vector<std::string> found;
    const auto reading = read_table(path, [&](std::string_view each, std::string_view) { found.emplace_back(each); });
    CHECK(found == std::vector<std::string>{key});
    CHECK(reading.damage.find("checksum mismatch") != std::string::npos);
  }
}

}  // namespace
}  // namespace planexe::eventstore
