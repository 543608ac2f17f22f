// The runner: a view that comes from its stored rows and the rest of the log is, byte for byte, the one made from
// nothing.
#include <doctest/doctest.h>

#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

using view_write = eventstore::derived_store::view_write;

/// A log of a few executions, an agent, a plan and a notification: rows in every view.
void write_some(chronicle& c) {
  c.import(plan_builder{}.phase("P").task("A"));
  c.play_agent("ann", register_agent{{.name = "Ann"}});
  for (const auto* id : {"e", "f"}) {
    c.now += seconds(1);
    c.play(id, create_execution{.source = plan_builder{}.phase("P").task("A"), .start = true});
    c.assign(id, "A", "ann");
  }
  dice roll{1};
  c.notify_randomly(roll);
}

}  // namespace

TEST_CASE("stored rows and the rest of the log make the same views as the whole log, wherever it stopped") {
  for (std::uint64_t seed = 1; seed <= walks(40); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    chronicle c;
    eventstore::memory_store derived;
    auto views = std::make_unique<followed_views>(c.log, derived);
    REQUIRE(views->runner.start());
    std::size_t applied = 0;
    for (int i = 0; i < 40; ++i) {
      c.play_randomly(roll, 5);
      for (; applied < c.batches.size(); ++applied) REQUIRE(views->runner.apply(*c.batches[applied]));
      if (roll.chance(30)) REQUIRE(views->runner.store());
      if (roll.chance(20)) {
        // A process that ended without having stored what it knew.
        views = std::make_unique<followed_views>(c.log, derived);
        REQUIRE(views->runner.start());
      }
    }
    REQUIRE(views->runner.store());
    REQUIRE(same(stored(derived), rebuilt(c.log)));
    for (const auto& [id, state] : c.states()) REQUIRE_EQ(views->executions.row({id})->version, state.version);
  }
}

TEST_CASE("views that were stored at different places each take what they miss") {
  chronicle c;
  write_some(c);
  eventstore::memory_store derived;
  {
    followed_views views{c.log, derived};
    REQUIRE(views.runner.start());
    REQUIRE(views.runner.store());
  }
  // The executions' view is lost and begins anew, the others go on from where they are.
  REQUIRE(derived.write_view(
      view_write{.view = "executions.4", .checkpoint = 0, .puts = {}, .deletes = {}, .reset = true}));
  c.play("e", complete_task{by("ann", "A"), "{}", {}});
  followed_views views{c.log, derived};
  REQUIRE(views.runner.start());
  REQUIRE(views.runner.store());
  CHECK(same(stored(derived), rebuilt(c.log)));
  CHECK_EQ(views.agents.row({"ann"})->completed, 1);
}

TEST_CASE("whichever view is lost or left behind, it comes back the same while the others go on") {
  for (std::uint64_t seed = 1; seed <= walks(6); ++seed) {
    dice roll{seed};
    for (const auto& [name, content] : rebuilt(chronicle{}.log)) {
      INFO("seed ", seed, " ", name);
      chronicle c;
      eventstore::memory_store derived;
      c.play_randomly(roll, 60);
      const auto early = rebuilt(c.log).at(name);
      c.play_randomly(roll, 60);
      {
        followed_views views{c.log, derived};
        REQUIRE(views.runner.start());
        REQUIRE(views.runner.store());
      }
      // It is as it was some time ago, or gone.
      const bool gone = roll.chance(50);
      view_write write{.view = name, .checkpoint = 0, .puts = {}, .deletes = {}, .reset = true};
      if (!gone) write.checkpoint = early.checkpoint;
      if (!gone) write.puts = early.rows;
      REQUIRE(derived.write_view(write));
      followed_views views{c.log, derived};
      REQUIRE(views.runner.start());
      c.log.subscribe([&](const auto& batch) { REQUIRE(views.runner.apply(*batch)); });
      c.play_randomly(roll, 40);
      REQUIRE(views.runner.store());
      REQUIRE(same(stored(derived), rebuilt(c.log)));
    }
  }
}

TEST_CASE("a batch that was seen while catching up is not applied again, nor is the part of one") {
  chronicle c;
  eventstore::memory_store derived;
  write_some(c);
  followed_views views{c.log, derived};
  REQUIRE(views.runner.start());
  const auto position = views.runner.position();
  CHECK_EQ(position, c.batches.back()->events.back().position);
  for (const auto& batch : c.batches) REQUIRE(views.runner.apply(*batch));
  CHECK_EQ(views.runner.position(), position);
  CHECK_EQ(views.agents.row({"ann"})->held.size(), 2);
  c.play("e", complete_task{by("ann", "A"), "{}", {}});
  auto overlapping = *c.batches[c.batches.size() - 2];
  for (const auto& record : c.batches.back()->events) overlapping.events.push_back(record);
  REQUIRE(views.runner.apply(overlapping));
  REQUIRE(views.runner.store());
  CHECK_EQ(views.runner.unstored(), 0);
  CHECK(same(stored(derived), rebuilt(c.log)));
}

TEST_CASE("a view that is ahead of the log is made anew, and nothing of the old one stays") {
  chronicle longer;
  write_some(longer);
  eventstore::memory_store derived;
  {
    followed_views views{longer.log, derived};
    REQUIRE(views.runner.start());
    REQUIRE(views.runner.store());
  }
  chronicle shorter;
  shorter.play_agent("bob", register_agent{{.name = "Bob"}});
  shorter.play("g", create_execution{.source = plan_builder{}.phase("P").task("A")});
  for (int start = 1; start <= 2; ++start) {
    followed_views views{shorter.log, derived};
    REQUIRE(views.runner.start());
    CHECK_EQ(views.executions.rows().size(), 1);
    CHECK_EQ(views.agents.rows().size(), 1);
    CHECK(views.plans.rows().empty());
    REQUIRE(views.runner.store());
    CHECK(same(stored(derived), rebuilt(shorter.log)));
  }
}

TEST_CASE("a damaged row makes its view anew") {
  chronicle c;
  write_some(c);
  const auto whole = rebuilt(c.log);
  for (const auto& [name, content] : whole) {
    REQUIRE_FALSE(content.rows.empty());
    for (int damage = 0; damage < 3; ++damage) {
      INFO(name, " ", damage);
      eventstore::memory_store derived;
      for (const auto& [each, rows] : whole)
        REQUIRE(derived.write_view(
            view_write{.view = each, .checkpoint = rows.checkpoint, .puts = rows.rows, .deletes = {}, .reset = false}));
      auto [key, row] = content.rows.front();
      if (damage == 0) row.pop_back();
      if (damage == 1) row = std::string(8, '\xff');
      if (damage == 2) key += "-of-another";
      REQUIRE(derived.write_view(view_write{
          .view = name, .checkpoint = content.checkpoint, .puts = {{key, row}}, .deletes = {}, .reset = false}));
      followed_views views{c.log, derived};
      REQUIRE(views.runner.start());
      REQUIRE(views.runner.store());
      CHECK(same(stored(derived), whole));
    }
  }
}

}  // namespace planexe::tests
