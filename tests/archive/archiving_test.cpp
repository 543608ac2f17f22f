// Executions that are over leave a log on a disk: all of it can be replayed as before, the views are the same made
// anew, and each step can be cut off.
#include "domain/execution_status.hpp"
#include "tests/archive/attic.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::archive {
namespace {

using namespace testing;
using namespace domain;
using tests::chronicle;

const event_metadata by_ann{.recorded_at = std::chrono::sys_days{std::chrono::year{2026} / 2 / 1}, .actor = "ann"};

result<execution_archived> archive_one(attic& a, const std::string& id) {
  return archive_execution(*a.store, *a.store, *a.folder, as_api, execution_id{id}, by_ann);
}

/// Executions of chance, all of them ended.
std::unique_ptr<chronicle> ended_executions(std::uint64_t seed) {
  tests::dice roll{seed};
  auto c = std::make_unique<chronicle>();
  c->play_randomly(roll, 80);
  for (const auto& [id, state] : std::map(c->states()))
    if (!is_final(state.status)) c->play(id, cancel_execution{"enough"});
  return c;
}

TEST_CASE("at every event an archived execution is replayed as it was in the log") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    const auto c = ended_executions(seed);
    attic a;
    a.take(*c);
    for (const auto& [id, state] : c->states()) {
      const auto left = archive_one(a, id);
      if (!left) FAIL(left.error().detail);
      CHECK(left->events == state.version);
      CHECK(left->status == name_of(state.status));
      CHECK(left->title == state.title);
      CHECK(left->finished_at == *state.completed_at);
    }
    REQUIRE(a.store->reclaim());
    a.open();
    for (const auto& [id, state] : c->states())
      for (std::uint64_t seq = 1; seq <= state.version; ++seq) {
        const auto then = projections::replay_execution(c->log, c->log, {id}, seq);
        const auto now = projections::replay_execution(*a.store, *a.store, {id}, seq);
        REQUIRE(then);
        if (!now) FAIL(now.error().detail);
        REQUIRE(eventstore::encode_snapshot(now->state) == eventstore::encode_snapshot(then->state));
      }
  }
}

TEST_CASE("views made from nothing out of the log and its archive are those of a log that nothing has left") {
  const auto c = ended_executions(3);
  attic a;
  a.take(*c);
  const auto before = tests::rebuilt(*a.store);
  CHECK(tests::same(before, tests::rebuilt(c->log)));
  for (const auto& [id, state] : std::map(c->states())) {
    REQUIRE(archive_one(a, id));
    c->now = by_ann.recorded_at;
    c->leave(id);
  }
  a.open();
  // What the two archives are told by does not matter; what their executions did is the same.
  auto of_disk = tests::rebuilt(*a.store), of_memory = tests::rebuilt(c->log);
  for (auto* views : {&of_disk, &of_memory})
    for (auto& [name, content] : *views)
      if (name.starts_with("activity"))
        std::erase_if(content.rows,
                      [](const auto& row) { return row.second.find("execution_archived") != std::string::npos; });
  CHECK(tests::same(of_disk, of_memory));
}

TEST_CASE("what is not over, not there or archived already is refused and changes nothing") {
  chronicle c;
  const std::shared_ptr<const plan> one = tests::plan_builder{}.phase("P").task("A");
  c.play("e", create_execution{.source = one, .start = true});
  c.play("over", create_execution{.source = one, .start = true});
  c.play("over", cancel_execution{"enough"});
  attic a;
  a.take(c);
  const auto early = archive_one(a, "e");
  REQUIRE_FALSE(early);
  CHECK(early.error().code == errc::conflict);
  CHECK(early.error().detail == "the execution is QUEUED; what is COMPLETED, FAILED or CANCELLED can be archived");
  CHECK(archive_one(a, "nobody").error().code == errc::not_found);
  REQUIRE(archive_one(a, "over"));
  CHECK(archive_one(a, "over").error().code == errc::archived);
  CHECK(a.store->head_of(projections::archive_stream())->version == 1);
  CHECK_FALSE(std::filesystem::exists(a.file_of("e")));
}

TEST_CASE("an execution that goes on while its file is written does not leave") {
  chronicle c;
  const std::shared_ptr<const plan> one = tests::plan_builder{}.phase("P").task("A");
  c.play("e", create_execution{.source = one, .start = true});
  c.play("e", cancel_execution{"enough"});
  attic a;
  a.take(c);
  const auto ready = prepare(*a.store, *a.store, *a.folder, as_api, {"e"});
  REQUIRE(ready);
  const auto version = a.store->head_of(execution("e"))->version;
  REQUIRE(append(*a.store, {noting(execution("e"), version, {"late"})})->front().committed);
  const auto outcomes = append(*a.store, {request_of(*ready, 0, by_ann)});
  REQUIRE(outcomes);
  CHECK_FALSE(outcomes->front().committed);
  CHECK(a.store->head_of(projections::archive_stream())->version == 0);
  CHECK(a.store->read_stream(execution("e"), 0, 100)->size() == version + 1);
}

TEST_CASE("whatever is cut off between two steps is gone on with by the next process") {
  const auto c = ended_executions(4);
  const auto id = c->states().begin()->first;
  const auto version = c->states().begin()->second.version;
  attic a;
  a.take(*c);
  const auto expected = *a.store->read_stored(execution(id), 0, SIZE_MAX);
  SUBCASE("half a file was written") {
    std::filesystem::create_directory(a.folder->path());
    put(a.file_of(id) + ".part", "half");
    put(a.file_of(id), "of another time");
  }
  SUBCASE("the file was written") {
    REQUIRE(a.folder->write(*a.store, execution(id), as_api));
  }
  SUBCASE("its last step was ready") {
    REQUIRE(prepare(*a.store, *a.store, *a.folder, as_api, {id}));
  }
  a.open();
  CHECK_FALSE(a.store->head_of(execution(id))->archived);
  CHECK(*a.store->read_stored(execution(id), 0, SIZE_MAX) == expected);
  REQUIRE(archive_one(a, id));
  a.open();  // before its space was given back
  REQUIRE(a.store->reclaim());
  CHECK(a.store->head_of(execution(id))->archived);
  CHECK(a.store->head_of(execution(id))->version == version);
  CHECK(*a.store->read_stored(execution(id), 0, SIZE_MAX) == expected);
  CHECK_FALSE(std::filesystem::exists(a.file_of(id) + ".part"));
}

}  // namespace
}  // namespace planexe::archive
