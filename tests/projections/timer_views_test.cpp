// The index of deadlines: what it says follows from the executions' states, also after a restart from any checkpoint.
#include <doctest/doctest.h>

#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

std::string text_of(const chronicle& c, projections::timer_views& timers) {
  const auto rows = timers.rows();
  REQUIRE(rows);
  std::string text;
  for (const auto& row : *rows) {
    text += (text.empty() ? "" : ", ") + row.execution.value;
    if (row.due) text += " in " + std::to_string((*row.due - c.now) / hours(1)) + " h";
    if (row.has_work) text += " with work";
  }
  return text;
}

std::shared_ptr<const plan> asked_and_ready() {
  return plan_builder{}.phase("P").task("A").confidence(0.5).task("B").build();
}

}  // namespace

TEST_CASE("the index lists what will happen, the earliest first, and who has work") {
  chronicle c;
  eventstore::memory_store derived;
  c.play("idle", create_execution{.source = asked_and_ready()});
  c.play("soon", create_execution{.source = asked_and_ready(), .options = {.timeout = hours(5)}, .start = true});
  c.play("later", create_execution{.source = asked_and_ready(), .start = true});
  c.play("later", resolve_review{.task = {"B"}, .action = review_action::skip});
  c.play("over", create_execution{.source = asked_and_ready(), .start = true});
  c.play("over", cancel_execution{"enough"});
  followed_views views{c.log, derived};
  REQUIRE(views.runner.start());
  CHECK_EQ(text_of(c, views.timers), "soon in 5 h with work, later in 24 h");
}

TEST_CASE("a stored index and the events after it give what all events give") {
  chronicle c;
  eventstore::memory_store derived;
  for (const char* id : {"a", "b", "c"}) c.play(id, create_execution{.source = asked_and_ready(), .start = true});
  {
    followed_views views{c.log, derived};
    REQUIRE(views.runner.start());
    REQUIRE(views.runner.store());
  }
  c.play("a", cancel_execution{"enough"});
  c.play("b", resolve_review{.task = {"B"}, .action = review_action::skip});
  followed_views views{c.log, derived};
  REQUIRE(views.runner.start());
  CHECK_EQ(text_of(c, views.timers), "b in 24 h, c in 24 h with work");
  REQUIRE(views.runner.store());
  CHECK(same(stored(derived), rebuilt(c.log)));
  followed_views again{c.log, derived};
  REQUIRE(again.runner.start());
  CHECK_EQ(text_of(c, again.timers), "b in 24 h, c in 24 h with work");
}

}  // namespace planexe::tests
