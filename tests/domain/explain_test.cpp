// Why something is not done: the chain down to what everything waits for, and all that is at the bottom.
#include "domain/explain.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/domain/random_walk.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

explanation why(const scenario& s, const std::string& task) {
  return explain(s.state, task.empty() ? no_task : s.index(task), s.now);
}

std::string to_string(const execution_state& state, const std::vector<cause>& causes) {
  std::string text;
  for (const auto& each : causes)
    text += (text.empty() ? "" : ", ") + state.definition(each.task).id.value + " " + std::string(name_of(each.kind));
  return text;
}

void chain_is(const scenario& s, const std::string& task, const std::string& expected) {
  CAPTURE(task);
  CHECK_EQ(to_string(s.state, why(s, task).chain), expected);
}

void roots_are(const scenario& s, const std::string& task, const std::string& expected) {
  CAPTURE(task);
  CHECK_EQ(to_string(s.state, why(s, task).roots), expected);
}

plan_builder three_in_order() {
  return plan_builder{}.phase("P").task("A").days(1).task("B").days(1).task("C").days(1).after("B", "A").after("C",
                                                                                                               "B");
}

}  // namespace

TEST_CASE("a chain of prerequisites ends at the leaf that an agent holds") {
  auto s = scenario::started(three_in_order());
  s.after(seconds(5)).hand_out("A", "bob").after(seconds(7));
  chain_is(s, "C", "C prerequisites, B prerequisites, A running");
  roots_are(s, "C", "A running");
  const auto told = why(s, "C");
  CHECK_EQ(told.chain[0].detail, "waits for 'T-B'");
  CHECK_EQ(told.chain[1].detail, "waits for 'T-A'");
  CHECK(told.chain[1].since == epoch);
  CHECK_EQ(told.chain[1].attempt, 0);
  const auto& root = told.chain[2];
  CHECK_EQ(root.detail, "");
  CHECK_EQ(root.agent.value, "bob");
  CHECK_EQ(root.attempt, 1);
  CHECK(root.since == epoch + seconds(5));
  CHECK(root.wake_at == epoch + seconds(5) + hours(24));
  CHECK_EQ(told.roots_total, 1);
  CHECK_EQ(told.count(cause_kind::running), 1);
}

TEST_CASE("what is held or finished explains itself") {
  auto s = scenario::started(three_in_order());
  s.hand_out("A", "bob");
  chain_is(s, "A", "A running");
  s.complete("A", "bob");
  chain_is(s, "A", "");
  roots_are(s, "A", "");
  CHECK_EQ(why(s, "A").roots_total, 0);
}

TEST_CASE("a person who has not answered is at the root") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").confidence(0.5).task("B").after("B", "A"));
  chain_is(s, "B", "B prerequisites, A review");
  CHECK_EQ(why(s, "B").chain[1].detail,
           "a person should look at it before an agent does: confidence 50 % is under the threshold of 70 %");
  roots_are(s, "B", "A review");
}

TEST_CASE("a review that was asked for before its turn is a root and what stands before it is another") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").task("B").confidence(0.5).task("C").after("B", "A").after("C", "B"));
  s.hand_out("A", "bob");
  chain_is(s, "C", "C prerequisites, B review, A running");
  chain_is(s, "B", "B review, A running");
  roots_are(s, "C", "A running, B review");
  s.complete("A", "bob");
  chain_is(s, "C", "C prerequisites, B review");
  roots_are(s, "C", "B review");
}

TEST_CASE("a task that has failed for good is at the root") {
  auto s = scenario::started(plan_builder{}.phase("P").task("A").confidence(0.5).task("B").after("B", "A").task("D"));
  s.hand_out("D", "bob").when(resolution("A", review_action::reject, "too risky"));
  chain_is(s, "B", "B prerequisites, A failed");
  CHECK_EQ(why(s, "B").chain[1].detail, "too risky");
  s.complete("D", "bob").is(execution_status::failed);
  chain_is(s, "B", "B prerequisites, A failed");
  CHECK_EQ(why(s, "").headline, "the execution has failed: a task that the plan needs has failed for good");
}

TEST_CASE("of several prerequisites the one that is going to end last is followed") {
  plan_builder b;
  b.phase("P").task("A").days(1).task("B").days(5).task("C").days(2).task("D");
  b.after("D", "A").after("D", "B").after("D", "C");
  auto s = scenario::started(b);
  chain_is(s, "D", "D prerequisites, B agent");
  roots_are(s, "D", "A agent, B agent, C agent");
  s.hand_out("B", "bob").after(hours(24 * 4.5));
  chain_is(s, "D", "D prerequisites, C agent");  // B is going to need half a day more
  s.complete("B", "bob").hand_out("C", "bob").complete("C", "bob");
  chain_is(s, "D", "D prerequisites, A agent");
}

TEST_CASE("of prerequisites that end together the first of the document is followed") {
  plan_builder b;
  b.phase("P").task("A").task("B").task("C").after("C", "B").after("C", "A");
  auto s = scenario::started(b);
  chain_is(s, "C", "C prerequisites, A agent");
}

TEST_CASE("a phase that waits for a phase leads to the leaf that ends that one") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").days(1).task("B").days(3).phase("Q").task("C").days(1).task("D").days(2));
  s.hand_out("A", "bob");
  chain_is(s, "C", "C parent, B agent");
  CHECK_EQ(why(s, "C").chain[0].detail, "'T-Q' waits for 'T-P'");
  chain_is(s, "Q", "D parent, B agent");
  roots_are(s, "Q", "A running, B agent");
  chain_is(s, "P", "B agent");
  s.when(resolution("B", review_action::complete));
  chain_is(s, "Q", "D parent, A running");
}

TEST_CASE("the whole execution tells what it does and counts its roots by kind") {
  auto s = scenario::started(plan_builder{}
                                 .phase("P")
                                 .task("A")
                                 .days(1)
                                 .task("B")
                                 .days(1)
                                 .confidence(0.5)
                                 .task("C")
                                 .days(1)
                                 .task("D")
                                 .days(9)
                                 .phase("Q")
                                 .task("E")
                                 .days(1));
  s.hand_out("A", "bob").hand_out("C", "ann").when(block_task{by("ann", "C"), "rain", hours(2), false});
  const auto told = why(s, "");
  CHECK_EQ(told.task, no_task);
  CHECK_EQ(told.headline, "the execution runs");
  CHECK_EQ(to_string(s.state, told.roots), "A running, B review, C external, D agent");
  CHECK_EQ(to_string(s.state, told.chain), "E parent, D agent");
  CHECK_EQ(told.roots_total, 4);
  CHECK_EQ(told.count(cause_kind::external), 1);
  CHECK_EQ(told.count(cause_kind::retry), 0);
  CHECK(told.roots[2].wake_at == epoch + hours(2));
}

TEST_CASE("an execution that hands nothing out says so at the root") {
  scenario s{three_in_order()};
  chain_is(s, "C", "C prerequisites, B prerequisites, A paused");
  CHECK_EQ(why(s, "").headline, "the execution has not been started");
  s.when(queue_execution{});
  CHECK_EQ(why(s, "").headline, "the execution has been started and waits for a first agent");
  s.after(seconds(9)).when(pause_execution{"lunch"});
  CHECK(why(s, "A").chain[0].since == epoch + seconds(9));
  chain_is(s, "C", "C prerequisites, B prerequisites, A paused");
  CHECK_EQ(why(s, "").headline, "the execution is paused: lunch");
  s.when(resume_execution{}).when(cancel_execution{"enough"});
  chain_is(s, "C", "C cancelled");
  roots_are(s, "C", "C cancelled");
  CHECK_EQ(why(s, "C").chain[0].detail, "the execution was cancelled: enough");
}

TEST_CASE("a blocked execution tells what it waits for and a complete one has nothing to explain") {
  auto s = scenario::started(plan_builder{}.phase("A").phase("B").confidence(0.5));
  s.hand_out("A", "bob").complete("A", "bob").is(execution_status::blocked);
  CHECK_EQ(why(s, "").headline, "the execution is blocked: waits for a person's decision on 1 task");
  s.when(resolution("B", review_action::complete)).is(execution_status::completed);
  CHECK_EQ(why(s, "").headline, "the execution is complete");
  CHECK(why(s, "").chain.empty());
  CHECK(why(s, "").roots.empty());
}

TEST_CASE("a retry names its agent where one is bound to it and the time at which it comes") {
  scenario s;
  s.when(create_execution{.source = three_in_order().build(), .agent = {"bob"}, .start = true});
  s.hand_out("A", "bob").when(fail_task{by("bob", "A"), "io", "broke"});
  const auto told = why(s, "B");
  CHECK_EQ(to_string(s.state, told.chain), "B prerequisites, A retry");
  CHECK_EQ(told.chain[1].detail, "tries again after: broke");
  CHECK(told.chain[1].wake_at == epoch + seconds(300));
  CHECK_EQ(told.chain[1].agent.value, "bob");
  CHECK_EQ(told.chain[1].attempt, 1);
}

TEST_CASE("of very many roots some of each kind are told and all are counted") {
  plan_builder b;
  b.phase("P");
  for (std::size_t i = 0; i < 200; ++i) b.task("t" + std::to_string(i)).confidence(i < 150 ? 0.9 : 0.5);
  b.phase("Q").task("last");
  auto s = scenario::started(b);
  s.hand_out("t120", "bob");
  const auto told = why(s, "last");
  CHECK_EQ(told.roots_total, 200);
  CHECK_EQ(told.count(cause_kind::agent), 149);
  CHECK_EQ(told.count(cause_kind::running), 1);
  CHECK_EQ(told.count(cause_kind::review), 50);
  REQUIRE_EQ(told.roots.size(), most_roots);
  CHECK_EQ(told.roots[0].task, s.index("t0"));
  CHECK_EQ(told.roots[47].task, s.index("t47"));
  CHECK_EQ(told.roots[48].task, s.index("t120"));
  CHECK_EQ(told.roots[49].task, s.index("t150"));
}

TEST_CASE("the last of as many tasks as a plan may have is explained without recursion") {
  plan_builder b;
  for (std::size_t i = 0; i < max_plan_tasks; ++i) b.phase("t" + std::to_string(i));
  auto s = scenario::started(b);
  const auto told = why(s, "t" + std::to_string(max_plan_tasks - 1));
  REQUIRE_EQ(told.chain.size(), max_plan_tasks);
  CHECK_EQ(told.chain.back().task, s.index("t0"));
  CHECK_EQ(told.roots_total, 1);
}

TEST_CASE("a leaf that is held does not wait for what comes to stand before it") {
  auto s =
      scenario::started(plan_builder{}.phase("A").phase("B").phase("C").phase("D"), {.sequencing = sequencing::plan});
  s.when(resolution("B", review_action::complete)).hand_out("C", "bob");
  auto parts = std::make_shared<decomposition>();
  new_subtask part;
  part.definition.id = {"A.1"};
  part.definition.title = "A.1";
  part.depends_on.push_back({"B"});  // so that A cannot come before B any more, and C follows both
  parts->subtasks.push_back(part);
  auto c = resolution("A", review_action::decompose);
  c.parts = parts;
  s.when(c).task_is("C", task_status::running, leaf_stage::held);
  REQUIRE_GT(s.task("C").gates, 0);
  roots_are(s, "D", "C running");
  roots_are(s, "", "A.1 agent, C running");
}

namespace {

bool waits_for_order(const execution_state& state, task_index leaf) {
  return state.tasks[leaf].stage == leaf_stage::waiting;
}

/// Unfinished leaves that `leaf` itself or what it is part of waits for, written out.
std::vector<task_index> open_before(const execution_state& state, task_index leaf) {
  std::vector<task_index> open;
  for (auto up = leaf; up != no_task; up = state.graph->parent(up))
    for (const auto before : state.graph->prerequisites(up))
      for (const auto below : state.graph->subtree(before))
        if (state.graph->is_leaf(below) && state.tasks[below].stage != leaf_stage::done) open.push_back(below);
  return open;
}

std::vector<task_index> roots_of(const execution_state& state, task_index leaf) {
  std::vector<bool> found(state.tasks.size(), false);
  std::vector<task_index> pending{leaf};
  while (!pending.empty()) {
    const auto next = pending.back();
    pending.pop_back();
    if (found[next]) continue;
    found[next] = true;
    const auto stage = state.tasks[next].stage;
    if (stage == leaf_stage::held || stage == leaf_stage::cancelled) continue;
    for (const auto before : open_before(state, next)) pending.push_back(before);
  }
  std::vector<task_index> roots;
  for (const auto each : state.graph->leaves())
    if (found[each] && !waits_for_order(state, each)) roots.push_back(each);
  return roots;
}

bool contains(const std::vector<task_index>& leaves, task_index leaf) {
  return std::find(leaves.begin(), leaves.end(), leaf) != leaves.end();
}

void check_leaf(const execution_state& state, task_index leaf, timestamp now) {
  INFO("task ", state.definition(leaf).id.value);
  const auto told = explain(state, leaf, now);
  if (state.tasks[leaf].stage == leaf_stage::done) {
    REQUIRE(told.chain.empty());
    return;
  }
  REQUIRE_FALSE(told.chain.empty());
  REQUIRE_EQ(told.chain.front().task, leaf);
  for (std::size_t i = 0; i + 1 < told.chain.size(); ++i) {
    const auto& link = told.chain[i];
    REQUIRE((waits_for_order(state, link.task) || state.tasks[link.task].stage == leaf_stage::reviewing));
    REQUIRE(contains(open_before(state, link.task), told.chain[i + 1].task));
  }
  const auto& last = told.chain.back();
  REQUIRE_FALSE(waits_for_order(state, last.task));
  REQUIRE((last.kind == cause_kind::running || !last.detail.empty()));
  REQUIRE_NE(name_of(last.kind), "prerequisites");
  if (last.kind == cause_kind::review) REQUIRE(open_before(state, last.task).empty());
  if (last.kind == cause_kind::parent) REQUIRE_EQ(name_of(state.status), "FAILED");

  std::vector<task_index> roots;
  for (const auto& root : told.roots) roots.push_back(root.task);
  REQUIRE_EQ(told.roots_total, roots.size());
  auto counts = told.counts;
  for (const auto& root : told.roots) --counts[static_cast<std::size_t>(root.kind)];
  REQUIRE(counts == decltype(counts){});
  REQUIRE(roots == roots_of(state, leaf));
  REQUIRE(contains(roots, last.task));
}

}  // namespace

TEST_CASE("whatever happened to an execution every unfinished leaf has a chain down to a root") {
  std::vector<std::size_t> seen(cause_kind_count, 0);
  for (std::uint64_t seed = 1; seed <= walks(150); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    command_source source{roll};
    execution_state state;
    timestamp now = epoch;
    run(state, create_execution{.source = random_plan(roll, 16), .options = random_options(roll), .start = true}, now);
    for (int step = 0; step < 60; ++step) {
      now += roll.chance(10) ? hours(30) : seconds(roll.below(4'000));  // some pass the execution's own timeout
      run(state, source.draw(state), now);
      for (const auto leaf : state.graph->leaves()) check_leaf(state, leaf, now);
      const auto whole = explain(state, no_task, now);
      REQUIRE_FALSE(whole.headline.empty());
      REQUIRE_EQ(whole.roots_total, state.leaf_total() - state.in(leaf_stage::done)-state.in(leaf_stage::waiting));
      for (std::size_t kind = 0; kind < seen.size(); ++kind) seen[kind] += whole.counts[kind];
    }
  }
  CHECK_EQ(seen[static_cast<std::size_t>(cause_kind::prerequisites)], 0);
  for (std::size_t kind = 1; kind < seen.size(); ++kind) {
    CAPTURE(kind);
    CHECK_GT(seen[kind], 20);
  }
}

}  // namespace planexe::tests
