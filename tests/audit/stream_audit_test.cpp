// One execution checked by itself: on a log in memory, and on a folder that was changed.
#include "audit/stream_audit.hpp"

#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include "eventstore/codec.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/keys.hpp"
#include "eventstore/stored_values.hpp"
#include "tests/audit/recorded_folder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {
namespace {

audit::stream_audit audited(const recorded_folder& folder, const domain::stream_id& stream) {
  const auto store = eventstore::rocksdb_store::open_to_check(folder.path());
  REQUIRE(store);
  const auto found = audit::audit_stream(**store, **store, stream);
  REQUIRE(found);
  return *found;
}

using namespace eventstore;

const domain::stream_id e1{domain::stream_kind::execution, "e1"};

std::string key_of(rocksdb::DB& database, std::uint64_t seq) {
  return keys::event(number_of(database, e1), seq);
}
void change_record(rocksdb::DB& database, std::uint64_t seq, const std::function<void(stored_record&)>& change) {
  const auto value = get(database, key_of(database, seq));
  auto record = *parse_record(value);
  change(record);
  put(database, key_of(database, seq), stored_form(record));
}
void change_head(rocksdb::DB& database, const std::function<void(stream_entry&)>& change) {
  auto entry = *parse_stream(get(database, keys::stream(e1)));
  change(entry);
  put(database, keys::stream(e1), stored_form(entry));
}
/// The last event with other bytes, under hashes that fit.
void change_last(rocksdb::DB& database, std::uint64_t last, const std::string& bytes) {
  const auto before = get(database, key_of(database, last - 1));
  const auto hash = link(parse_record(before)->hash, bytes);
  change_record(database, last, [&](stored_record& record) {
    record.bytes = bytes;
    record.hash = hash;
  });
  change_head(database, [&](stream_entry& entry) { entry.head.hash = hash; });
}

struct damage {
  std::string name;
  std::uint64_t stands_to;
  std::function<void(rocksdb::DB&)> change;
};

std::vector<damage> damages_at(std::uint64_t seq) {
  const auto at = " at " + std::to_string(seq);
  const auto flip = [seq](rocksdb::DB& database) {
    auto value = get(database, key_of(database, seq));
    value.back() = static_cast<char>(value.back() ^ 1);
    put(database, key_of(database, seq), value);
  };
  return {
      {"a missing event" + at, seq - 1,
       [seq](auto& database) { REQUIRE(database.Delete(rocksdb::WriteOptions(), key_of(database, seq)).ok()); }},
      {"changed bytes" + at, seq - 1, flip},
      {"a changed hash" + at, seq - 1,
       [seq](auto& database) { change_record(database, seq, [](auto& record) { record.hash[5] ^= 1; }); }},
      {"a malformed record" + at, seq - 1, [seq](auto& database) { put(database, key_of(database, seq), "short"); }}};
}

std::vector<damage> damages_of_head(std::uint64_t last) {
  return {{"a head with another hash", last - 1,
           [](auto& database) { change_head(database, [](auto& entry) { entry.head.hash[5] ^= 1; }); }},
          {"a head that speaks of more", last,
           [](auto& database) { change_head(database, [](auto& entry) { entry.head.version += 2; }); }},
          {"a head that speaks of fewer", last - 3,
           [](auto& database) { change_head(database, [](auto& entry) { entry.head.version -= 2; }); }},
          {"an event that does not decode", last - 1, [last](auto& database) { change_last(database, last, "\x7f"); }},
          {"an event of another kind of stream", last - 1, [last](auto& database) {
             const domain::event strange{domain::agent_event{domain::agent_registered{}}};
             change_last(database, last, encode(strange, {.actor = "x"}));
           }}};
}

}  // namespace

TEST_CASE("an execution that nobody touched is verified with its snapshot") {
  const recorded_folder folder;
  const auto found = audited(folder, folder.execution);
  CHECK(found.verified());
  CHECK(found.events > 2);
  CHECK(found.stands_to == found.events);
  CHECK(found.snapshot_seq == found.events);
  CHECK_FALSE(found.first_bad_seq);
}

TEST_CASE("the first bad event of a long execution is found wherever it is") {
  const recorded_folder folder(5, 400);
  const auto events = audited(folder, folder.execution).events;
  REQUIRE(events > 20);
  for (const std::uint64_t seq : {std::uint64_t{1}, std::uint64_t{2}, events / 2, events - 1, events}) {
    CAPTURE(seq);
    const recorded_folder damaged(5, 400);
    damaged.tamper([&](rocksdb::DB& database) {
      REQUIRE(
          database.Delete(rocksdb::WriteOptions(), eventstore::keys::event(number_of(database, damaged.execution), seq))
              .ok());
    });
    const auto found = audited(damaged, damaged.execution);
    CHECK_FALSE(found.verified());
    CHECK(found.first_bad_seq == seq);
    CHECK(found.stands_to == seq - 1);
    CHECK(audited(damaged, {domain::stream_kind::execution, "e2"}).verified());
  }
}

TEST_CASE("a snapshot that replay does not give is a problem without a bad event") {
  const recorded_folder folder;
  {
    auto store = eventstore::rocksdb_store::open(folder.path());
    REQUIRE(store);
    domain::execution_state other;
    other.version = 3;
    REQUIRE((*store)->save_snapshot(folder.execution, {3, eventstore::encode_snapshot(other)}));
  }
  const auto found = audited(folder, folder.execution);
  CHECK_FALSE(found.verified());
  CHECK_FALSE(found.first_bad_seq);
  CHECK(found.stands_to == found.events);
}

TEST_CASE("one execution and the whole log say the same of what still stands") {
  const std::uint64_t last = audited(recorded_folder{}, e1).events;
  REQUIRE(last > 3);
  auto all = damages_of_head(last);
  for (const auto seq : {std::uint64_t{1}, std::uint64_t{2}, last - 1, last})
    for (auto& each : damages_at(seq)) all.push_back(std::move(each));
  for (const auto& each : all) {
    CAPTURE(each.name);
    const recorded_folder folder;
    folder.tamper(each.change);
    const auto one = audited(folder, e1);
    CHECK_FALSE(one.verified());
    CHECK(one.stands_to == each.stands_to);
    const auto whole = folder.verify();
    CHECK_FALSE(whole.whole());
    REQUIRE(whole.scan.damaged.size() == 1);
    CHECK(whole.scan.damaged.front().stream == e1);
    CHECK(whole.scan.damaged.front().stands_to == one.stands_to);
  }
}

TEST_CASE("a head that was taken back to an earlier event is damage of the whole log") {
  const recorded_folder folder;
  folder.tamper([&](rocksdb::DB& database) {
    change_head(database, [&](stream_entry& entry) {
      const auto before = get(database, keys::event(entry.number, --entry.head.version));
      entry.head.hash = parse_record(before)->hash;
    });
  });
  const auto verdict = folder.verify();
  CHECK_FALSE(verdict.whole());
  REQUIRE(verdict.scan.damaged.size() == 1);
  CHECK(verdict.scan.damaged.front().stands_to == verdict.scan.damaged.front().version - 1);
  // Alone it does not know that there was more.
  CHECK(audited(folder, e1).events == verdict.scan.damaged.front().stands_to);
}

TEST_CASE("streams of every kind can be audited in any store") {
  chronicle told;
  dice roll{2};
  told.play_agent("ann", domain::register_agent{{.name = "an agent"}});
  told.play("e0", domain::create_execution{.source = random_plan(roll, 9), .start = true});
  const eventstore::memory_store nothing;
  const auto agent = audit::audit_stream(told.log, nothing, {domain::stream_kind::agent, "ann"});
  REQUIRE(agent);
  CHECK(agent->verified());
  CHECK(agent->events == 1);
  CHECK(audit::audit_stream(told.log, nothing, {domain::stream_kind::agent, "bob"}).error().code == errc::not_found);
}

}  // namespace planexe::tests
