// Which plans are sound, and what is said about those that are not.
#include "domain/plan.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

plan_builder sound() {
  return plan_builder{}.phase("P").task("A").task("B").after("B", "A");
}

/// What `validate` says once `spoil` has been done to task A of a sound plan.
std::vector<plan_problem> after(const std::function<void(task_definition&)>& spoil) {
  auto b = sound();
  spoil(b.raw().tasks[1]);
  return validate(b.raw());
}

const double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("a sound plan has no problems") {
  CHECK(validate(sound().raw()).empty());
}

TEST_CASE("a plan without tasks is refused") {
  CHECK(validate(plan{}) == std::vector<plan_problem>{{"phases", "the plan has no tasks"}});
}

TEST_CASE("each thing that can be wrong with a task is said of that task") {
  struct fault {
    const char* what;
    std::function<void(task_definition&)> spoil;
  };
  const std::vector<fault> faults = {
      {"no title", [](auto& t) { t.title.clear(); }},
      {"estimate upside down",
       [](auto& t) {
         t.estimate = estimate{3, 2, 4};
       }},
      {"realistic over max",
       [](auto& t) {
         t.estimate = estimate{1, 5, 4};
       }},
      {"negative estimate",
       [](auto& t) {
         t.estimate = estimate{-1, 2, 4};
       }},
      {"estimate is no number",
       [](auto& t) {
         t.estimate = estimate{1, nan, 4};
       }},
      {"endless estimate",
       [](auto& t) {
         t.estimate = estimate{1, 2, std::numeric_limits<double>::infinity()};
       }},
      {"no attempt",
       [](auto& t) {
         t.retry = retry_policy{0, seconds(1)};
       }},
      {"negative backoff",
       [](auto& t) {
         t.retry = retry_policy{1, seconds(-1)};
       }},
      {"no time", [](auto& t) { t.timeout = milliseconds{0}; }},
      {"negative time", [](auto& t) { t.timeout = milliseconds{-1}; }},
      {"endless time", [](auto& t) { t.timeout = milliseconds::max(); }},
      {"confidence over 1", [](auto& t) { t.decomposition_confidence = 1.01; }},
      {"confidence under 0", [](auto& t) { t.decomposition_confidence = -0.01; }},
      {"confidence is no number", [](auto& t) { t.decomposition_confidence = nan; }},
  };
  for (const auto& [what, spoil] : faults) {
    CAPTURE(what);
    const auto problems = after(spoil);
    REQUIRE_EQ(problems.size(), 1);
    CHECK_EQ(problems[0].field, "A");
    CHECK_FALSE(problems[0].message.empty());
  }
}

TEST_CASE("what is at the edge is allowed") {
  CHECK(after([](auto& t) { t.estimate = estimate{0, 0, 0}; }).empty());
  CHECK(after([](auto& t) { t.retry = retry_policy{1, milliseconds{0}}; }).empty());
  CHECK(after([](auto& t) { t.timeout = milliseconds{1}; }).empty());
  CHECK(after([](auto& t) { t.decomposition_confidence = 0; }).empty());
}

TEST_CASE("ids are valid and used once") {
  CHECK_EQ(after([](auto& t) { t.id = {"a b"}; }).at(0).message, "task id 'a b' is not a valid id");
  CHECK_EQ(after([](auto& t) { t.id = {""}; }).at(0).message, "task id '' is not a valid id");
  CHECK_EQ(after([](auto& t) { t.id = {"P"}; }).at(0).message, "task id 'P' is used twice");
}

TEST_CASE("parents come first, and only phases have none") {
  CHECK_EQ(after([](auto& t) { t.parent = no_task; }).at(0).message, "a task without a parent must be a phase");
  CHECK_EQ(after([](auto& t) { t.parent = 1; }).at(0).message, "a task must come after its parent");
  CHECK_EQ(after([](auto& t) { t.parent = 2; }).at(0).message, "a task must come after its parent");
  CHECK_EQ(after([](auto& t) { t.parent = 77; }).at(0).message, "a task must come after its parent");
}

TEST_CASE("a plan is at most twelve levels deep") {
  plan_builder b;
  for (std::size_t depth = 0; depth < max_plan_depth; ++depth) b.add("d" + std::to_string(depth), depth);
  CHECK(validate(b.raw()).empty());
  b.add("deeper", max_plan_depth);
  CHECK(validate(b.raw()) == std::vector<plan_problem>{{"deeper", "deeper than 12 levels"}});
}

TEST_CASE("dependencies name two tasks that there are") {
  auto b = sound();
  b.raw().dependencies = {{1, 99, {}}, {no_task, 1, {}}, {2, 2, {}}};
  const auto problems = validate(b.raw());
  REQUIRE_EQ(problems.size(), 3);
  CHECK_EQ(problems[0].field, "dependencies");
  CHECK_EQ(problems[1].field, "dependencies");
  CHECK(problems[2] == plan_problem{"B", "the task depends on itself"});
}

TEST_CASE("a plan over the limits is refused with one line, not with one a task") {
  plan_builder b;
  for (std::size_t i = 0; i <= max_plan_tasks; ++i) b.phase("");
  CHECK(validate(b.raw()) == std::vector<plan_problem>{{"phases", "more than 20000 tasks"}});
  auto c = sound();
  c.raw().dependencies.assign(max_plan_dependencies + 1, {9, 9, {}});
  CHECK(validate(c.raw()) == std::vector<plan_problem>{{"dependencies", "more than 100000 dependencies"}});
}

}  // namespace planexe::tests
