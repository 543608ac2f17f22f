// The rows that the lists show, and the states behind them.
#include <doctest/doctest.h>

#include "projections/replay.hpp"
#include "tests/domain/oracle.hpp"
#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// A log and views that follow it.
struct followed : chronicle {
  followed() {
    REQUIRE(views.runner.start());
    log.subscribe([this](const auto& batch) { REQUIRE(views.runner.apply(*batch)); });
  }
  const projections::execution_row& row(const std::string& id) {
    const auto* found = views.executions.row({id});
    REQUIRE(found != nullptr);
    return *found;
  }
  const projections::agent_row& agent(const std::string& id) {
    const auto* found = views.agents.row({id});
    REQUIRE(found != nullptr);
    return *found;
  }
  void start(const std::string& id, std::shared_ptr<const plan> plan, execution_options options = {}) {
    play(id, create_execution{.source = std::move(plan), .options = options, .start = true});
  }
  void register_one(const std::string& id) { play_agent(id, register_agent{{.name = id}}); }

  eventstore::memory_store derived;
  followed_views views{log, derived};
};

const auto two_tasks = plan_builder{}.phase("P").task("A").title("Dig").days(1).task("B").days(3).build();

}  // namespace

TEST_CASE("an execution's row follows it from its creation to its end") {
  followed f;
  const auto begin = f.now;
  f.play("e", create_execution{.source = two_tasks, .title = "A house", .priority = 3});
  f.play("d", create_execution{.source = two_tasks, .agent = {"ann"}});
  CHECK_EQ(f.row("d").agent.value, "ann");
  CHECK_EQ(f.row("d").title, "A plan");
  CHECK_EQ(f.row("e").title, "A house");
  CHECK_EQ(f.row("e").goal, "A goal");
  CHECK_EQ(f.row("e").plan.value, "plan-1");
  CHECK(f.row("e").agent.empty());
  CHECK_EQ(f.row("e").priority, 3);
  CHECK_EQ(f.row("e").tasks_total, 2);
  CHECK(f.row("e").status == execution_status::created);
  CHECK(f.row("e").created_at == begin);
  f.now += seconds(5);
  f.play("e", queue_execution{});
  CHECK(f.row("e").deadline_at == f.now + hours(168));
  CHECK_FALSE(f.row("e").started_at);
  f.assign("e", "B", "bob");
  f.assign("e", "A", "ann");
  CHECK(f.row("e").status == execution_status::running);
  CHECK(f.row("e").started_at == f.now);
  CHECK_EQ(f.row("e").current_task.value, "A");
  CHECK_EQ(f.row("e").current_task_title, "Dig");
  CHECK(f.row("e").agents == std::vector<agent_id>{{"ann"}, {"bob"}});
  f.play("e", complete_task{by("bob", "B"), "{}", {}});
  CHECK_EQ(f.row("e").tasks_completed, 1);
  CHECK_EQ(f.row("e").effort_percent, doctest::Approx(75));
  CHECK(f.row("e").agents == std::vector<agent_id>{{"ann"}});
  f.now += seconds(5);
  f.play("e", resolve_review{.task = {"A"}, .action = review_action::skip});
  CHECK_EQ(f.row("e").tasks_skipped, 1);
  CHECK_EQ(f.row("e").effort_percent, doctest::Approx(100));
  CHECK(f.row("e").status == execution_status::completed);
  CHECK(f.row("e").completed_at == f.now);
  CHECK(f.row("e").updated_at == f.now);
  CHECK(f.row("e").current_task.empty());
  CHECK(f.row("e").current_task_title.empty());
  CHECK_EQ(f.row("e").version, f.state("e").version);
}

TEST_CASE("a row counts the parts of a task that was taken apart") {
  followed f;
  f.start("e", two_tasks);
  f.assign("e", "A", "ann");
  auto parts = std::make_shared<decomposition>();
  parts->source = decomposition_source::agent;
  for (const auto* id : {"A.1", "A.2"}) {
    new_subtask part;
    part.definition.id = {id};
    part.definition.title = id;
    part.definition.decomposition_confidence = 1;
    parts->subtasks.push_back(std::move(part));
  }
  f.play("e", propose_subtasks{by("ann", "A"), parts});
  CHECK_EQ(f.state("e").leaf_total(), 3);
  CHECK_EQ(f.row("e").tasks_total, 3);
}

TEST_CASE("a row counts what waits for people and says why an execution stands") {
  followed f;
  f.start("e", plan_builder{}.phase("P").task("A").confidence(0.2).task("B").confidence(0.3));
  CHECK_EQ(f.row("e").waiting_for_people, 2);
  CHECK(f.row("e").status == execution_status::blocked);
  CHECK_EQ(f.row("e").status_message, "waits for a person's decision on 2 tasks");
  f.play("e", resolve_review{.task = {"A"}, .action = review_action::approve});
  CHECK_EQ(f.row("e").waiting_for_people, 1);
  CHECK(f.row("e").status == execution_status::queued);
}

TEST_CASE("executions and plans are listed newest first, agents by id") {
  followed f;
  for (const auto* id : {"b", "c", "a"}) {
    f.now += seconds(1);
    f.start(id, two_tasks);
    f.register_one(id);
    auto plan = plan_builder{}.phase("P");
    plan.raw().id = {id};
    f.import(plan);
  }
  f.start("z", two_tasks);  // at the same time as the last one: by id
  std::string executions, agents, plans;
  for (const auto* row : f.views.executions.rows()) executions += row->id.value;
  for (const auto* row : f.views.agents.rows()) agents += row->id.value;
  for (const auto* row : f.views.plans.rows()) plans += row->id.value;
  CHECK_EQ(executions, "zacb");
  std::string newest;
  for (const auto* row : f.views.executions.newest(2)) newest += row->id.value;
  CHECK_EQ(newest, "za");
  CHECK(f.views.executions.newest(9).size() == 4);
  CHECK_EQ(agents, "abc");
  CHECK_EQ(plans, "acb");
  CHECK(f.views.executions.row({"nobody"}) == nullptr);
  CHECK(f.views.plans.row({"nobody"}) == nullptr);
}

// -- agents
// --------------------------------------------------------------------------------------------------------------

TEST_CASE("an agent that never registered is not listed, but what it did is known once it does") {
  followed f;
  f.start("e", two_tasks);
  f.assign("e", "A", "ann");
  CHECK(f.views.agents.row({"ann"}) == nullptr);
  CHECK(f.views.agents.rows().empty());
  f.register_one("ann");
  CHECK_EQ(f.agent("ann").held.size(), 1);
}

TEST_CASE("an agent's row shows what it holds, what it has done and how long that took") {
  followed f;
  f.register_one("ann");
  f.start("e", two_tasks);
  f.assign("e", "A", "ann");
  const auto taken = f.now;
  f.assign("e", "B", "ann");
  CHECK(f.agent("ann").held == std::vector<projections::held_task>{{{"e"}, {"A"}, taken}, {{"e"}, {"B"}, taken}});
  CHECK_FALSE(projections::median_task_seconds(f.agent("ann")));
  f.now += seconds(10);
  f.play("e", complete_task{by("ann", "A"), "{}", {}});
  CHECK(f.agent("ann").held == std::vector<projections::held_task>{{{"e"}, {"B"}, taken}});
  CHECK_EQ(f.agent("ann").completed, 1);
  CHECK_EQ(*projections::median_task_seconds(f.agent("ann")), doctest::Approx(10));
  CHECK(f.agent("ann").last_event_at == f.now);
  f.now += seconds(10);
  f.play("e", fail_task{by("ann", "B"), "oops", "no luck"});
  CHECK_EQ(f.agent("ann").failed, 1);
  CHECK(f.agent("ann").held.empty());
  CHECK_EQ(f.agent("ann").completed, 1);
}

TEST_CASE("whatever ends a hold takes the task out of its agent's row") {
  followed f;
  f.register_one("ann");
  f.start("e", two_tasks);
  f.assign("e", "A", "ann");
  REQUIRE_EQ(f.agent("ann").held.size(), 1);
  SUBCASE("a block") {
    f.play("e", block_task{by("ann", "A"), "rain"});
  }
  SUBCASE("an expired lease") {
    f.play("e", release_task{f.state("e").graph->find({"A"}), "A-1", "silent"});
  }
  SUBCASE("a timeout") {
    f.now += hours(25);
    f.play("e", time_out_attempt{f.state("e").graph->find({"A"}), "A-1"});
    CHECK_EQ(f.agent("ann").failed, 1);
  }
  SUBCASE("a skip") {
    f.play("e", resolve_review{.task = {"A"}, .action = review_action::skip});
  }
  SUBCASE("a person who completes it") {
    f.play("e", resolve_review{.task = {"A"}, .action = review_action::complete, .output_json = "{}"});
    CHECK_EQ(f.agent("ann").completed, 0);
  }
  SUBCASE("a reassignment") {
    f.play("e", resolve_review{.task = {"A"}, .action = review_action::reassign, .agent = {"bob"}});
  }
  SUBCASE("a cancelled execution") {
    f.play("e", cancel_execution{});
  }
  SUBCASE("a failed execution") {
    f.now += hours(200);
    f.play("e", time_out_execution{});
  }
  CHECK(f.agent("ann").held.empty());
}

TEST_CASE("a cancelled execution takes only its own tasks from an agent") {
  followed f;
  f.register_one("ann");
  for (const auto* id : {"d", "e", "f"}) {
    f.start(id, two_tasks);
    f.assign(id, "A", "ann");
  }
  f.play("e", cancel_execution{});
  CHECK_EQ(f.agent("ann").held.size(), 2);
}

TEST_CASE("the median is taken over the last completions alone") {
  followed f;
  f.register_one("ann");
  constexpr int earlier = 60;
  const auto one = plan_builder{}.phase("P").task("A").build();
  for (int i = 0; i < earlier + static_cast<int>(projections::most_recent_durations); ++i) {
    const auto id = "e" + std::to_string(i);
    f.start(id, one);
    f.assign(id, "A", "ann");
    f.now += i < earlier ? hours(1) : seconds(2);
    f.play(id, complete_task{by("ann", "A"), "{}", {}});
  }
  CHECK_EQ(f.agent("ann").completed, earlier + projections::most_recent_durations);
  CHECK_EQ(f.agent("ann").recent.size(), projections::most_recent_durations);
  CHECK_EQ(*projections::median_task_seconds(f.agent("ann")), doctest::Approx(2));
}

TEST_CASE("an agent's row follows its profile and standing") {
  followed f;
  f.register_one("ann");
  f.play_agent("ann", change_agent{.standing = agent_standing::retired, .roles = std::vector<std::string>{"Cook"}});
  CHECK(f.agent("ann").state.standing == agent_standing::retired);
  CHECK(f.agent("ann").state.profile.roles == std::vector<std::string>{"Cook"});
  CHECK_EQ(f.agent("ann").state.version, 3);
}

// -- plans
// ---------------------------------------------------------------------------------------------------------------

TEST_CASE("a plan's row sums it up") {
  followed f;
  plan_builder builder;
  builder.phase("P").task("A").confidence(0.9).task("B").confidence(0.5).task("C").confidence(1.0).subtask("C1");
  builder.phase("Q").after("Q", "P").redline(redline_verdict::allow).start_warning("careful");
  builder.raw().tasks[1].agent_executable = false;
  builder.raw().roles = {{"Cook", {}}, {"Waiter", {}}};
  builder.raw().warnings = {{"odd", "an oddity", {}}};
  f.import(builder);
  const auto* row = f.views.plans.row({"plan-1"});
  REQUIRE(row != nullptr);
  CHECK_EQ(row->title, "A plan");
  CHECK_EQ(row->phases, 2);
  CHECK_EQ(row->tasks, 3);
  CHECK_EQ(row->tasks_total, 4);  // A, B, C1 and Q
  CHECK_EQ(row->dependencies, 1);
  CHECK_EQ(row->human, 1);
  CHECK_EQ(row->needs_review, 1);
  CHECK_EQ(row->agent_executable, 2);
  CHECK_EQ(row->mean_confidence, doctest::Approx((0.9 + 0.5 + 1 + 1) / 4));
  CHECK(row->roles == std::vector<std::string>{"Cook", "Waiter"});
  CHECK_EQ(row->warnings.size(), 1);
  CHECK(row->redline == redline_verdict::allow);
  CHECK_EQ(row->start_warning, "careful");
  CHECK(row->imported_at == f.now);
}

// -- states
// --------------------------------------------------------------------------------------------------------------

TEST_CASE("a state that was given out is not changed by what happens later") {
  followed f;
  f.start("e", two_tasks);
  const auto before = f.views.executions.state({"e"});
  REQUIRE(before);
  const auto copy = **before;
  f.assign("e", "A", "ann");
  f.play("e", complete_task{by("ann", "A"), "{}", {}});
  CHECK_EQ(difference(**before, copy), "");
  const auto after = f.views.executions.state({"e"});
  REQUIRE(after);
  CHECK_EQ(difference(**after, f.state("e")), "");
  const auto again = f.views.executions.state({"e"});
  REQUIRE(again);
  CHECK_EQ(again->get(), after->get());
}

TEST_CASE("a state can be looked at after any of its events") {
  followed f;
  f.start("e", two_tasks);
  f.assign("e", "A", "ann");
  const auto at_two = f.views.executions.state_at({"e"}, 2);
  REQUIRE(at_two);
  CHECK_EQ((*at_two)->version, 2);
  CHECK((*at_two)->status == execution_status::queued);
  const auto nobody = f.views.executions.state({"nobody"});
  REQUIRE(nobody);
  CHECK(*nobody == nullptr);
  const auto peeked = f.views.executions.peek({"nobody"});
  REQUIRE(peeked);
  CHECK(*peeked == nullptr);
}

TEST_CASE("a state is found also by views that were restored and have not seen its events") {
  followed f;
  f.start("e", two_tasks);
  f.assign("e", "A", "ann");
  REQUIRE(f.views.runner.store());
  followed_views restored{f.log, f.derived};
  REQUIRE(restored.runner.start());
  const auto looked_at = restored.executions.peek({"e"});
  REQUIRE(looked_at);
  CHECK_EQ(difference(**looked_at, f.state("e")), "");
}

TEST_CASE("more executions than states are kept: all rows and states stay right") {
  followed f;
  const auto one = plan_builder{}.phase("P").task("A").build();
  const auto name = [](std::size_t i) { return "e" + std::to_string(i); };
  const auto many = projections::most_states_kept + 50;
  for (std::size_t i = 0; i < many; ++i) f.start(name(i), one);
  for (std::size_t i = 0; i < many; i += 7) {
    f.assign(name(i), "A", "ann");
    const auto other = name(many - 1 - i);
    const auto state = f.views.executions.state({other});
    REQUIRE(state);
    REQUIRE_EQ(difference(**state, f.state(other)), "");
  }
  for (std::size_t i = 0; i < many; ++i) {
    const auto peeked = f.views.executions.peek({name(i)});
    REQUIRE(peeked);
    REQUIRE_EQ(difference(**peeked, f.state(name(i))), "");
    REQUIRE_EQ(f.row(name(i)).version, f.state(name(i)).version);
  }
}

TEST_CASE("an agent whose person was erased is in lists only while it works, or when it is brought back") {
  followed f;
  f.start("e", two_tasks);
  for (const auto* id : {"ann", "bob", "cleo"}) f.register_one(id);
  const auto listed = [&] {
    std::string all;
    for (const auto* row : f.views.agents.listed()) all += row->id.value + " ";
    return all;
  };
  const auto erase = [&](const char* subject) {
    f.play_system(projections::erasure_stream(), subject_erased{subject, "asked"});
  };
  f.assign("e", "A", "ann");
  for (const auto* subject : {"agent:ann", "agent:bob", "agent:nobody", "erased:cleo"}) erase(subject);
  CHECK_EQ(listed(), "ann cleo ");  // she holds a task
  CHECK_EQ(f.views.agents.rows().size(), 3);
  REQUIRE(f.views.agents.row({"bob"}) != nullptr);
  f.play("e", complete_task{by("ann", "A"), "{}", {}});
  CHECK_EQ(listed(), "cleo ");
  f.play_agent("bob", change_agent{.roles = std::vector<std::string>{"digger"}});
  f.play_agent("bob", change_agent{.standing = agent_standing::retired});
  CHECK_EQ(listed(), "cleo ");
  f.play_agent("bob", change_agent{.standing = agent_standing::active});
  CHECK_EQ(listed(), "bob cleo ");
  f.assign("e", "B", "ann");
  f.play("e", complete_task{by("ann", "B"), "{}", {}});
  CHECK_EQ(listed(), "ann bob cleo ");  // she was given work since
  erase("agent:ann");
  CHECK_EQ(listed(), "bob cleo ");
  REQUIRE(f.views.runner.store());
  CHECK(same(stored(f.derived), rebuilt(f.log)));
}

}  // namespace planexe::tests
