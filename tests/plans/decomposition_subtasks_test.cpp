// What holds for the parts of a task whoever thought of them.
#include <doctest/doctest.h>

#include <algorithm>

#include "plans/decomposition/subtasks.hpp"

namespace planexe::plans {
namespace {

domain::new_subtask part(std::string id, std::vector<domain::task_id> depends_on = {}) {
  domain::new_subtask made;
  made.definition.id = {std::move(id)};
  made.depends_on = std::move(depends_on);
  return made;
}

std::vector<std::string> ids_of(const std::vector<domain::new_subtask>& parts) {
  std::vector<std::string> ids;
  for (const auto& each : parts) ids.push_back(each.definition.id.value);
  return ids;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("parts without an id get the next free one below their parent") {
  std::vector parts{part(""), part("t.2"), part(""), part("own")};
  name_subtasks({"t"}, parts, [](std::string_view id) { return id == "t.1"; });
  CHECK(ids_of(parts) == texts{"t.3", "t.2", "t.4", "own"});
}

TEST_CASE("a long parent is shortened, and two of them stay apart") {
  const std::string long_id(128, 'x');
  std::vector one{part(""), part("")}, other{part(""), part("")};
  name_subtasks({long_id}, one, {});
  name_subtasks({std::string(127, 'x') + "y"}, other, {});
  for (const auto& id : ids_of(one)) CHECK(domain::is_valid_id(id));
  CHECK(ids_of(one) != ids_of(other));
  std::vector again{part(""), part("")};
  name_subtasks({long_id}, again, {});
  CHECK(ids_of(again) == ids_of(one));
}

TEST_CASE("renamed parts take their dependencies along") {
  std::vector parts{part("a"), part("b", {{"a"}, {"plan-task"}})};
  rename_subtasks({"t"}, parts, {});
  CHECK(ids_of(parts) == texts{"t.1", "t.2"});
  CHECK(parts[1].depends_on == std::vector<domain::task_id>{{"t.1"}, {"plan-task"}});
}

TEST_CASE("every fault of the parts is named") {
  CHECK(check_subtasks({}, true).size() == 1);
  CHECK(check_subtasks(std::vector(65, part("a")), true).size() >= 65);
  const auto faults =
      check_subtasks({part("a", {{"a"}}), part("a"), part("b", {{"elsewhere"}}), part("no good")}, true);
  REQUIRE(faults.size() == 4);
  CHECK(faults[0].field == "subtasks[0].depends_on");
  CHECK(faults[1].field == "subtasks[1].subtask_id");
  CHECK(faults[2].field == "subtasks[2].depends_on");
  CHECK(faults[3].field == "subtasks[3].subtask_id");
  CHECK(check_subtasks({part("b", {{"elsewhere"}})}, false).empty());
}

TEST_CASE("a circle is found and named") {
  const auto faults = check_subtasks({part("a"), part("b", {{"c"}, {"a"}}), part("c", {{"b"}})}, true);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("b, c") != std::string::npos);
}

TEST_CASE("the order follows the dependencies and is the author's otherwise") {
  const auto order =
      execution_sequence({part("late", {{"first"}}), part("free"), part("first"), part("last", {{"late"}})});
  texts ids;
  for (const auto& id : order) ids.push_back(id.value);
  CHECK(ids == texts{"free", "first", "late", "last"});
}

}  // namespace planexe::plans
