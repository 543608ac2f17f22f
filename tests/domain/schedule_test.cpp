// The longest way through a plan and the play that each leaf has, told from plans small enough to see it.
#include "domain/schedule.hpp"

#include <doctest/doctest.h>

#include "tests/domain/plan_builder.hpp"
#include "tests/domain/random_walk.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

std::shared_ptr<const plan_graph> graph_of(const std::shared_ptr<const plan>& plan,
                                           sequencing order = sequencing::phased) {
  auto graph = plan_graph::build(plan, order);
  REQUIRE(graph.has_value());
  return *graph;
}

std::string ids_of(const plan_graph& graph, const std::vector<task_index>& leaves) {
  std::string text;
  for (const auto leaf : leaves) text += (text.empty() ? "" : " ") + graph.task(leaf).id.value;
  return text;
}

std::string path_of(const plan_graph& graph) {
  return ids_of(graph, schedule_plan(graph).critical_path);
}

void slot_is(const plan_graph& graph, const schedule& made, const char* id, time_slot slot) {
  CAPTURE(id);
  const auto& seen = made.slots[graph.find({id})];
  CHECK_EQ(seen.earliest_start, slot.earliest_start);
  CHECK_EQ(seen.earliest_end, slot.earliest_end);
  CHECK_EQ(seen.latest_start, slot.latest_start);
  CHECK_EQ(seen.latest_end, slot.latest_end);
}

std::vector<leaf_work> work_of(const plan_graph& graph) {
  std::vector<leaf_work> work(graph.size());
  for (const auto leaf : graph.leaves()) work[leaf].days = estimated_days(graph, leaf);
  return work;
}

}  // namespace

TEST_CASE("phases follow each other and the longest task of each decides") {
  plan_builder b;
  b.phase("P").task("a").days(2).task("b").days(5).phase("Q").task("c").days(1).task("d").days(3);
  const auto graph = graph_of(b);
  const auto made = schedule_plan(*graph);
  CHECK_EQ(ids_of(*graph, made.critical_path), "b d");
  CHECK_EQ(made.days, 8);
  slot_is(*graph, made, "a", {0, 2, 3, 5});
  slot_is(*graph, made, "b", {0, 5, 0, 5});
  slot_is(*graph, made, "c", {5, 6, 7, 8});
  slot_is(*graph, made, "d", {5, 8, 5, 8});
  slot_is(*graph, made, "Q", {5, 8, 5, 8});
  CHECK_EQ(made.slots[graph->find({"a"})].slack(), 3);
  CHECK_EQ(made.slots[graph->find({"b"})].slack(), 0);
}

TEST_CASE("a chain of short tasks can be longer than one long task") {
  plan_builder b;
  b.phase("P").task("a").days(2).task("b").days(2).task("c").days(2).task("long").days(5);
  b.after("b", "a").after("c", "b");
  const auto graph = graph_of(b);
  const auto made = schedule_plan(*graph);
  CHECK_EQ(ids_of(*graph, made.critical_path), "a b c");
  CHECK_EQ(made.days, 6);
  CHECK_EQ(made.slots[graph->find({"long"})].slack(), 1);
}

TEST_CASE("what a parent waits for all of its leaves wait for and who waits for it waits for all of them") {
  plan_builder b;
  b.phase("P").task("A").subtask("a").days(1).subtask("b").days(4).task("B").subtask("c").days(1).task("C").subtask(
      "d");
  b.days(1).after("B", "A").after("d", "B");
  const auto graph = graph_of(b, sequencing::dependencies);
  const auto made = schedule_plan(*graph);
  CHECK_EQ(ids_of(*graph, made.critical_path), "b c d");
  CHECK_EQ(made.days, 6);
  CHECK_EQ(made.drivers[graph->find({"c"})], graph->find({"b"}));
  CHECK_EQ(made.last_leaves[graph->find({"A"})], graph->find({"b"}));
  CHECK_EQ(made.last_leaves[graph->find({"P"})], graph->find({"d"}));
}

TEST_CASE("the parts of a task follow each other where the sequencing says so") {
  plan_builder b;
  b.phase("P").task("A").subtask("a").days(1).subtask("b").days(1).task("B").days(1.5);
  CHECK_EQ(path_of(*graph_of(b)), "a b");
  CHECK_EQ(path_of(*graph_of(b, sequencing::dependencies)), "B");
}

TEST_CASE("a leaf without an estimate counts as the mean of the others or as one day") {
  plan_builder some;
  some.phase("P").task("a").days(2).task("b").days(4).phase("Q").task("c");
  CHECK_EQ(schedule_plan(*graph_of(some)).days, 7);
  plan_builder none;
  none.phase("P").task("a").phase("Q").task("b").task("c");
  CHECK_EQ(schedule_plan(*graph_of(none)).days, 2);
  CHECK_EQ(path_of(*graph_of(none)), "a b");
}

TEST_CASE("of two equally long ways the first of the document is taken") {
  plan_builder b;
  b.phase("P").task("a").task("b").phase("Q").task("c").task("d");
  CHECK_EQ(path_of(*graph_of(b)), "a c");
  CHECK_EQ(path_of(*graph_of(plan_builder{}.phase("X").phase("b").phase("a").after("X", "a").after("X", "b"),
                             sequencing::dependencies)),
           "b X");
}

TEST_CASE("of two equally long ways the first of the document is taken however many steps lead there") {
  plan_builder b;
  b.phase("a").days(1).phase("p").days(1).phase("b").days(2).phase("X").days(1);
  b.after("a", "p").after("X", "a").after("X", "b");
  CHECK_EQ(path_of(*graph_of(b, sequencing::dependencies)), "p a X");
}

TEST_CASE("tasks that take no time are on the way too where they stand before others") {
  plan_builder b;
  b.phase("start").days(0).phase("work").days(2);
  const auto graph = graph_of(b);
  CHECK_EQ(path_of(*graph), "start work");
  CHECK_EQ(schedule_plan(*graph).days, 2);
}

TEST_CASE("a leaf that may not begin before some day begins a way of its own") {
  plan_builder b;
  b.phase("A").days(1).phase("B").days(1).phase("C").days(1);
  const auto graph = graph_of(b);
  auto work = work_of(*graph);
  work[1].not_before = 10;
  const auto made = schedule_leaves(*graph, work);
  CHECK_EQ(ids_of(*graph, made.critical_path), "B C");
  CHECK_EQ(made.days, 12);
  slot_is(*graph, made, "A", {0, 1, 9, 10});
  slot_is(*graph, made, "B", {10, 11, 10, 11});
  work[1].not_before = 1;  // no later than its turn
  CHECK_EQ(ids_of(*graph, schedule_leaves(*graph, work).critical_path), "A B C");
}

TEST_CASE("a leaf that runs waits for nobody and one that is over holds nobody up") {
  plan_builder b;
  b.phase("A").days(5).phase("B").days(2).phase("C").days(1);
  const auto graph = graph_of(b);
  auto work = work_of(*graph);
  work[1].stage = work_stage::begun;
  auto made = schedule_leaves(*graph, work);
  CHECK_EQ(ids_of(*graph, made.critical_path), "A");  // nothing waits for A any more but the end
  slot_is(*graph, made, "B", {0, 2, 2, 4});
  slot_is(*graph, made, "C", {2, 3, 4, 5});
  CHECK_EQ(made.drivers[1], no_task);
  work[1].stage = work_stage::over;
  made = schedule_leaves(*graph, work);
  CHECK_EQ(made.slots[2].earliest_start, 0);
  CHECK_EQ(made.drivers[2], no_task);
  CHECK_EQ(made.last_leaves[1], no_task);
  for (auto& leaf : work) leaf.stage = work_stage::over;
  made = schedule_leaves(*graph, work);
  CHECK(made.critical_path.empty());
  CHECK_EQ(made.days, 0);
}

TEST_CASE("a plan as large as plans may be and one chain is scheduled without recursion") {
  plan_builder b;
  for (std::size_t i = 0; i < max_plan_tasks; ++i) b.phase("t" + std::to_string(i)).days(1);
  const auto graph = graph_of(b);
  const auto made = schedule_plan(*graph);
  CHECK_EQ(made.critical_path.size(), max_plan_tasks);
  CHECK_EQ(made.days, static_cast<double>(max_plan_tasks));
}

TEST_CASE("in random plans no leaf begins before what it waits for and the critical path has no play") {
  for (std::uint64_t seed = 1; seed <= walks(2000); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    const auto graph = graph_of(random_plan(roll, 24), static_cast<sequencing>(roll.below(3)));
    const auto work = work_of(*graph);
    const auto made = schedule_leaves(*graph, work);
    double along = 0;
    for (const auto leaf : made.critical_path) {
      along += work[leaf].days;
      REQUIRE_EQ(made.slots[leaf].slack(), doctest::Approx(0));
    }
    REQUIRE_EQ(along, doctest::Approx(made.days));
    for (const auto leaf : graph->leaves()) {
      const auto& slot = made.slots[leaf];
      REQUIRE_EQ(slot.earliest_end, slot.earliest_start + work[leaf].days);
      REQUIRE_LE(slot.latest_end, made.days);
      REQUIRE_GE(slot.latest_start, slot.earliest_start - 1e-9);
      // By each of its prerequisites and those of its ancestors, the plain way.
      double soonest = 0;
      for (auto up = leaf; up != no_task; up = graph->parent(up))
        for (const auto before : graph->prerequisites(up))
          for (const auto below : graph->subtree(before)) {
            if (!graph->is_leaf(below)) continue;
            soonest = std::max(soonest, made.slots[below].earliest_end);
            REQUIRE_LE(made.slots[below].latest_end, slot.latest_start + 1e-9);
          }
      REQUIRE_EQ(slot.earliest_start, soonest);
    }
  }
}

}  // namespace planexe::tests
