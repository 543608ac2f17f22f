// The order that follows from a plan.
#include "domain/plan_graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/domain/oracle.hpp"
#include "tests/domain/plan_builder.hpp"
#include "tests/domain/random_walk.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

std::shared_ptr<const plan_graph> link(std::shared_ptr<const plan> plan, sequencing order) {
  auto graph = plan_graph::build(std::move(plan), order);
  REQUIRE_MESSAGE(graph, graph.error().front().field << ": " << graph.error().front().message);
  return *graph;
}

std::vector<plan_problem> problems_of(std::shared_ptr<const plan> plan, sequencing order) {
  auto graph = plan_graph::build(std::move(plan), order);
  REQUIRE_FALSE(graph);
  return graph.error();
}

/// Whether leaf `b` waits for leaf `a`, by way of others or not.
bool before(const plan_graph& graph, const char* a, const char* b) {
  return order_of(graph)[graph.find({a})][graph.find({b})];
}

std::string ids(const plan_graph& graph, std::span<const task_index> tasks) {
  std::string text;
  for (const auto i : tasks) text += (text.empty() ? "" : " ") + graph.task(i).id.value;
  return text;
}

/// Two phases of two tasks of two subtasks.
plan_builder two_phases() {
  plan_builder b;
  for (const std::string p : {"P", "Q"}) {
    b.phase(p);
    for (const std::string t : {"1", "2"}) b.task(p + t).subtask(p + t + "a").subtask(p + t + "b");
  }
  return b;
}

}  // namespace

TEST_CASE("phased: phases in order, tasks side by side, subtasks in order") {
  const auto graph = link(two_phases(), sequencing::phased);
  CHECK(before(*graph, "P1a", "P1b"));
  CHECK_FALSE(before(*graph, "P1a", "P2a"));
  CHECK_FALSE(before(*graph, "P1b", "P2a"));
  CHECK(before(*graph, "P1a", "Q1a"));
  CHECK(before(*graph, "P2b", "Q2b"));
  CHECK_FALSE(before(*graph, "Q1a", "P1a"));
  CHECK(graph->dropped().empty());
}

TEST_CASE("phased: what stands below a subtask is in order as well") {
  const auto graph =
      link(plan_builder{}.phase("P").task("A").subtask("A1").add("x", 3).add("y", 3).build(), sequencing::phased);
  CHECK(before(*graph, "x", "y"));
}

TEST_CASE("plan: siblings in order at every level") {
  const auto graph = link(two_phases(), sequencing::plan);
  CHECK(before(*graph, "P1a", "P1b"));
  CHECK(before(*graph, "P1b", "P2a"));
  CHECK(before(*graph, "P2b", "Q1a"));
}

TEST_CASE("dependencies: only what the plan gives") {
  const auto graph = link(two_phases().after("Q1a", "P2b"), sequencing::dependencies);
  CHECK(before(*graph, "P2b", "Q1a"));
  CHECK_FALSE(before(*graph, "P1a", "P1b"));
  CHECK_FALSE(before(*graph, "P1a", "Q1a"));
  CHECK_FALSE(before(*graph, "P2b", "Q1b"));
}

TEST_CASE("an edge to a phase or a task means all of its leaves") {
  const auto graph = link(two_phases().after("Q", "P1").after("P1", "P2a"), sequencing::dependencies);
  for (const auto* from : {"P1a", "P1b"})
    for (const auto* to : {"Q1a", "Q1b", "Q2a", "Q2b"}) CHECK(before(*graph, from, to));
  CHECK(before(*graph, "P2a", "P1a"));
  CHECK(before(*graph, "P2a", "Q2b"));
  CHECK_FALSE(before(*graph, "P2b", "Q1a"));
}

TEST_CASE("the tree is linked both ways") {
  const auto graph = link(two_phases(), sequencing::dependencies);
  CHECK_EQ(graph->size(), 14);
  CHECK_EQ(ids(*graph, graph->leaves()), "P1a P1b P2a P2b Q1a Q1b Q2a Q2b");
  CHECK_EQ(ids(*graph, graph->children(graph->find({"Q"}))), "Q1 Q2");
  CHECK_EQ(graph->leaf_count(graph->find({"P"})), 4);
  CHECK_EQ(graph->leaf_count(graph->find({"P1a"})), 1);
  CHECK_EQ(ids(*graph, graph->subtree(graph->find({"P"}))), "P P1 P1a P1b P2 P2a P2b");
  CHECK_EQ(ids(*graph, graph->subtree(graph->find({"P1a"}))), "P1a");
  CHECK_EQ(graph->phase_of(graph->find({"Q2b"})), graph->find({"Q"}));
  CHECK_EQ(graph->phase_of(graph->find({"Q"})), graph->find({"Q"}));
  CHECK_EQ(graph->find({"R"}), no_task);
}

TEST_CASE("a dependency that is given twice counts once") {
  const auto graph = link(plan_builder{}.phase("A").phase("B").after("B", "A").after("B", "A"), sequencing::phased);
  CHECK_EQ(ids(*graph, graph->prerequisites(graph->find({"B"}))), "A");
  CHECK_EQ(ids(*graph, graph->successors(graph->find({"A"}))), "B");
}

TEST_CASE("a cycle is refused and every edge of it is named") {
  const auto problems = problems_of(
      plan_builder{}.phase("A").phase("B").phase("C").phase("D").after("B", "A").after("C", "B").after("A", "C").after(
          "D", "C"),
      sequencing::dependencies);
  REQUIRE_EQ(problems.size(), 3);
  CHECK(problems[0] == plan_problem{"B", "depends on 'A', which closes a cycle"});
  CHECK(problems[1] == plan_problem{"C", "depends on 'B', which closes a cycle"});
  CHECK(problems[2] == plan_problem{"A", "depends on 'C', which closes a cycle"});
}

TEST_CASE("a task that waits for its own phase, or a phase for a part of itself, is a cycle") {
  for (const auto order : {sequencing::dependencies, sequencing::phased, sequencing::plan}) {
    CHECK_EQ(problems_of(two_phases().after("P1a", "P"), order).front().field, "P1a");
    CHECK_EQ(problems_of(two_phases().after("P", "P1a"), order).front().field, "P");
  }
  CHECK_EQ(problems_of(two_phases().after("Q", "P1a").after("P2", "Q1b").after("P1", "P2a"), sequencing::phased).size(),
           3);
}

TEST_CASE("a given dependency beats the order of phases, which is then named as dropped") {
  const auto graph = link(two_phases().after("P1", "Q2"), sequencing::phased);
  CHECK(before(*graph, "Q2a", "P1a"));
  CHECK_FALSE(before(*graph, "P1a", "Q1a"));
  REQUIRE_EQ(graph->dropped().size(), 1);
  CHECK(graph->dropped()[0] == plan_warning{"implied_order_dropped",
                                            "'T-P' before 'T-Q' would contradict the plan's own dependencies",
                                            {"Q"}});
  CHECK(before(*graph, "P1a", "P1b"));  // other implied orders stay
}

TEST_CASE("one dropped order does not free the phases around it") {
  // B before A is given; C still comes after both, and both after Z.
  const auto graph =
      link(plan_builder{}.phase("Z").phase("A").phase("B").phase("C").after("A", "B"), sequencing::phased);
  CHECK(before(*graph, "B", "A"));
  CHECK(before(*graph, "Z", "A"));
  CHECK(before(*graph, "Z", "B"));
  CHECK(before(*graph, "A", "C"));
  CHECK(before(*graph, "B", "C"));
  CHECK_EQ(graph->dropped().size(), 1);
}

TEST_CASE("a task that was to follow several names how many") {
  const auto graph =
      link(plan_builder{}.phase("A").phase("B").phase("C").after("A", "C").after("B", "C"), sequencing::phased);
  CHECK(before(*graph, "A", "B"));
  REQUIRE_EQ(graph->dropped().size(), 1);
  CHECK_EQ(graph->dropped()[0].detail, "'T-B' and 1 more before 'T-C' would contradict the plan's own dependencies");
}

TEST_CASE("a plan that contradicts its own order everywhere is refused, not worked on for ever") {
  plan_builder b;
  for (std::size_t i = 0; i < max_plan_tasks; ++i) b.phase("t" + std::to_string(i));
  for (task_index i = 1; i < max_plan_tasks; ++i) b.raw().dependencies.push_back({i, i - 1, {}});
  const auto problems = problems_of(b, sequencing::phased);
  REQUIRE_EQ(problems.size(), 1);
  CHECK_EQ(problems[0].field, "dependencies");
  CHECK_EQ(link(b, sequencing::dependencies)->size(), max_plan_tasks);
}

TEST_CASE("an unsound plan is refused with every reason") {
  plan_builder b;
  b.phase("P").task("A").task("A");
  b.raw().tasks[2].title.clear();
  const auto problems = problems_of(b, sequencing::phased);
  REQUIRE_EQ(problems.size(), 2);
  CHECK_EQ(problems[0].field, "A");
  CHECK_EQ(problems[1].field, "A");
}

TEST_CASE("a task that stands elsewhere has its place in its parent's part of the document") {
  plan_builder b;
  b.phase("P").task("A").phase("Q").task("B");
  b.raw().tasks[3].parent = 0;  // below P, but after Q began
  const auto graph = link(b, sequencing::phased);
  CHECK_EQ(ids(*graph, graph->document()), "P A B Q");
  CHECK_EQ(ids(*graph, graph->leaves()), "A B Q");
  CHECK_EQ(graph->find({"B"}), 3);
  CHECK_EQ(graph->place(3), 2);
}

TEST_CASE("effort weighs by the estimates that are given, and by their mean where there is none") {
  const auto graph = link(plan_builder{}.phase("P").task("A").days(2).task("B").days(4).task("C").task("D").days(0),
                          sequencing::phased);
  CHECK_EQ(graph->effort(graph->find({"A"})), 2);
  CHECK_EQ(graph->effort(graph->find({"C"})), 3);
  CHECK_EQ(graph->effort(graph->find({"D"})), 3);
  CHECK_EQ(graph->total_effort(), 12);
  CHECK_EQ(link(plan_builder{}.phase("P").task("A").task("B"), sequencing::phased)->total_effort(), 2);
}

TEST_CASE("a plan of the greatest depth is linked") {
  plan_builder b;
  for (std::size_t depth = 0; depth < max_plan_depth; ++depth) b.add("d" + std::to_string(depth), depth);
  b.add("last", max_plan_depth - 1);
  const auto graph = link(b, sequencing::phased);
  CHECK_EQ(graph->leaves().size(), 2);
  CHECK_EQ(graph->leaf_count(0), 2);
  CHECK(before(*graph, "d11", "last"));
}

TEST_CASE("the largest plan is linked in every order, forward and with an edge back") {
  plan_builder b;
  for (std::size_t i = 0; i < max_plan_tasks; ++i)
    b.add("t" + std::to_string(i), i % 200 == 0 ? 0 : i % 10 == 0 ? 1 : i % 200 < 10 ? 1 : 2);
  for (const bool backward : {false, true}) {
    if (backward) b.raw().dependencies.push_back({static_cast<task_index>(max_plan_tasks) - 1, 5, {}});
    for (const auto order : {sequencing::phased, sequencing::plan, sequencing::dependencies}) {
      const auto graph = link(b, order);
      CHECK_EQ(graph->size(), max_plan_tasks);
      CHECK_EQ(graph->dropped().empty(), !backward || order == sequencing::dependencies);
    }
  }
}

TEST_CASE("any random tree: a cycle is refused, and else the order is what writing every edge out gives") {
  for (std::uint64_t seed = 1; seed <= walks(3000); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    const auto plan = random_tree(roll, 14);
    auto tree = *plan;
    tree.dependencies.clear();
    const auto bare = link(std::make_shared<const domain::plan>(tree), sequencing::dependencies);
    const auto given = order_of(*bare, given_pairs(*plan));
    bool cycle = false;
    for (std::size_t i = 0; i < given.size(); ++i) cycle = cycle || given[i][i];
    const auto built = plan_graph::build(plan, sequencing::dependencies);
    REQUIRE_EQ(built.has_value(), !cycle);
    if (built) REQUIRE(order_of(**built) == given);
  }
}

TEST_CASE("any random plan: an implied order holds unless it would contradict the others") {
  for (std::uint64_t seed = 1; seed <= walks(3000); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    const auto plan = random_plan(roll, 14);
    const auto graph = link(plan, seed % 2 == 0 ? sequencing::phased : sequencing::plan);
    const auto order = order_of(*graph);
    const auto given = order_of(*graph, given_pairs(*plan));
    for (const auto a : graph->leaves()) {
      REQUIRE_FALSE(order[a][a]);
      for (const auto b : graph->leaves())
        if (given[a][b]) REQUIRE(order[a][b]);
    }
    for (const auto& [first, second] : implied_pairs(*graph)) {
      bool all_ordered = true, contradicted = false;
      for (const auto a : graph->subtree(first))
        for (const auto b : graph->subtree(second)) {
          if (!graph->is_leaf(a) || !graph->is_leaf(b)) continue;
          all_ordered = all_ordered && order[a][b];
          contradicted = contradicted || order[b][a];
        }
      INFO(plan->tasks[first].id.value, " before ", plan->tasks[second].id.value);
      REQUIRE_NE(all_ordered, contradicted);
    }
  }
}

}  // namespace planexe::tests
