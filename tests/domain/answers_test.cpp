// What a holder is told together with its task.
#include "domain/answers.hpp"

#include <doctest/doctest.h>

#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

scenario& finish(scenario& s, const std::string& task, const std::string& output) {
  s.hand_out(task, "bob").when(complete_task{by("bob", task), output, {}});
  CHECK_FALSE(s.last.rejection);
  return s;
}

std::string ids(const scenario& s, const std::vector<task_index>& tasks) {
  std::string text;
  for (const auto i : tasks) text += (text.empty() ? "" : " ") + s.state.definition(i).id.value;
  return text;
}

std::string results(const scenario& s, const work_item& work) {
  std::string text;
  for (const auto& [task, output] : work.prerequisite_results)
    text += (text.empty() ? "" : " ") + s.state.definition(task).id.value + "=" + output;
  return text;
}

work_item describe(const scenario& s, const std::string& task) {
  return describe_work({"e-1"}, s.state, s.index(task));
}

}  // namespace

TEST_CASE("a holder gets its lease, its policies and what a person said") {
  auto s = scenario::started(plan_builder{}.phase("A").retry(2, seconds(7)).timeout(hours(3)).confidence(0.5));
  s.when(resolution("A", review_action::approve, "mind the step")).hand_out("A", "bob", "t1");
  const auto work = describe(s, "A");
  CHECK(work.execution == execution_id{"e-1"});
  CHECK_EQ(work.graph, s.state.graph);
  CHECK_EQ(work.task, 0);
  CHECK_EQ(work.attempt, 1);
  CHECK_EQ(work.lease_token, "t1");
  CHECK(work.retry == retry_policy{2, seconds(7)});
  CHECK(work.timeout == hours(3));
  CHECK_EQ(work.resolution, "mind the step");
  CHECK(work.previous.empty());
  CHECK(work.upcoming.empty());
  CHECK(work.prerequisite_results.empty());
}

TEST_CASE("what comes before and after, the nearest first, with the results of what came before") {
  auto s = scenario::started(plan_builder{}
                                 .phase("P")
                                 .task("A")
                                 .task("B")
                                 .phase("Q")
                                 .task("C")
                                 .task("D")
                                 .task("E")
                                 .after("D", "C")
                                 .after("E", "D")
                                 .phase("R")
                                 .task("F"));
  finish(s, "A", "1");
  finish(s, "B", "2");
  finish(s, "C", "");
  s.hand_out("D", "bob");
  const auto work = describe(s, "D");
  CHECK_EQ(ids(s, work.previous), "C P");
  CHECK_EQ(ids(s, work.upcoming), "E R");
  CHECK_EQ(results(s, work), "A=1 B=2");
}

TEST_CASE("a result comes once, also where the task waits for it and for its phase") {
  auto s = scenario::started(
      plan_builder{}.phase("P").task("A").task("B").phase("Q").task("C").after("C", "A").after("Q", "A"));
  finish(s, "A", "1");
  finish(s, "B", "2");
  s.hand_out("C", "bob");
  const auto work = describe(s, "C");
  CHECK_EQ(results(s, work), "A=1 B=2");
  CHECK_EQ(ids(s, work.previous), "A P");
}

TEST_CASE("of many neighbours the nearest are told, and of large results those that fit") {
  plan_builder b;
  b.phase("P");
  for (const char* id : {"a", "b", "c", "d", "e", "f", "g"}) b.task(id);
  b.phase("Q").task("x");
  for (const char* id : {"a", "b", "c", "d", "e", "f", "g"}) b.after("x", id);
  auto s = scenario::started(b, {.sequencing = sequencing::dependencies});
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) finish(s, id, "");
  finish(s, "g", std::string(most_result_bytes - 1, '1'));
  s.hand_out("x", "bob");
  CHECK_EQ(ids(s, describe(s, "x").previous), "g f e d c");
  CHECK_EQ(describe(s, "x").prerequisite_results.size(), 1);
  s = scenario::started(plan_builder{}.phase("A").phase("B").phase("C").after("C", "A"));
  finish(s, "A", "1");
  finish(s, "B", std::string(most_result_bytes + 1, '2'));
  s.hand_out("C", "bob");
  CHECK_EQ(results(s, describe(s, "C")), "A=1");
}

}  // namespace planexe::tests
