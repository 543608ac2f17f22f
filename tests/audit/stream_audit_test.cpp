// One execution checked by itself: on a log in memory, and on a folder that was changed.
#include "audit/stream_audit.hpp"

#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include "eventstore/codec.hpp"
#include "eventstore/keys.hpp"
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
