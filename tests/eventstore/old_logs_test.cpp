// Data folders that earlier releases wrote, as they lie in tests/data/logs: read as they are, upgraded by the first
// start, and the same log afterwards. One of a later release is refused.
#include <fstream>

#include "eventstore/backup.hpp"
#include "eventstore/hash_chain.hpp"
#include "tests/eventstore/faulty_disk.hpp"
#include "tests/eventstore/lab.hpp"

namespace planexe::eventstore {
namespace {

namespace fs = std::filesystem;
using namespace testing;

struct old_log {
  const char* name;
  std::uint64_t events;
  const char* head;
};
const old_log old_logs[] = {
    {"format_1_closed", 23, "a1d2814cc685dbd2a31792e1f8d18aa5c56f844e6b73b70b054578a9cfd50239"},
    {"format_1_killed", 23, "1189b70645ea9de10594772a471eeb1ee4aaa8cb160804c704a5d9292eb50615"},
};

std::string copy_of(const char* name, const scratch_folder& folder) {
  fs::copy(fs::path(OLD_LOGS_FOLDER) / name, folder.data(), fs::copy_options::recursive);
  return folder.data();
}

void check_log(const event_log& log, const old_log& old) {
  const auto head = log.head();
  REQUIRE(head);
  CHECK(head->position == old.events);
  CHECK(to_hex(head->hash) == old.head);
  const auto events = log.read_all(0, 1'000);
  if (!events) FAIL(events.error().detail);
  REQUIRE(events->size() == old.events);
  domain::sha256_digest chained{};
  for (const auto& event : *events) chained = link_log(chained, event.position, event.hash);
  CHECK(to_hex(chained) == old.head);
  std::size_t executions = 0;
  const auto streams = log.list_streams(0, 100);
  REQUIRE(streams);
  for (const auto& stream : *streams) {
    executions += stream.stream.kind == domain::stream_kind::execution;
    const auto stored = log.read_stored(stream.stream, 0, 1'000);
    REQUIRE(stored);
    CHECK(stored->size() == stream.head.version);
  }
  CHECK(executions == 2);
}

}  // namespace

TEST_CASE("a log of an earlier release is read as it is and upgraded by its first opening") {
  for (const auto& old : old_logs) {
    CAPTURE(old.name);
    const scratch_folder folder;
    const auto data = copy_of(old.name, folder);
    {
      const auto reader = rocksdb_store::open_to_read(data);
      if (!reader) FAIL(reader.error().detail);
      check_log(**reader, old);
    }
    const backup_order before{.target = folder.path() + "/before", .release = "0.1.0", .now = {}, .go_on = {}};
    const auto untouched = back_up_folder(data, before);
    if (!untouched) FAIL(untouched.error().detail);
    CHECK(to_hex(untouched->head.hash) == old.head);
    {
      auto store = open_store(data, spared_disk());
      check_log(*store, old);
      REQUIRE(append(*store, {noting(execution("new"), 0, {"one more"})}));
    }
    auto again = open_store(data, spared_disk());
    CHECK(again->head()->position == old.events + 1);
    REQUIRE(verify_backup(folder.path() + "/before"));
    REQUIRE(restore_backup(folder.path() + "/before", folder.path() + "/restored"));
    check_log(*open_store(folder.path() + "/restored", spared_disk()), old);
  }
}

TEST_CASE("a folder of a later release is refused in one line by whoever opens or reads or copies it") {
  const scratch_folder folder;
  const auto data = copy_of("format_9", folder);
  const std::string line =
      "the data folder " + data + " has format 9, written by a newer release; this one reads up to 2";
  const auto opened = rocksdb_store::open(data);
  REQUIRE(!opened);
  CHECK(opened.error().code == errc::newer_version);
  CHECK(opened.error().detail == line);
  const auto reader = rocksdb_store::open_to_read(data);
  REQUIRE(!reader);
  CHECK(reader.error().detail == line);
  const backup_order order{.target = folder.path() + "/backup", .release = "0.1.0", .now = {}, .go_on = {}};
  const auto copied = back_up_folder(data, order);
  REQUIRE(!copied);
  CHECK(copied.error().code == errc::newer_version);
  CHECK(!fs::exists(folder.path() + "/backup"));
}

}  // namespace planexe::eventstore
