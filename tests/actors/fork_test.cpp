// Forks, by the real actors over a disk that can fail: what is written, who is told, and what goes on.
#include <doctest/doctest.h>

#include "actors/execution_fork.hpp"
#include "actors/noticing.hpp"
#include "actors/timers.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"
#include "tests/actors/process.hpp"
#include "tests/actors/timer_index.hpp"
#include "tests/domain/oracle.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

const stream_id origin_stream{stream_kind::execution, "e"}, fork_stream{stream_kind::execution, "f"};

std::shared_ptr<const plan> two_tasks() {
  return plan_builder{}.phase("P").task("A").task("B").after("B", "A");
}

execution_state replayed(const machine& on, const std::string& id, std::uint64_t seq = UINT64_MAX) {
  auto state = projections::replay_execution(on.disk, *on.derived, {id}, seq);
  REQUIRE(state);
  return std::move(state->state);
}

/// Ann holds A of execution "e".
struct at_work {
  machine m;
  process p{m};

  at_work() {
    p.ask_agent("ann", able_to({"*"}));
    p.ask("e", create_execution{.source = two_tasks(), .start = true});
    p.run();
    const auto polled = p.poll("ann");
    p.run();
    REQUIRE_EQ(polled->tasks(), "A#1");
    held = polled->task();
  }
  std::uint64_t version(const stream_id& stream) const { return m.disk.head_of(stream)->version; }

  work_item held;
};

}  // namespace

TEST_CASE("a fork has the events of its origin as its own, in one write, and the origin stays as it was") {
  at_work on;
  const auto seq = on.version(origin_stream);
  const auto before = events_of(on.m, origin_stream);
  on.m.clock.advance(hours(1));
  const auto writes = on.p.disk().appends().size();
  const auto told = on.p.fork("e", seq, "f", {.title = "Another try", .reason = "to see"}, {.actor = "olga"});
  CHECK_FALSE(told->delivered);
  on.p.run();
  REQUIRE(told->accepted());
  CHECK_EQ(told->outcome.first_seq, seq + 1);
  REQUIRE_EQ(on.p.disk().appends().size(), writes + 1);
  CHECK(on.p.disk().appends().back() == std::vector<std::size_t>{seq + 1});

  const auto events = events_of(on.m, fork_stream);  // hashes checked
  REQUIRE_EQ(events.size(), seq + 1);
  for (std::uint64_t i = 0; i < seq; ++i) {
    CHECK(events[i].metadata.inherited);
    auto metadata = events[i].metadata;
    metadata.inherited = false;
    CHECK(metadata == before[i].metadata);
    CHECK_EQ(eventstore::encode(events[i].payload, metadata),
             eventstore::encode(before[i].payload, before[i].metadata));
    CHECK(events[i].hash != before[i].hash);
  }
  const auto& last = events.back();
  CHECK_FALSE(last.metadata.inherited);
  CHECK_EQ(last.metadata.actor, "olga");
  const auto& forked = std::get<execution_forked>(std::get<execution_event>(last.payload));
  CHECK_EQ(forked.origin.value, "e");
  CHECK_EQ(forked.origin_seq, seq);
  CHECK_EQ(forked.origin_hash, std::string(before.back().hash.begin(), before.back().hash.end()));
  CHECK_EQ(on.version(origin_stream), seq);
  CHECK_EQ(difference(*told->state, replayed(on.m, "f")), "");

  // Its views tell it apart; the holder in the origin goes on.
  const auto* row = on.p.views().executions.row({"f"});
  REQUIRE(row != nullptr);
  CHECK_EQ(row->title, "Another try");
  CHECK_EQ(row->forked_from.value, "e");
  CHECK_EQ(row->forked_seq, seq);
  CHECK(row->created_at == on.m.clock.now());
  CHECK(on.p.views().executions.rows().front()->id.value == "f");
  const auto done = on.p.ask("e", complete_task{report_on(on.held, "ann"), "{}", {}});
  on.p.run();
  CHECK(done->accepted());
}

TEST_CASE(
    "agents get the work of a fork once it is resumed, and what they held of the origin counts for nothing in it") {
  at_work on;
  on.p.fork("e", on.version(origin_stream), "f");
  on.p.run();
  on.p.ask_agent("bob", able_to({"*"}));
  const auto early = on.p.poll("bob");
  on.p.run();
  CHECK(early->is_empty());
  const auto stale = on.p.ask("f", complete_task{report_on(on.held, "ann"), "{}", {}});
  on.p.run();
  CHECK(stale->refused(rejection_code::lease_lost));
  const auto resumed = on.p.ask("f", resume_execution{});
  on.p.run();
  REQUIRE(resumed->accepted());
  const auto polled = on.p.poll("bob");
  on.p.run();
  REQUIRE_EQ(polled->tasks(), "A#2");
  CHECK_EQ(polled->task().execution.value, "f");
  on.p.ask("f", complete_task{report_on(polled->task(), "bob"), "{}", {}}, {.actor = "agent:bob"});
  on.p.run();
  const auto next = on.p.poll("bob");
  on.p.run();
  CHECK_EQ(next->tasks(), "B#1");
  CHECK_EQ(replayed(on.m, "e").held.size(), 1);
}

TEST_CASE("what is inherited counts nowhere a second time, in no figure and for nobody") {
  at_work on;
  on.p.ask("e", complete_task{report_on(on.held, "ann"), "{}", {}});
  on.p.run();
  auto& views = on.p.views();
  const auto before = views.counters.row();
  const auto ann = *views.agents.row({"ann"});
  const auto entries = (*views.activity.rows())->size();
  const auto roles = (*views.roles.totals())->at("").completed;
  on.p.fork("e", on.version(origin_stream), "f");
  on.p.run();
  const auto& after = views.counters.row();
  CHECK_EQ(after.attempts, before.attempts);
  CHECK_EQ(after.tasks_completed, before.tasks_completed);
  const auto by_status = views.executions.by_status();
  CHECK_EQ(by_status[static_cast<std::size_t>(execution_status::paused)], 1);
  CHECK_EQ(by_status[static_cast<std::size_t>(execution_status::created)], 0);
  CHECK_EQ(views.agents.row({"ann"})->completed, ann.completed);
  CHECK(views.agents.row({"ann"})->held == ann.held);
  CHECK_EQ((*views.activity.rows())->size(), entries + 1);
  CHECK_EQ((*views.roles.totals())->at("").completed, roles);
}

TEST_CASE("nobody is told again of what happened to the origin") {
  machine m;
  std::vector<std::string> sent;
  process p{m,
            {.settings = {.notifies_server = true},
             .send_notification = [&](const actors::outgoing_notification& what, const auto& done) {
               sent.push_back(what.content.execution.value + ": " + what.content.message);
               done({delivery_outcome::kind::delivered, 200, {}, {}});
             }}};
  p.recover();
  p.run();
  p.ask("e", create_execution{.source = plan_builder{}.phase("P").task("A").confidence(0.1).task("B").confidence(0.8),
                              .start = true});
  p.run();
  p.wait(seconds(1));
  REQUIRE_EQ(sent.size(), 1);
  // In the same millisecond as the last event of the origin.
  p.fork("e", m.disk.head_of(origin_stream)->version, "f");
  p.run();
  p.wait(seconds(1));
  CHECK_EQ(sent.size(), 1);
  // What it asks for the first time is told.
  execution_options options;
  options.review_threshold = 0.9;
  p.fork("e", m.disk.head_of(origin_stream)->version, "g", {.options = options});
  p.run();
  p.wait(seconds(1));
  REQUIRE_EQ(sent.size(), 2);
  CHECK(sent.back().starts_with("g: "));
}

TEST_CASE("the deadlines of a fork are its own, and come also after a crash right after its write") {
  machine m;
  {
    process p{m};
    p.ask_agent("ann", able_to({"*"}));
    p.ask("e", create_execution{.source = two_tasks(), .start = true});
    p.run();
    const auto polled = p.poll("ann");
    p.run();
    p.ask("e", block_task{report_on(polled->task(), "ann"), "rain", hours(5)});
    p.run();
    m.clock.advance(hours(100));
    p.fork("e", m.disk.head_of(origin_stream)->version, "f");
    p.run_only("committer");  // and nothing after it
    REQUIRE_GT(m.disk.head_of(fork_stream)->version, 0);
  }
  process p{m};
  p.recover();
  p.run();
  const auto forked_at = m.clock.now();
  CHECK(armed_in(p).at(actors::owner_of(execution_id{"f"})) <= forked_at + hours(5));
  const auto before = m.disk.head_of(fork_stream)->version;
  p.wait(hours(4));
  CHECK_EQ(m.disk.head_of(fork_stream)->version, before);
  p.wait(hours(1) + seconds(1));
  CHECK_EQ(events_after(m, "f", before), "review_requested task_escalated");
}

TEST_CASE("a fork that does not reach the disk was never there") {
  at_work on;
  on.p.disk().fail_append(1);
  const auto told = on.p.fork("e", 2, "f");
  on.p.run();
  CHECK(told->dropped);
  CHECK_EQ(on.version(fork_stream), 0);
}

TEST_CASE("what cannot be forked is refused, and nothing is written") {
  at_work on;
  const auto last = on.version(origin_stream);
  const auto source = [&](const std::string& id, std::uint64_t seq) {
    return actors::read_fork_source(on.m.disk, {id}, seq);
  };
  CHECK(source("nobody", 1).error().code == errc::not_found);
  CHECK(source("e", 0).error().code == errc::invalid);
  CHECK(source("e", last + 1).error().code == errc::invalid);
  CHECK_EQ(source("e", last + 1).error().detail, "the execution has events 1 to " + std::to_string(last));
  REQUIRE(source("e", last));
  on.p.ask("e", cancel_execution{"enough"});
  on.p.run();
  const auto refused = on.p.fork("e", on.version(origin_stream), "f");
  CHECK(refused->refused(rejection_code::invalid_transition));
  on.p.run();
  CHECK_EQ(on.version(fork_stream), 0);
  const auto earlier = on.p.fork("e", last, "f");
  on.p.run();
  CHECK(earlier->accepted());
}

TEST_CASE("a history that is too long for one write is not forked") {
  machine m;
  eventstore::append_request append{.stream = origin_stream};
  const auto add = [&](execution_event event) {
    domain::event stored{std::move(event)};
    append.bytes.push_back(eventstore::encode(stored, {}));
    append.events.push_back({origin_stream, append.events.size() + 1, 0, {}, std::move(stored), {}});
  };
  add(execution_created{two_tasks(), "t", {}, 0, {}});
  while (append.events.size() <= actors::most_forked_events) add(execution_reprioritized{1});
  m.disk.append({append}, [](const auto& done) { REQUIRE(done); });
  CHECK(actors::read_fork_source(m.disk, {"e"}, actors::most_forked_events));
  CHECK(actors::read_fork_source(m.disk, {"e"}, actors::most_forked_events + 1).error().code == errc::too_large);
}

TEST_CASE("the views made anew say the same of forks, and of forks of forks") {
  at_work on;
  on.p.fork("e", 3, "f");
  on.p.run();
  on.p.ask("f", resume_execution{});
  on.p.run();
  on.m.clock.advance(hours(1));
  on.p.fork("f", on.version(fork_stream), "g", {.priority = 4});
  on.p.run();
  eventstore::memory_store nothing;
  actors::read_side rebuilt{on.m.disk, nothing, 0.7};
  REQUIRE(rebuilt.runner.start());
  REQUIRE(rebuilt.runner.store());
  REQUIRE(on.p.views().runner.store());
  for (auto* view : rebuilt.in_order()) {
    const std::string name{view->name()};
    INFO(name);
    CHECK(on.m.derived->load_view(name)->rows == nothing.load_view(name)->rows);
  }
  CHECK_EQ(rebuilt.executions.row({"g"})->forked_from.value, "f");
  CHECK_EQ(rebuilt.executions.row({"g"})->priority, 4);
}

}  // namespace planexe::tests
