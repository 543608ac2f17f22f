// Views that are made anew beside the live ones.
#include "projections/rebuild.hpp"

#include <doctest/doctest.h>

#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// A log that goes on, and live views that follow it.
struct live_log : chronicle {
  explicit live_log(std::uint64_t seed) : roll(seed) {
    REQUIRE(views.runner.start());
    log.subscribe([this](const auto& batch) { REQUIRE(views.runner.apply(*batch)); });
  }
  void goes_on(int commands) { play_randomly(roll, commands); }

  dice roll;
  eventstore::memory_store derived;
  followed_views views{log, derived};
};

/// The last step, as the server does it. Whether what was stored was right.
bool finish(live_log& l, projections::view_rebuild& rebuild) {
  REQUIRE(rebuild.carry_to(l.views.runner.position()));
  REQUIRE(rebuild.gather());
  REQUIRE(l.views.runner.store());
  l.views.runner.hold_stores(true);
  rebuild.install(*l.views.named(rebuild.name()));
  l.goes_on(10);  // traffic does not wait for the comparison
  REQUIRE(l.views.runner.store());
  const auto equal = rebuild.compare();
  REQUIRE(equal);
  l.views.runner.hold_stores(false);
  return *equal;
}

std::vector<std::string> names(live_log& l) {
  std::vector<std::string> all;
  for (const auto* view : l.views.in_order()) all.emplace_back(view->name());
  return all;
}

}  // namespace

TEST_CASE("every view can be made anew while the log goes on, equals the live one, and goes on in its place") {
  for (std::uint64_t seed = 1; seed <= walks(10); ++seed) {
    INFO("seed ", seed);
    live_log l{seed};
    for (const auto& name : names(l)) {
      INFO(name);
      l.goes_on(40);
      projections::view_rebuild rebuild{l.log, l.derived, 0.7, name};
      REQUIRE(rebuild.carry_to(l.views.runner.position()));
      REQUIRE(rebuild.gather());
      l.goes_on(20);
      CHECK(finish(l, rebuild));
      l.goes_on(20);
      REQUIRE(l.views.runner.store());
      REQUIRE(same(stored(l.derived), rebuilt(l.log)));
    }
  }
}

TEST_CASE("a stored row that was changed, lost or added is noticed and mended") {
  using view_write = eventstore::derived_store::view_write;
  for (const auto& name : names(*std::make_unique<live_log>(1))) {
    for (int damage = 0; damage < 3; ++damage) {
      INFO(name, " ", damage);
      live_log l{7};
      l.goes_on(150);
      l.notify_randomly(l.roll);
      l.import(plan_builder{}.phase("P").task("A"));
      REQUIRE(l.views.runner.store());
      auto content = l.derived.load_view(name);
      REQUIRE(content);
      REQUIRE_FALSE(content->rows.empty());
      // A row that nothing touches again before the comparison; what is touched is written anew anyway.
      projections::view_rebuild rebuild{l.log, l.derived, 0.7, name};
      auto [key, row] = content->rows.front();
      view_write fault{.view = name, .checkpoint = content->checkpoint, .puts = {}, .deletes = {}, .reset = false};
      if (damage == 0) fault.puts = {{key, row + "\xff"}};
      if (damage == 1) fault.deletes = {key};
      if (damage == 2) fault.puts = {{key + "-of-another", row}};
      REQUIRE(l.derived.write_view(fault));
      CHECK_FALSE(finish(l, rebuild));
      l.goes_on(20);
      REQUIRE(l.views.runner.store());
      CHECK(same(stored(l.derived), rebuilt(l.log)));
    }
  }
}

TEST_CASE("a live view that has gone wrong in memory is right afterwards") {
  live_log l{3};
  l.goes_on(60);
  l.play_agent("eve", register_agent{{.name = "Eve"}});
  REQUIRE(l.views.runner.store());
  l.views.agents.reset();  // as if it had lost everything
  l.views.executions.reset();
  CHECK(l.views.agents.row({"eve"}) == nullptr);
  projections::view_rebuild executions{l.log, l.derived, 0.7, l.views.executions.name()};
  CHECK(finish(l, executions));  // what was stored was right
  projections::view_rebuild agents{l.log, l.derived, 0.7, l.views.agents.name()};
  finish(l, agents);  // what was stored of those that have moved since was not
  CHECK(l.views.agents.row({"eve"}) != nullptr);
  for (const auto& [id, state] : l.states()) REQUIRE_EQ(l.views.executions.row({id})->version, state.version);
  REQUIRE(l.views.runner.store());
  CHECK(same(stored(l.derived), rebuilt(l.log)));
}

TEST_CASE("a rebuild that is asked to stop stops") {
  live_log l{5};
  l.goes_on(50);
  std::stop_source ending;
  ending.request_stop();
  projections::view_rebuild rebuild{l.log, l.derived, 0.7, l.views.executions.name()};
  REQUIRE(rebuild.carry_to(l.views.runner.position(), ending.get_token()));
  CHECK_EQ(rebuild.position(), 0);
}

TEST_CASE("views that are not stored for a while are stored whole afterwards") {
  live_log l{9};
  l.goes_on(30);
  l.views.runner.hold_stores(true);
  REQUIRE(l.views.runner.store());
  CHECK_EQ(l.derived.load_view(std::string(l.views.executions.name()))->checkpoint, 0);
  CHECK(l.views.runner.unstored() > 0);
  l.goes_on(30);
  l.views.runner.hold_stores(false);
  REQUIRE(l.views.runner.store());
  CHECK(same(stored(l.derived), rebuilt(l.log)));
  for (const auto& standing : l.views.runner.standings()) {
    CHECK_EQ(standing.checkpoint, l.views.runner.position());
    CHECK_EQ(standing.position, l.views.runner.position());
  }
}

}  // namespace planexe::tests
