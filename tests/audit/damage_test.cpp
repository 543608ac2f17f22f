// Every byte of every file of a data folder, changed and cut: verify finds it, or the log is byte for byte what it was.
// A part of the bytes at a time; `PLANEXE_DAMAGE_STRIDE=1` takes them all.
#include <doctest/doctest.h>

#include "eventstore/codec.hpp"
#include "tests/audit/recorded_folder.hpp"
#include "tests/eventstore/lab.hpp"
#include "tests/folder_files.hpp"

namespace planexe::tests {
namespace {

constexpr std::size_t usual_stride = 20;

/// The files of a log, what it says, and an anchor of its end.
struct sound_log {
  contents files;
  whole_log log;
  std::optional<audit::anchor> anchor;
};

sound_log closed_log() {
  const recorded_folder folder(3, 6);
  return {read_files(folder.path()), log_in(folder.path()), std::nullopt};
}

/// As a server leaves it that was killed: the newest events are in the write-ahead log alone. A write that was never
/// finished looks the same there as one that was cut off, so that an anchor is needed to tell.
sound_log killed_log() {
  const recorded_folder folder(3, 6);
  const auto store = eventstore::rocksdb_store::open(folder.path());
  REQUIRE(store);
  auto events = (*store)->read_stream(folder.execution, 0, 1);
  REQUIRE(events);
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    eventstore::append_request request{.stream = {domain::stream_kind::execution, "late"}, .expected_version = seq - 1};
    auto record = events->front();
    record.stream = request.stream;
    record.seq = seq;
    request.bytes.push_back(eventstore::encode(record.payload, record.metadata));
    request.events.push_back(std::move(record));
    (*store)->append({std::move(request)}, [](const auto& outcomes) { REQUIRE(outcomes); });
  }
  const auto verdict = folder.verify({.tree = true});
  REQUIRE(verdict.whole());
  return {read_files(folder.path()), log_in(folder.path()),
          audit::make_anchor(verdict.scan.head.position, verdict.scan.head.hash, *verdict.tree, {}, audit::draw_key())};
}

struct tally {
  std::uint64_t found = 0, harmless = 0;
  std::uint64_t missed_in_tables = 0;  ///< of those that were harmless
};

/// Nearly every byte of a table counts: the rest fills its footer. Other files hold much that nobody reads back.
void check_sensible(const tally& count) {
  MESSAGE(count.found, " found, ", count.harmless, " harmless, ", count.missed_in_tables, " of these in tables");
  CHECK(count.found > 100);
  CHECK(20 * count.missed_in_tables < count.found);
}

/// What verify passes must be the very log, and a server must be able to begin on it.
void check(const std::string& folder, const sound_log& sound, tally& count) {
  const auto verdict = audit::verify_folder(folder, {.before = sound.anchor});
  if (!verdict || !verdict->whole()) {
    ++count.found;
    CHECK((verdict ? first_of(*verdict) : verdict.error().detail) != "");
    return;
  }
  ++count.harmless;
  CHECK(log_in(folder) == sound.log);
  const auto store = eventstore::rocksdb_store::open(folder, eventstore::testing::spared_disk());
  if (!store) FAIL_CHECK(store.error().detail);
  if (store) CHECK((*store)->head()->position == sound.log.back().position);
}

template <class Damage>
tally damage_all(const sound_log& sound, Damage damage) {
  const scratch_folder scratch;
  const auto folder = scratch / "data";
  tally count;
  for (const auto& [name, content] : sound.files) {
    if (name.starts_with("LOG")) continue;  // what the engine tells people; nobody reads it back
    CAPTURE(name);
    for (std::size_t at = 0; at < content.size(); at += damage_stride(usual_stride)) {
      CAPTURE(at);
      contents damaged = sound.files;
      damage(damaged[name], at);
      write_files(folder, damaged);
      const auto harmless = count.harmless;
      check(folder, sound, count);
      if (name.ends_with(".sst")) count.missed_in_tables += count.harmless - harmless;
    }
  }
  return count;
}

void flip(std::string& content, std::size_t at) {
  content[at] = static_cast<char>(content[at] ^ 0x11);
}
void cut(std::string& content, std::size_t at) {
  content.resize(at);
}

}  // namespace

TEST_CASE("a changed byte of a closed log is found or harmless") {
  check_sensible(damage_all(closed_log(), flip));
}

TEST_CASE("a closed log cut anywhere is found or harmless") {
  check_sensible(damage_all(closed_log(), cut));
}

TEST_CASE("a changed byte of a log whose server was killed is found by an anchor or harmless") {
  check_sensible(damage_all(killed_log(), flip));
}

TEST_CASE("a log whose server was killed that is cut anywhere is found by an anchor or harmless") {
  check_sensible(damage_all(killed_log(), cut));
}

TEST_CASE("any missing file of a log is found or harmless") {
  for (const auto& sound : {closed_log(), killed_log()}) {
    const scratch_folder scratch;
    const auto folder = scratch / "data";
    tally count;
    for (const auto& [name, content] : sound.files) {
      CAPTURE(name);
      contents damaged = sound.files;
      damaged.erase(name);
      write_files(folder, damaged);
      check(folder, sound, count);
    }
    CHECK(count.found > 0);
  }
}

}  // namespace planexe::tests
