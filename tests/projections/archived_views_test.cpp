// Views of a log that executions have left: they tell of those that are there, and are the same made anew.
#include <doctest/doctest.h>

#include "projections/replay.hpp"
#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

struct followed_log : chronicle {
  followed_log() {
    REQUIRE(views.runner.start());
    log.subscribe([this](const auto& batch) { REQUIRE(views.runner.apply(*batch)); });
  }
  void end(const std::string& execution) {
    if (!is_final(state(execution).status)) play(execution, cancel_execution{"enough"});
  }
  std::uint64_t count_in(execution_status status) const {
    return views.executions.by_status()[static_cast<std::size_t>(status)];
  }

  eventstore::memory_store derived;
  followed_views views{log, derived};
};

/// Appends a batch of another log; what leaves with it goes to `archive`, or stays where there is none.
void append_again(eventstore::memory_store& log, const eventstore::committed_batch& batch,
                  eventstore::testing::kept_archive* archive) {
  eventstore::append_request request;
  const auto* left = projections::archived_in(batch.events.front());
  if (left != nullptr && archive != nullptr)
    request = eventstore::testing::leaving(log, *archive, projections::stream_of(left->execution));
  for (const auto& event : batch.events) {
    request.stream = event.stream;
    request.bytes.push_back(eventstore::encode(event.payload, event.metadata));
    request.events.push_back(event);
  }
  request.expected_version = request.events.front().seq - 1;
  const auto outcomes = eventstore::testing::append(log, {std::move(request)});
  REQUIRE(outcomes);
  REQUIRE(outcomes->front().committed);
}

}  // namespace

TEST_CASE("an execution that has left is in no view, and all else stays") {
  followed_log l;
  const std::shared_ptr<const plan> two = plan_builder{}.phase("P").task("A").role("Mason").task("B").role("Smith");
  l.play("kept", create_execution{.source = two, .start = true});
  l.play("gone", create_execution{.source = two, .start = true});
  l.assign("gone", "A", "ann");
  l.end("gone");
  CHECK(l.count_in(execution_status::cancelled) == 1);
  const auto attempts = l.views.counters.row().attempts;
  l.leave("gone");

  CHECK(l.views.executions.row({"gone"}) == nullptr);
  CHECK(l.views.executions.row({"kept"}) != nullptr);
  CHECK(l.views.executions.rows().size() == 1);
  REQUIRE(l.views.executions.peek({"gone"}));
  CHECK(*l.views.executions.peek({"gone"}) == nullptr);
  CHECK(l.count_in(execution_status::cancelled) == 0);
  CHECK(l.views.counters.row().attempts == attempts);
  const auto roles = l.views.roles.totals();
  REQUIRE(roles);
  CHECK((*roles)->at("Mason").ready + (*roles)->at("Mason").waiting == 1);
  REQUIRE(l.views.timers.rows());
  CHECK(l.views.timers.rows()->size() == 1);
  const auto activity = l.views.activity.rows();
  REQUIRE(activity);
  CHECK((*activity)->back().event_type == "execution_archived");
  CHECK((*activity)->back().execution == execution_id{"gone"});
  CHECK_FALSE((*activity)->back().title.empty());

  const auto whole = l.views.executions.state_at({"gone"}, UINT64_MAX);
  REQUIRE(whole);
  CHECK((*whole)->status == execution_status::cancelled);
  const auto past = l.views.executions.state_at({"gone"}, 1);
  REQUIRE(past);
  CHECK((*past)->version == 1);

  l.leave("kept");  // that it is not over is the archivist's affair
  CHECK(l.views.executions.rows().empty());
  CHECK((*l.views.roles.totals())->empty());
  CHECK(l.views.timers.rows()->empty());
}

TEST_CASE("what executions leave behind in the stored views is what a view made anew has") {
  for (std::uint64_t seed = 1; seed <= walks(30); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    followed_log l;
    l.play_randomly(roll, 80);
    if (roll.chance(50)) REQUIRE(l.views.runner.store());
    while (!l.states().empty()) {
      const auto id = l.states().begin()->first;
      l.end(id);
      if (roll.chance(50)) REQUIRE(l.views.runner.store());
      l.leave(id);
      if (roll.chance(50)) l.notify_randomly(roll);
      if (roll.chance(50)) REQUIRE(l.views.runner.store());
    }
    REQUIRE(l.views.runner.store());
    CHECK(same(stored(l.derived), rebuilt(l.log)));
    CHECK(l.derived.load_view(std::string(l.views.executions.name()))->rows.empty());
  }
}

TEST_CASE("views that were stored at any moment catch up over what has left since") {
  for (std::uint64_t seed = 1; seed <= walks(15); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    chronicle c;
    c.play_randomly(roll, 60);
    for (const std::string id : {"e0", "e1", "e2"})
      if (c.states().contains(id)) {
        if (!is_final(c.state(id).status)) c.play(id, cancel_execution{"enough"});
        c.leave(id);
      }
    const auto whole = rebuilt(c.log);
    // As a process leaves them that ended there.
    const auto until = roll.below(c.batches.size() + 1);
    eventstore::memory_store derived;
    {
      eventstore::memory_store part{c.archive};
      followed_views views{part, derived};
      REQUIRE(views.runner.start());
      part.subscribe([&](const auto& batch) { REQUIRE(views.runner.apply(*batch)); });
      for (std::size_t i = 0; i < until; ++i) {
        append_again(part, *c.batches[i], c.archive.get());
      }
      REQUIRE(views.runner.store());
    }
    followed_views views{c.log, derived};
    REQUIRE(views.runner.start());
    REQUIRE(views.runner.store());
    CHECK(same(stored(derived), whole));
  }
}

TEST_CASE("executions that a log has back are in its views until they leave a second time") {
  chronicle c;
  const std::shared_ptr<const plan> one = plan_builder{}.phase("P").task("A");
  c.play("back", create_execution{.source = one, .start = true});
  c.play("back", cancel_execution{"enough"});
  c.leave("back");

  const auto archive = std::make_shared<eventstore::testing::kept_archive>();
  eventstore::memory_store log{archive}, derived;
  followed_views views{log, derived};
  REQUIRE(views.runner.start());
  log.subscribe([&](const auto& batch) { REQUIRE(views.runner.apply(*batch)); });
  for (const auto& batch : c.batches) append_again(log, *batch, nullptr);
  REQUIRE(views.executions.row({"back"}) != nullptr);
  CHECK(views.executions.row({"back"})->status == execution_status::cancelled);
  REQUIRE(views.runner.store());
  CHECK(same(stored(derived), rebuilt(log)));

  auto again = *c.batches.back();
  again.events.front().seq = 2;
  append_again(log, again, archive.get());
  CHECK(views.executions.row({"back"}) == nullptr);
  CHECK(views.executions.by_status()[static_cast<std::size_t>(execution_status::cancelled)] == 0);
  REQUIRE(views.runner.store());
  CHECK(same(stored(derived), rebuilt(log)));
}

}  // namespace planexe::tests
