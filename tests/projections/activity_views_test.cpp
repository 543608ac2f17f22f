// The feed of what happened lately.
#include <doctest/doctest.h>

#include <algorithm>

#include "eventstore/codec.hpp"
#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

const auto one_task = plan_builder{}.phase("P").task("A").title("Dig").build();

const std::deque<projections::activity_row>& rows_of(followed_views& views) {
  const auto rows = views.activity.rows();
  REQUIRE(rows);
  return **rows;
}

std::string types_of(const std::deque<projections::activity_row>& rows) {
  std::string text;
  for (const auto& row : rows) text += (text.empty() ? "" : " ") + row.event_type;
  return text;
}

}  // namespace

TEST_CASE("what people want to hear of is in the feed, progress is not") {
  chronicle c;
  c.import(one_task);
  c.play_agent("ann", register_agent{{.name = "Ann"}});
  c.play("e", create_execution{.source = one_task, .title = "A house", .start = true});
  c.assign("e", "A", "ann");
  c.play("e", report_progress{by("ann", "A"), 50, "half"});
  c.play("e", complete_task{by("ann", "A"), "{}", "deep enough"}, "agent:ann");
  eventstore::memory_store derived;
  followed_views views{c.log, derived};
  REQUIRE(views.runner.start());
  const auto& rows = rows_of(views);
  CHECK_EQ(types_of(rows),
           "plan_imported agent_registered execution_created execution_queued task_assigned execution_started "
           "task_complete execution_completed");
  CHECK_EQ(rows[0].title, "A plan");
  CHECK_EQ(rows[1].agent.value, "ann");
  CHECK_EQ(rows[1].message, "Ann");
  const auto& done = rows[6];
  CHECK_EQ(done.title, "A house");
  CHECK_EQ(done.task.value, "A");
  CHECK_EQ(done.task_title, "Dig");
  CHECK_EQ(done.agent.value, "ann");
  CHECK_EQ(done.actor, "agent:ann");
  CHECK_EQ(done.message, "deep enough");
  CHECK_EQ(done.execution.value, "e");
  CHECK(done.at == c.now);
  CHECK_EQ(done.seq, c.state("e").version - 1);
}

TEST_CASE("every type in the feed has a name that filters know, and they are sorted") {
  const auto types = projections::activity_types();
  CHECK(std::is_sorted(types.begin(), types.end()));
  const auto known = eventstore::stored_types();
  for (const auto type : types)
    CHECK_MESSAGE(std::any_of(known.begin(), known.end(), [&](const auto& each) { return each.name == type; }), type);
  for (std::uint64_t seed = 1; seed <= walks(20); ++seed) {
    dice roll{seed};
    chronicle c;
    c.play_randomly(roll, 120);
    eventstore::memory_store derived;
    followed_views views{c.log, derived};
    REQUIRE(views.runner.start());
    for (const auto& row : rows_of(views))
      REQUIRE_MESSAGE(std::find(types.begin(), types.end(), row.event_type) != types.end(), row.event_type);
  }
}

TEST_CASE("only the newest are kept, in memory and in the store, and a restart gives the same") {
  chronicle c;
  eventstore::memory_store derived;
  auto views = std::make_unique<followed_views>(c.log, derived);
  REQUIRE(views->runner.start());
  std::size_t applied = 0;
  for (int i = 0; i < 700; ++i) {
    c.play("e" + std::to_string(i), create_execution{.source = one_task, .start = true});
    if (i % 3 == 0) c.play("e" + std::to_string(i), cancel_execution{"no use"});
    for (; applied < c.batches.size(); ++applied) REQUIRE(views->runner.apply(*c.batches[applied]));
    if (i % 90 == 0) REQUIRE(views->runner.store());
    if (i % 250 == 0) {
      views = std::make_unique<followed_views>(c.log, derived);
      REQUIRE(views->runner.start());
    }
  }
  for (int i = 0; i < 400; ++i) {
    c.play("f" + std::to_string(i), create_execution{.source = one_task, .start = true});
    for (; applied < c.batches.size(); ++applied) REQUIRE(views->runner.apply(*c.batches[applied]));
  }
  CHECK_EQ(rows_of(*views).size(), projections::most_activity);
  REQUIRE(views->runner.store());
  CHECK_EQ(derived.load_view(std::string(views->activity.name()))->rows.size(), projections::most_activity);
  CHECK(same(stored(derived), rebuilt(c.log)));
  CHECK_EQ(rows_of(*views).back().execution.value, "f399");
  CHECK_EQ(rows_of(*views).back().title, "A plan");
}

}  // namespace planexe::tests
