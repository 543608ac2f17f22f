// What verify says of a log that was changed behind the store's back, with all of RocksDB's checksums right: whoever
// can write the folder can do that, and the chains are there to tell.
#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "eventstore/codec.hpp"
#include "eventstore/stored_values.hpp"
#include "tests/audit/recorded_folder.hpp"

namespace planexe::tests {
namespace {

using namespace eventstore;

void drop(rocksdb::DB& database, const std::string& key) {
  REQUIRE(database.Delete(rocksdb::WriteOptions(), key).ok());
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const audit::finding* finding_in(const audit::log_verdict& verdict, std::string_view layer) {
  for (const auto& each : verdict.findings)
    if (each.in == layer) return &each;
  return nullptr;
}

/// `e1`, of which seq 3 was damaged: two events stand, and every other stream does.
void check_third_is_lost(const audit::log_verdict& verdict, std::size_t streams) {
  REQUIRE(verdict.scan.damaged.size() == 1);
  CHECK(verdict.scan.damaged.front().stream.id == "e1");
  CHECK(verdict.scan.damaged.front().stands_to == 2);
  CHECK(verdict.scan.damaged.front().version > 3);
  std::size_t whole = 0;
  for (const auto count : verdict.scan.streams) whole += count;
  CHECK(whole == streams - 1);
}

std::size_t streams_in(const recorded_folder& folder) {
  std::size_t streams = 0;
  for (const auto count : folder.verify().scan.streams) streams += count;
  return streams;
}

}  // namespace

TEST_CASE("a log that nobody touched is whole in all of its parts") {
  const recorded_folder folder;
  const auto log = log_in(folder.path());
  const auto verdict = folder.verify({.tree = true});
  CHECK(first_of(verdict) == "");
  CHECK(verdict.whole());
  CHECK(verdict.scan.events == log.size());
  CHECK(verdict.scan.head.position == log.size());
  CHECK(verdict.scan.mark->position == log.size());
  CHECK(verdict.scan.chain_holds);
  CHECK(verdict.scan.streams[1] == 3);
  CHECK(verdict.scan.streams[3] == 1);
  CHECK(verdict.snapshots.equal == 3);
  for (const auto& view : verdict.views) {
    CHECK_MESSAGE(view.is == audit::standing::equal, view.name, ": ", view.detail);
    CHECK(view.checkpoint == log.size());
  }
  audit::merkle_tree tree;
  for (const auto& event : log) tree.add(audit::leaf_of(event.stream, event.seq, event.position, event.hash));
  CHECK(*verdict.tree == tree.root());
}

TEST_CASE("a changed event is named, and what stands beside it") {
  const recorded_folder folder;
  const auto streams = streams_in(folder);
  folder.tamper([&](rocksdb::DB& database) {
    const auto key = keys::event(number_of(database, folder.execution), 3);
    auto value = get(database, key);
    value.back() = static_cast<char>(value.back() ^ 1);
    put(database, key, value);
  });
  const auto verdict = folder.verify();
  CHECK(first_of(verdict) == "log: execution e1 seq 3: the hash chain is broken");
  CHECK(verdict.findings.front().fault.position > 0);
  check_third_is_lost(verdict, streams);
  CHECK(verdict.scan.chain_holds);  // the hashes are those that were stored: it is the bytes that changed
}

TEST_CASE("an event that was changed with all the hashes behind it breaks the chain of the log") {
  const recorded_folder folder;
  folder.tamper([&](rocksdb::DB& database) {
    const auto number = number_of(database, folder.execution);
    auto entry = *parse_stream(get(database, keys::stream(folder.execution)));
    domain::sha256_digest previous = parse_record(get(database, keys::event(number, 2)))->hash;
    for (std::uint64_t seq = 3; seq <= entry.head.version; ++seq) {
      const auto value = get(database, keys::event(number, seq));
      auto record = *parse_record(value);
      std::string bytes(record.bytes);
      if (seq == 3) {
        auto event = *decode(bytes);
        event.metadata.actor = "somebody else";
        bytes = encode(event.payload, event.metadata);
      }
      record.hash = previous = link(previous, bytes);
      record.bytes = bytes;
      put(database, keys::event(number, seq), stored_form(record));
    }
    entry.head.hash = previous;
    put(database, keys::stream(folder.execution), stored_form(entry));
  });
  const auto verdict = folder.verify();
  REQUIRE(finding_in(verdict, "log") != nullptr);
  CHECK(contains(first_of(verdict), "mark beside it"));
  CHECK_FALSE(verdict.scan.chain_holds);
  CHECK(verdict.scan.damaged.empty());
}

TEST_CASE("a missing event is named") {
  const recorded_folder folder;
  const auto streams = streams_in(folder);
  folder.tamper([&](rocksdb::DB& database) { drop(database, keys::event(number_of(database, folder.execution), 3)); });
  const auto verdict = folder.verify();
  CHECK(first_of(verdict) == "log: execution e1 seq 3: missing");
  check_third_is_lost(verdict, streams);
  CHECK_FALSE(verdict.scan.chain_holds);
}

TEST_CASE("gaps, swaps and strangers in the index are named") {
  const auto found = [](const std::function<void(rocksdb::DB&)>& change) {
    const recorded_folder folder;
    folder.tamper(change);
    return first_of(folder.verify());
  };
  CHECK(contains(found([](auto& database) { drop(database, keys::position(5)); }), "log position 5: missing"));
  CHECK(contains(found([](auto& database) {
                   const auto fifth = get(database, keys::position(5)), ninth = get(database, keys::position(9));
                   put(database, keys::position(5), ninth);
                   put(database, keys::position(9), fifth);
                 }),
                 "log: "));
  CHECK(contains(found([](auto& database) { put(database, keys::position(5), "nonsense"); }), "log position 5: "));
  CHECK(contains(found([](auto& database) {
                   put(database, keys::position(5), stored_form(stored_place{999, 1}));
                 }),
                 "log position 5: "));
  CHECK(contains(found([](auto& database) { put(database, keys::event(999, 1), "an event"); }), "without a name"));
  CHECK(contains(found([](auto& database) { drop(database, keys::stream_name(2)); }), "stream number 2"));
  CHECK(contains(found([](auto& database) { put(database, keys::log_head(), "short"); }), "head"));
  CHECK(contains(found([](auto& database) {
                   drop(database, keys::stream({domain::stream_kind::execution, "e1"}));
                 }),
                 "execution e1: its head cannot be read"));
  CHECK(contains(found([](auto& database) {
                   const auto number = number_of(database, {domain::stream_kind::execution, "e1"});
                   const auto last = parse_stream(get(database, keys::stream({domain::stream_kind::execution, "e1"})));
                   put(database, keys::event(number, last->head.version + 1), get(database, keys::event(number, 2)));
                 }),
                 "behind the stream's last event"));
}

namespace {

/// Cuts the log's last event as if it had never been: everything that is left fits together.
void cut_last(rocksdb::DB& database, const whole_log& log) {
  const auto& last = log.back();
  const auto number = number_of(database, last.stream);
  auto place = *parse_place(get(database, keys::log_head()));
  place.head.position = log.size() - 1;
  place.head.hash = {};
  for (std::size_t i = 0; i + 1 < log.size(); ++i)
    place.head.hash = link_log(place.head.hash, log[i].position, log[i].hash);
  REQUIRE(last.seq > 1);
  const auto before = parse_record(get(database, keys::event(number, last.seq - 1)))->hash;
  put(database, keys::stream(last.stream), stored_form(stream_entry{number, {last.seq - 1, before}}));
  drop(database, keys::event(number, last.seq));
  drop(database, keys::position(last.position));
  put(database, keys::log_head(), stored_form(place));
}

}  // namespace

TEST_CASE("an end that was cut off cleanly is found by the mark beside the log") {
  const recorded_folder folder;
  const auto log = log_in(folder.path());
  folder.tamper([&](rocksdb::DB& database) { cut_last(database, log); });
  const auto verdict = folder.verify();
  REQUIRE(finding_in(verdict, "log") != nullptr);
  CHECK(contains(finding_in(verdict, "log")->fault.what, "its end was cut off"));
}

TEST_CASE("an end that was cut off with its mark is found by an anchor alone") {
  const recorded_folder folder;
  const auto log = log_in(folder.path());
  const auto sound = folder.verify({.tree = true});
  const auto key = audit::draw_key();
  const auto anchor = audit::make_anchor(sound.scan.head.position, sound.scan.head.hash, *sound.tree, {}, key);
  CHECK(folder.verify({.before = anchor}).anchor_holds);

  folder.tamper([&](rocksdb::DB& database) { cut_last(database, log); });
  std::filesystem::remove(folder.path() + "/HEAD");
  const auto without = folder.verify({.derived = false});
  CHECK(first_of(without) == "");
  const auto with = folder.verify({.derived = false, .before = anchor});
  CHECK_FALSE(with.anchor_holds);
  CHECK(contains(first_of(with), "anchor: the log ends at position"));
}

TEST_CASE("an event that does not decode is named") {
  const recorded_folder folder;
  folder.tamper([&](rocksdb::DB& database) {
    const auto number = number_of(database, folder.execution);
    auto entry = *parse_stream(get(database, keys::stream(folder.execution)));
    const auto value = get(database, keys::event(number, entry.head.version));
    auto record = *parse_record(value);
    const auto before = parse_record(get(database, keys::event(number, entry.head.version - 1)))->hash;
    record.bytes = "\x01\x7f\x01";
    record.hash = entry.head.hash = link(before, record.bytes);
    put(database, keys::event(number, entry.head.version), stored_form(record));
    put(database, keys::stream(folder.execution), stored_form(entry));
  });
  const auto verdict = folder.verify();
  REQUIRE(finding_in(verdict, "codec") != nullptr);
  CHECK(contains(finding_in(verdict, "codec")->fault.what, "execution e1 seq "));
  REQUIRE(verdict.scan.damaged.size() == 1);
  CHECK(verdict.scan.damaged.front().stands_to + 1 == verdict.scan.damaged.front().version);
}

TEST_CASE("a view and a snapshot that are not what replay makes of the log are named") {
  const recorded_folder folder;
  std::string view;
  for (const auto& each : folder.verify().views)
    if (each.name.starts_with("executions.")) view = each.name;
  {
    auto store = rocksdb_store::open(folder.path());
    REQUIRE(store);
    auto rows = (*store)->load_view(view);
    REQUIRE(rows);
    REQUIRE(rows->rows.size() == 3);
    derived_store::view_write write{.view = view, .checkpoint = rows->checkpoint};
    write.deletes.push_back("e1");
    REQUIRE((*store)->write_view(write));
    const auto taken = (*store)->load_snapshot({domain::stream_kind::execution, "e2"});
    REQUIRE(taken);
    domain::execution_state other;
    other.version = (*taken)->seq;
    REQUIRE((*store)->save_snapshot({domain::stream_kind::execution, "e2"}, {(*taken)->seq, encode_snapshot(other)}));
  }
  const auto verdict = folder.verify();
  CHECK(verdict.findings_total == 2);
  CHECK(verdict.snapshots.equal == 2);
  CHECK(verdict.snapshots.differ == 1);
  CHECK(verdict.scan.damaged.empty());
  std::string all;
  for (const auto& each : verdict.findings) all += each.fault.what + "\n";
  CHECK(contains(all, "view " + view + ": row 'e1' is missing"));
  CHECK(contains(all, "execution e2: its snapshot after seq"));
}

TEST_CASE("a log is verified beside its writer, which goes on") {
  const recorded_folder folder;
  const auto writer = rocksdb_store::open(folder.path());
  REQUIRE(writer);
  CHECK(first_of(folder.verify()) == "");
  const auto head = (*writer)->head_of(folder.execution);
  append_request request{.stream = folder.execution, .expected_version = head->version};
  domain::event_record record{.stream = folder.execution, .seq = head->version + 1};
  record.payload = domain::execution_event{domain::task_skipped{{"1"}, "a note"}};
  request.bytes.push_back(encode(record.payload, record.metadata));
  request.events.push_back(std::move(record));
  (*writer)->append({std::move(request)}, [](const auto& outcomes) { REQUIRE(outcomes); });
  const auto verdict = folder.verify();
  CHECK(first_of(verdict) == "");
  CHECK(verdict.scan.head.position == (*writer)->head()->position);
}

// Small buffers, so that tables are written, merged and deleted all the time.
TEST_CASE("a log is never said to be damaged while its writer writes and merges tables") {
  const recorded_folder folder;
  auto writer = rocksdb_store::open(folder.path(), {.write_buffer_bytes = 64 << 10});
  REQUIRE(writer);
  constexpr std::uint64_t batches = 1'500;
  std::atomic<std::uint64_t> written = 0;
  std::jthread writing([&] {
    const domain::stream_id stream{domain::stream_kind::execution, "busy"};
    for (std::uint64_t seq = 1; seq <= batches; ++seq, ++written) {
      append_request request{.stream = stream, .expected_version = seq - 1};
      domain::event_record record{.stream = stream, .seq = seq};
      record.payload = domain::execution_event{domain::task_skipped{{"1"}, std::string(500, 'n')}};
      request.bytes.push_back(encode(record.payload, record.metadata));
      request.events.push_back(std::move(record));
      (*writer)->append({std::move(request)}, [](const auto&) {});
    }
  });
  std::size_t looks = 0;
  while (written < batches) {
    const auto durable = written.load();
    const auto verdict = audit::verify_folder(folder.path(), {.derived = false});
    if (!verdict) FAIL(verdict.error().detail);
    CHECK(first_of(*verdict) == "");
    CHECK(verdict->scan.events >= durable);
    ++looks;
  }
  CHECK(looks > 0);
}

TEST_CASE("a log that no server can open is not whole whatever is left of it") {
  const recorded_folder folder;
  REQUIRE(rocksdb_store::open(folder.path()));
  std::size_t tables = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    if (file.path().extension() != ".sst") continue;
    ++tables;
    const auto damaged = folder.scratch() / "damaged";
    std::filesystem::remove_all(damaged);
    std::filesystem::copy(folder.path(), damaged);
    const auto table = damaged + "/" + file.path().filename().string();
    std::filesystem::resize_file(table, std::filesystem::file_size(table) - 1);
    const auto verdict = audit::verify_folder(damaged);
    REQUIRE(verdict);
    CHECK_FALSE(verdict->whole());
    CHECK_MESSAGE(contains(first_of(*verdict), "cannot read the data folder"), first_of(*verdict));
    if (!verdict->unopened) CHECK(verdict->refused);
  }
  CHECK(tables > 0);
}

TEST_CASE("a folder without a log, and one of a newer release, are no verdict") {
  const scratch_folder empty;
  CHECK(audit::verify_folder(empty.path()).error().code == errc::not_found);
  const recorded_folder folder;
  folder.tamper([](rocksdb::DB& database) { put(database, keys::format(), "99"); });
  CHECK(audit::verify_folder(folder.path()).error().code == errc::newer_version);
}

}  // namespace planexe::tests
