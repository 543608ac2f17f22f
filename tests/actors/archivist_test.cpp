// The archivist: what is over leaves the log when a person says so or its time has come, once, as a whole, and whatever
// ends the process in between.
#include "actors/archivist.hpp"

#include <doctest/doctest.h>

#include "actors/disk_board.hpp"
#include "domain/execution_status.hpp"
#include "projections/replay.hpp"
#include "tests/actors/process.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

struct archiving {
  explicit archiving(milliseconds stay = milliseconds{0}) : keep_for(stay) { start(); }

  void start() {
    p.reset();
    process_options options;
    options.settings.keep_executions_for = keep_for;
    options.prepare_archive = archive_preparer_of(m);
    p = std::make_unique<process>(m, std::move(options));
    p->recover();
    p->run();
  }
  void begin(const std::string& id) {
    p->ask(id, create_execution{.source = plan_builder{}.phase("P").task("A"), .start = true});
    p->run();
  }
  void end(const std::string& id) {
    p->ask(id, cancel_execution{"enough"});
    p->run();
  }
  bool archived(const std::string& id) const {
    const auto head = m.disk.head_of(projections::stream_of(execution_id{id}));
    REQUIRE(head);
    return head->archived;
  }
  std::vector<domain::event_record> said() const { return events_of(m, projections::archive_stream()); }

  machine m;
  milliseconds keep_for;
  std::unique_ptr<process> p;
};

}  // namespace

TEST_CASE("an execution that is over leaves the log when a person says so, and takes no command any more") {
  archiving s;
  s.begin("e");
  s.end("e");
  const auto before = event_types(s.m, "e");
  const auto told = s.p->archive("e");
  s.p->run_without_commits();
  CHECK(!told->delivered);
  CHECK(!s.archived("e"));
  s.p->run();
  REQUIRE(told->accepted());
  CHECK(told->state->events == before.size());
  CHECK(told->state->status == "CANCELLED");
  CHECK(s.archived("e"));
  CHECK(event_types(s.m, "e") == before);  // out of the archive
  CHECK(s.p->views().executions.row({"e"}) == nullptr);
  REQUIRE(s.said().size() == 1);
  CHECK(s.said()[0].metadata.actor == "person");

  const auto again = s.p->ask("e", queue_execution{});
  const auto report = s.p->ask("e", cancel_execution{"more"});
  s.p->run();
  CHECK(again->refused(rejection_code::invalid_transition));
  CHECK(again->outcome.rejection->detail == "the execution is archived");
  CHECK(report->refused(rejection_code::invalid_transition));
  CHECK(event_types(s.m, "e") == before);
  s.start();
  CHECK(s.p->recovered());
  CHECK(s.p->views().executions.rows().empty());
  CHECK(s.p->failures().empty());
}

TEST_CASE("what is not over, not there or archived already is refused") {
  archiving s;
  s.begin("e");
  const auto early = s.p->archive("e"), unknown = s.p->archive("nobody");
  s.p->run();
  CHECK(early->refused(rejection_code::invalid_transition));
  CHECK(unknown->refused(rejection_code::not_found));
  s.end("e");
  const auto first = s.p->archive("e"), second = s.p->archive("e");
  s.p->run();
  CHECK(first->accepted());
  CHECK(second->refused(rejection_code::invalid_transition));
  CHECK(s.said().size() == 1);
}

TEST_CASE("a server without an archive says so") {
  machine m;
  process p{m};
  const auto told = p.archive("e");
  p.run();
  CHECK(told->refused(rejection_code::unavailable));
}

TEST_CASE("what has been over for long enough leaves by itself, and nothing else does") {
  const auto day = hours(24);
  archiving s(day);
  s.begin("over");
  s.begin("goes on");
  s.begin("late");
  s.end("over");
  s.p->wait(day / 2);
  s.end("late");
  s.p->wait(day / 2 - hours(1));
  CHECK(!s.archived("over"));
  s.p->wait(hours(2));
  CHECK(s.archived("over"));
  CHECK(!s.archived("late"));
  s.p->wait(day / 2);
  CHECK(s.archived("late"));
  s.p->wait(day * 2);
  CHECK(!s.archived("goes on"));
  REQUIRE(s.said().size() == 2);
  CHECK(s.said()[0].metadata.actor == "system");
  CHECK(s.p->failures().empty());
}

TEST_CASE("what became old while the server was away leaves after its start") {
  archiving s(hours(24));
  s.begin("e");
  s.end("e");
  s.p.reset();
  s.m.clock.advance(hours(48));
  s.start();
  CHECK(s.archived("e"));
}

TEST_CASE("without a time to stay nothing leaves by itself") {
  archiving s;
  s.begin("e");
  s.end("e");
  s.p->wait(hours(24 * 400));
  CHECK(!s.archived("e"));
}

TEST_CASE("a crash before its last step leaves the execution in the log, and the next process archives it") {
  archiving s(hours(24));
  s.begin("e");
  s.end("e");
  const auto before = event_types(s.m, "e");
  const auto told = s.p->archive("e");
  s.p->run_without_commits();  // its file is written, and nothing is durable
  s.p.reset();
  CHECK(told->dropped);
  CHECK(!s.archived("e"));
  s.m.clock.advance(hours(48));
  s.start();
  CHECK(s.archived("e"));
  CHECK(event_types(s.m, "e") == before);
  CHECK(s.said().size() == 1);
}

TEST_CASE(
    "an execution that goes on before it has left stays, and one that would go on afterwards is told that it is gone") {
  archiving s;
  const auto fail = [&](const std::string& id) {
    create_execution command{.source = plan_builder{}.phase("P").task("A"), .start = true};
    command.options.timeout = hours(1);
    s.p->ask(id, command);
    s.p->run();
    s.p->wait(hours(2));
    REQUIRE(s.p->views().executions.row({id})->status == execution_status::failed);
  };
  SUBCASE("it goes on first") {
    fail("e");
    const auto again = s.p->ask("e", queue_execution{});
    s.p->run_only("execution");
    const auto told = s.p->archive("e");
    s.p->run_only("archivist");  // sees the log as it was
    s.p->run();
    CHECK(again->accepted());
    CHECK(told->dropped);
    CHECK(!s.archived("e"));
    s.end("e");
    const auto later = s.p->archive("e");
    s.p->run();
    CHECK(later->accepted());
  }
  SUBCASE("it leaves first") {
    fail("e");
    const auto told = s.p->archive("e");
    s.p->run_only("archivist");
    const auto again = s.p->ask("e", queue_execution{});
    s.p->run_only("execution");
    s.p->run();
    CHECK(told->accepted());
    CHECK(again->dropped);  // it was decided on what is no more
    CHECK(s.archived("e"));
    const auto later = s.p->ask("e", queue_execution{});
    s.p->run();
    CHECK(later->refused(rejection_code::invalid_transition));
  }
  CHECK(s.p->failures().empty());
}

TEST_CASE("many that are over leave one after the other, each with its own step") {
  archiving s(hours(24));
  for (int i = 0; i < 20; ++i) s.begin("e" + std::to_string(i));
  for (int i = 0; i < 20; ++i) s.end("e" + std::to_string(i));
  s.p->wait(hours(25));
  for (int i = 0; i < 20; ++i) CHECK(s.archived("e" + std::to_string(i)));
  CHECK(s.said().size() == 20);
  CHECK(s.p->views().executions.rows().empty());
  const auto gaps = s.m.disk.read_gaps(0, 100);
  REQUIRE(gaps);
  CHECK(gaps->size() == 1);
  // A process that has lost its views makes them anew out of the archive.
  s.m.derived = std::make_unique<eventstore::memory_store>();
  s.start();
  CHECK(s.p->views().executions.rows().empty());
  CHECK(s.p->views().counters.row().events.at("execution_archived") == 20);
}

TEST_CASE("on a disk that fills up an execution leaves as long as its file fits above the floor") {
  constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
  archiving s(hours(24));
  s.begin("e");
  s.end("e");
  const auto board = std::make_shared<actors::disk_board>(
      domain::disk_reserve{.new_work_bytes = 512 * megabyte, .reports_bytes = 128 * megabyte});
  s.p->env().disk = board;
  SUBCASE("it fits though nothing else is recorded") {
    REQUIRE(board->note(40 * megabyte) == disk_state::full);
    const auto told = s.p->archive("e");
    s.p->run();
    CHECK(told->accepted());
    CHECK(s.archived("e"));
  }
  SUBCASE("it does not fit") {
    REQUIRE(board->note(32 * megabyte) == disk_state::full);
    const auto told = s.p->archive("e"), unknown = s.p->archive("nobody");
    s.p->run();
    REQUIRE(told->refused(rejection_code::unavailable));
    CHECK(told->outcome.rejection->detail.find("has 32 MB left") != std::string::npos);
    CHECK(unknown->refused(rejection_code::not_found));
    CHECK(s.m.archive->read({projections::stream_of(execution_id{"e"}), {}, {}}, 0, 1).has_value() == false);
    // Its time comes, and goes by until there is room.
    s.p->wait(hours(26));
    CHECK(!s.archived("e"));
    REQUIRE(board->note(200 * megabyte) == disk_state::low);
    s.p->wait(hours(2));
    CHECK(s.archived("e"));
  }
  CHECK(s.said().size() == 1);
  CHECK(s.p->failures().empty());
}

TEST_CASE("an execution that would fill the disk up stays also where work is still taken on") {
  constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
  archiving s;
  s.begin("e");
  s.end("e");
  const auto board = std::make_shared<actors::disk_board>();
  s.p->env().disk = board;
  REQUIRE(board->note(16 * megabyte) == disk_state::ok);  // the floor, and nothing above it
  const auto refused = s.p->archive("e");
  s.p->run();
  REQUIRE(refused->refused(rejection_code::unavailable));
  CHECK(refused->outcome.rejection->detail ==
        "the disk of the data folder has 16 MB left; to archive this execution takes 17 MB or more");
  CHECK_FALSE(s.archived("e"));
  REQUIRE(board->note(17 * megabyte) == disk_state::ok);
  const auto told = s.p->archive("e");
  s.p->run();
  CHECK(told->accepted());
  CHECK(s.archived("e"));
  CHECK(s.p->failures().empty());
}

TEST_CASE("space that takes more room than there is comes back when there is room") {
  milliseconds stay{0};
  SUBCASE("nothing leaves by itself") {}
  SUBCASE("something does") {
    stay = hours(24 * 90);
  }
  archiving s(stay);
  s.begin("e");
  s.end("e");
  s.m.room_to_reclaim = false;
  s.m.reclaimed = 0;
  const auto told = s.p->archive("e");
  s.p->run();
  CHECK(told->accepted());
  s.p->wait(hours(3));
  CHECK(s.m.reclaimed == 0);
  s.m.room_to_reclaim = true;
  s.p->wait(hours(2));
  CHECK(s.m.reclaimed == 1);
  CHECK(s.p->failures().empty());
}

TEST_CASE("it is looked often enough for what is over, and not too often") {
  CHECK(actors::look_interval(hours(24 * 90)) == hours(1));
  CHECK(actors::look_interval(hours(24)) == hours(1));
  CHECK(actors::look_interval(hours(1)) < hours(0.1));
  CHECK(actors::look_interval(milliseconds{1}) == milliseconds{200});
}

}  // namespace planexe::tests
