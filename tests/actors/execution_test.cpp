// An execution's actor: it decides and goes on without the disk, tells nobody before it is durable, and comes back from
// the log as it was.
#include <doctest/doctest.h>

#include "eventstore/codec.hpp"
#include "projections/replay.hpp"
#include "tests/actors/process.hpp"
#include "tests/domain/oracle.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

const auto two_tasks = plan_builder{}.phase("P").task("A").action("do").task("B").action("do").after("B", "A").build();

create_execution started(std::shared_ptr<const plan> plan, execution_options options = {}) {
  return {.source = std::move(plan), .options = options, .start = true};
}

/// A machine with a started execution `e` and an agent `ann` who can do whatever its plan asks.
struct workshop {
  explicit workshop(std::shared_ptr<const plan> plan = two_tasks, execution_options options = {}) {
    p = std::make_unique<process>(m);
    p->ask("e", started(std::move(plan), options));
    p->ask_agent("ann", able_to({"*"}));
    p->run();
  }
  /// What `ann` gets when she asks now.
  work_item take(const std::string& agent = "ann") {
    const auto polled = p->poll(agent);
    p->run();
    return polled->task();
  }
  void restart(process_options options = {.settings = {}, .seed = 2}) {
    p.reset();
    p = std::make_unique<process>(m, options);
    p->recover();
    p->run();
  }
  std::string since(std::size_t seq) const { return events_after(m, "e", seq); }
  std::size_t version() const { return event_types(m, "e").size(); }

  machine m;
  std::unique_ptr<process> p;
};

}  // namespace

TEST_CASE("an execution is created, its work handed out, reported, and done") {
  workshop w;
  CHECK_EQ(w.since(0), "execution_created execution_queued");
  const auto a = w.take();
  CHECK_EQ(a.graph->task(a.task).id.value, "A");
  CHECK_EQ(w.since(2), "task_assigned execution_started");
  const auto done = w.p->ask("e", complete_task{report_on(a, "ann"), "{}", {}}, {.actor = "agent:ann"});
  w.p->run();
  CHECK(done->accepted());
  CHECK_EQ(done->outcome.first_seq, 5);
  const auto b = w.take();
  w.p->ask("e", complete_task{report_on(b, "ann"), "{}", {}}, {.actor = "agent:ann"});
  w.p->run();
  CHECK_EQ(w.since(4), "task_complete task_assigned task_complete execution_completed");
}

TEST_CASE("commands that come before a commit share it, the state runs ahead, and no answer does") {
  machine m;
  process p{m};
  const auto created = p.ask("e", create_execution{.source = two_tasks});
  const auto queued = p.ask("e", queue_execution{});
  const auto paused = p.ask("e", pause_execution{"wait"});
  const auto refused = p.ask("e", create_execution{.source = two_tasks});
  p.run_without_commits();
  for (const auto& told : {created, queued, paused, refused}) {
    CHECK(told->prepared);
    CHECK_FALSE(told->delivered);
  }
  CHECK_EQ(paused->outcome.first_seq, 3);
  CHECK(event_types(m, "e").empty());
  p.run();
  CHECK_EQ(p.disk().appends(), std::vector<std::vector<std::size_t>>{{1, 1, 1}});
  CHECK(paused->accepted());
  CHECK(refused->refused(rejection_code::already_exists));
}

TEST_CASE("a rejection is not answered when what it rests on is lost") {
  machine m;
  process p{m};
  p.disk().fail_append(1);
  const auto created = p.ask("e", create_execution{.source = two_tasks});
  const auto refused = p.ask("e", create_execution{.source = two_tasks});
  p.run();
  CHECK(created->dropped);
  CHECK(refused->dropped);
  CHECK_EQ(p.failures().size(), 1);
}

TEST_CASE("a report by somebody who lost the lease is refused, recorded once, and changes nothing") {
  workshop w;
  const auto a = w.take();
  auto stale = report_on(a, "bob");
  stale.lease_token = "of-old";
  const auto first = w.p->ask("e", complete_task{stale, "{}", {}});
  const auto again = w.p->ask("e", complete_task{stale, "{}", {}});
  w.p->run();
  CHECK(first->refused(rejection_code::lease_lost));
  CHECK(again->refused(rejection_code::lease_lost));
  CHECK_EQ(w.since(4), "report_rejected_stale");
}

TEST_CASE("a command for another version than the present one is refused") {
  workshop w;
  const auto late = w.p->ask("e", pause_execution{}, {.expected_version = 1});
  const auto right = w.p->ask("e", pause_execution{}, {.expected_version = 2});
  w.p->run();
  CHECK(late->refused(rejection_code::version_mismatch));
  CHECK(right->accepted());
}

TEST_CASE("a command to an execution that nobody created is refused, and its actor goes") {
  machine m;
  process p{m};
  const auto before = p.population();
  const auto told = p.ask("nobody", pause_execution{});
  p.run();
  CHECK(told->refused(rejection_code::not_found));
  CHECK_EQ(p.population(), before);
}

TEST_CASE("an execution that nothing happens to leaves a snapshot and goes, and the next command finds it as it was") {
  workshop w;
  const auto a = w.take();
  const auto awake = w.p->population();
  w.p->wait(w.p->env().settings.idle_after);
  CHECK_EQ(w.p->population(), awake - 1);
  const auto snapshot = w.p->disk().load_snapshot(projections::stream_of(execution_id{"e"}));
  REQUIRE(snapshot);
  REQUIRE(*snapshot);
  CHECK_EQ((*snapshot)->seq, 4);
  const auto told = w.p->ask("e", complete_task{report_on(a, "ann"), "{}", {}}, {.actor = "agent:ann"});
  w.p->run();
  CHECK(told->accepted());
  CHECK_EQ(w.since(4), "task_complete");
  const auto whole = projections::replay_execution(w.m.disk, eventstore::memory_store{}, {"e"});
  REQUIRE(whole);
  CHECK_EQ(difference(*told->state, whole->state), "");
}

TEST_CASE("a snapshot is never ahead of the log, however long a commit takes") {
  machine m;
  process p{m};
  p.ask("e", started(two_tasks));
  p.run_without_commits();
  p.pass(p.env().settings.idle_after);
  p.run_without_commits();
  p.pass(milliseconds{0});
  p.run_without_commits();
  const auto before = p.disk().load_snapshot(projections::stream_of(execution_id{"e"}));
  REQUIRE(before);
  CHECK_FALSE(before->has_value());
  p.run();
  CHECK_EQ(event_types(m, "e").size(), 2);
}

TEST_CASE("every so many events a snapshot is taken, and a start from it gives the same state") {
  process_options often;
  often.settings.snapshot_every = 3;
  machine m;
  auto p = std::make_unique<process>(m, often);
  p->ask("e", started(two_tasks));
  for (int i = 0; i < 4; ++i) {
    p->ask("e", pause_execution{});
    p->ask("e", resume_execution{});
  }
  p->run();
  const auto snapshot = p->disk().load_snapshot(projections::stream_of(execution_id{"e"}));
  REQUIRE(snapshot);
  REQUIRE(*snapshot);
  CHECK_EQ((*snapshot)->seq, 9);
  p = std::make_unique<process>(m, often);
  const auto told = p->ask("e", cancel_execution{});
  p->run();
  const auto whole = projections::replay_execution(m.disk, eventstore::memory_store{}, {"e"});
  REQUIRE(whole);
  CHECK_EQ(difference(*told->state, whole->state), "");
}

// -- deadlines
// -----------------------------------------------------------------------------------------------------------

TEST_CASE("a retry becomes due, and the task is handed out again") {
  execution_options options;
  options.retry = {2, seconds(300)};
  workshop w{two_tasks, options};
  const auto a = w.take();
  w.p->ask("e", fail_task{report_on(a, "ann"), "oops", "no luck"}, {.actor = "agent:ann"});
  w.p->run();
  CHECK_EQ(w.since(4), "task_error task_retry_scheduled");
  const auto waits = w.p->poll("ann", {.wait = seconds(3600)});
  w.p->wait(seconds(299));
  CHECK_FALSE(waits->answer);
  w.p->wait(seconds(31));  // up to a tenth more, so that what failed together does not come back together
  CHECK_EQ(w.since(6), "task_retry_due task_assigned");
  CHECK_EQ(waits->tasks(), "A#2");
}

TEST_CASE("an attempt that takes too long counts as failed, also when its execution has gone to sleep") {
  execution_options options;
  options.task_timeout = hours(2);
  workshop w{two_tasks, options};
  w.p->env().settings.agent_timeout = hours(48);
  const auto a = w.take();
  const auto awake = w.p->population();
  w.p->wait(hours(1));
  CHECK_EQ(w.p->population(), awake - 1);
  CHECK_EQ(w.since(4), "");
  w.p->wait(hours(1));
  CHECK_EQ(w.since(4), "task_error task_retry_scheduled");
  const auto late = w.p->ask("e", complete_task{report_on(a, "ann"), "{}", {}}, {.actor = "agent:ann"});
  w.p->run();
  CHECK(late->refused(rejection_code::lease_lost));
}

TEST_CASE("what waits too long for something outside is escalated") {
  workshop w;
  const auto a = w.take();
  w.p->ask("e", block_task{report_on(a, "ann"), "a permit", hours(3)}, {.actor = "agent:ann"});
  w.p->run();
  CHECK_EQ(w.since(4), "task_blocked execution_blocked");
  w.p->wait(hours(3) - seconds(1));
  CHECK_EQ(w.since(6), "");
  w.p->wait(seconds(1));
  CHECK_EQ(w.since(6), "review_requested task_escalated");
}

TEST_CASE("an execution that takes too long fails, and its holders are told") {
  execution_options options;
  options.timeout = hours(1);
  workshop w{two_tasks, options};
  w.p->env().settings.agent_timeout = hours(48);
  w.take();
  w.p->wait(hours(1));
  CHECK_EQ(w.since(4), "execution_failed");
  const auto told = w.p->poll("ann");
  w.p->run();
  REQUIRE(told->answer);
  REQUIRE_EQ((*told->answer)->revoked.size(), 1);
  CHECK_EQ((*told->answer)->revoked.front().task.value, "A");
}

TEST_CASE("a paused execution does not run out of time before it is resumed") {
  execution_options options;
  options.timeout = hours(1);
  workshop w{two_tasks, options};
  w.p->ask("e", pause_execution{});
  w.p->wait(hours(5));
  CHECK_EQ(w.since(2), "execution_paused");
  w.p->ask("e", resume_execution{});
  w.p->wait(seconds(1));
  CHECK_EQ(w.since(3), "execution_resumed execution_blocked execution_failed");
}

// -- after a restart
// -----------------------------------------------------------------------------------------------------

TEST_CASE("after a restart ready work is handed out, and what is held is still its holder's") {
  workshop w{plan_builder{}.phase("P").task("A").task("B")};
  const auto a = w.take();
  w.restart();
  CHECK(w.p->recovered());
  const auto again = w.p->poll("ann");
  w.p->run();
  CHECK_EQ(again->tasks(), "A#1");
  CHECK_EQ(again->task().lease_token, a.lease_token);
  w.p->ask_agent("bob", able_to({"*"}));
  const auto other = w.take("bob");
  CHECK_EQ(other.graph->task(other.task).id.value, "B");
  const auto done = w.p->ask("e", complete_task{report_on(a, "ann"), "{}", {}}, {.actor = "agent:ann"});
  w.p->run();
  CHECK(done->accepted());
}

TEST_CASE("after a restart deadlines fire that were set before it") {
  execution_options options;
  options.retry = {2, seconds(300)};
  workshop w{two_tasks, options};
  const auto a = w.take();
  w.p->ask("e", fail_task{report_on(a, "ann"), "oops", "no luck"}, {.actor = "agent:ann"});
  w.p->run();
  w.m.clock.advance(seconds(100));
  w.restart();
  w.p->wait(seconds(199));
  CHECK_EQ(w.since(6), "");
  w.p->wait(seconds(31));
  CHECK_EQ(w.since(6), "task_retry_due");
}

TEST_CASE("what had not reached the disk is as if it had never been") {
  workshop w;
  const auto polled = w.p->poll("ann");
  w.p->run_without_commits();
  CHECK_FALSE(polled->answer);
  w.restart();
  CHECK(polled->dropped);
  CHECK_EQ(w.since(2), "");
  CHECK_EQ(w.take().attempt, 1);
}

TEST_CASE("a start without anything live is recovered at once") {
  machine m;
  process p{m};
  p.recover();
  p.run();
  CHECK(p.recovered());
}

// -- conflicts
// -----------------------------------------------------------------------------------------------------------

namespace {

/// Writes an event behind the back of the execution's actor.
void intrude(machine& m, const std::string& execution) {
  eventstore::append_request foreign;
  foreign.stream = projections::stream_of(execution_id{execution});
  const auto head = m.disk.head_of(foreign.stream);
  REQUIRE(head);
  foreign.expected_version = head->version;
  const event stored{execution_event{execution_reprioritized{9}}};
  foreign.bytes.push_back(eventstore::encode(stored, {}));
  foreign.events.push_back({foreign.stream, head->version + 1, 0, {}, stored, {}});
  std::vector<eventstore::append_request> batch;
  batch.push_back(std::move(foreign));
  m.disk.append(std::move(batch), [](const auto& outcomes) { REQUIRE(outcomes); });
}

}  // namespace

TEST_CASE("an actor whose log moved on without it drops its answer, and the next command finds the log's state") {
  workshop w;
  intrude(w.m, "e");
  const auto lost = w.p->ask("e", pause_execution{});
  w.p->run();
  CHECK(lost->dropped);
  const auto told = w.p->ask("e", pause_execution{});
  w.p->run();
  CHECK(told->accepted());
  CHECK_EQ(told->state->priority, 9);
  CHECK_EQ(w.since(2), "execution_reprioritized execution_paused");
}

TEST_CASE("steps that build on a refused one are refused too, in whatever batch they come") {
  workshop w;
  intrude(w.m, "e");
  const auto paused = w.p->ask("e", pause_execution{});
  w.p->run_without_commits();
  // Decided on a state that never was, and numbered as if that pause had been written.
  const auto cancelled = w.p->ask("e", cancel_execution{});
  const auto refused = w.p->ask("e", resume_execution{});
  SUBCASE("in the same one") {
    w.p->run_without_commits();
  }
  SUBCASE("in a later one") {
    w.p->run_only("committer");
  }
  w.p->run();
  CHECK(paused->dropped);
  CHECK(cancelled->dropped);
  CHECK(refused->dropped);
  CHECK_EQ(w.since(2), "execution_reprioritized");
  const auto told = w.p->ask("e", pause_execution{});
  w.p->run();
  CHECK(told->accepted());
}

}  // namespace planexe::tests
