// The structured form: what it becomes, and every way in which it is refused.
#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

/// A plan with one task; `task` are members of that task.
std::string with_task(const std::string& task) {
  return R"({"goal": "g", "phases": [{"name": "P", "tasks": [{"title": "T", )" + task + "}]}]}";
}

constexpr std::string_view full_plan = R"({
  "goal": "Open a shop", "title": "Shop", "team": ["Buyer", {"name": "Clerk", "description": "Sells"}],
  "phases": [
    {"phase_id": "prep", "name": "Prepare", "tasks": [
      {"task_id": "buy", "title": "Buy shelves", "description": "All of them", "assignee_role": "Buyer", "priority": 5,
       "estimated_hours": 12, "subtasks": [
         {"subtask_id": "find", "title": "Find a seller", "action": "research", "params": {"max": 3},
          "timeout_hours": 0.5, "retry_policy": {"max_attempts": 2, "backoff_seconds": 0.05}},
         {"subtask_id": "order", "action": "procure", "prerequisites": ["find"]}]},
      {"task_id": "lease", "title": "Sign the lease", "prerequisites": ["buy"], "estimated_hours": 4}]},
    {"phase_id": "open", "name": "Open", "prerequisites": ["prep"], "tasks": [{"title": "Sell"}]}],
  "dependencies": [{"from": "order", "to": "lease", "type": "FS"}, {"from": "buy", "to": "lease"}],
  "risks": ["Rain", {"title": "Fire", "description": "d", "severity": "high", "mitigation": "water"}]})";

}  // namespace

TEST_CASE("a full structured plan becomes the domain's plan") {
  const auto read = read_text(full_plan);
  REQUIRE(read.has_value());
  const domain::plan& plan = *read;
  CHECK(plan.id.empty());
  CHECK(plan.title == "Shop");
  CHECK(plan.goal == "Open a shop");
  REQUIRE(plan.tasks.size() == 7);
  CHECK(plan.warnings.empty());

  const auto* find = find_task(plan, "find");
  REQUIRE(find != nullptr);
  CHECK(find->level == domain::task_level::subtask);
  CHECK(plan.tasks[find->parent].id.value == "buy");
  CHECK(find->action == "research");
  CHECK(find->params_json == R"({"max":3})");
  CHECK(find->timeout == domain::milliseconds{1'800'000});
  CHECK(find->retry == domain::retry_policy{2, domain::milliseconds{50}});
  CHECK(find->assignee_role == "Buyer");  // from its task
  CHECK(find->priority == 5);
  CHECK(find->estimate == domain::estimate{0.75, 0.75, 0.75});  // half of 12 hours, at 8 a day
  CHECK(find_task(plan, "order")->title == "procure");          // named by what it does

  REQUIRE(plan.dependencies.size() == 4);  // buy → lease, given twice, is one
  CHECK(plan.tasks[plan.dependencies[0].from].id.value == "find");
  CHECK(plan.tasks[plan.dependencies[0].to].id.value == "order");
  CHECK(plan.tasks[plan.dependencies[2].from].id.value == "prep");
  CHECK(plan.tasks[plan.dependencies[2].to].id.value == "open");

  CHECK(plan.roles == std::vector<domain::team_role>{{"Buyer", ""}, {"Clerk", "Sells"}});
  CHECK(plan.risks == std::vector<domain::plan_risk>{{"Rain", "", "", ""}, {"Fire", "d", "high", "water"}});
}

TEST_CASE("missing ids are made from the position, around ids that are taken") {
  const auto read = read_text(R"({"goal": "g", "phases": [
    {"name": "A", "tasks": [{"title": "x", "subtasks": [{"title": "y"}, {"title": "z", "subtask_id": "p2"}]}]},
    {"name": "B", "tasks": [{"title": "x"}]}]})");
  REQUIRE(read.has_value());
  std::vector<std::string> ids;
  for (const auto& task : read->tasks) ids.push_back(task.id.value);
  CHECK(ids == std::vector<std::string>{"p1", "p1.t1", "p1.t1.s1", "p2", "p2_", "p2.t1"});
  CHECK(read->title == "g");
}

TEST_CASE("an ordinary task written by hand needs no review") {
  const auto read = read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [
    {"title": "Frobnicate"}, {"title": "Manage this and that"}, {"title": "x", "subtasks": [{"action": "frob"}]}]}]})");
  REQUIRE(read.has_value());
  for (const auto& task : read->tasks) CHECK(task.decomposition_confidence >= 0.7);
}

TEST_CASE("what the author says of a leaf wins over the rules") {
  const auto read = read_text(with_task(
      R"("action": "draft_document", "assignee_role": "Poet", "decomposition_confidence": 0.25, "autonomy_tier": 2,
         "agent_executable": false)"));
  REQUIRE(read.has_value());
  const auto& leaf = read->tasks.back();
  CHECK(leaf.action == "draft_document");
  CHECK(leaf.assignee_role == "Poet");
  CHECK(leaf.decomposition_confidence == 0.25);
  CHECK(leaf.tier == domain::autonomy_tier::agent_with_approval);
  CHECK_FALSE(leaf.agent_executable);
  CHECK(read->roles == std::vector<domain::team_role>{{"Poet", ""}});
}

TEST_CASE("without a team, a task that asks for no role is open to any") {
  const auto read = read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [
    {"title": "a", "assignee_role": "Cook"}, {"title": "b"}]}]})");
  REQUIRE(read.has_value());
  CHECK(read->tasks[1].assignee_role == "Cook");
  CHECK(read->tasks[2].assignee_role.empty());
}

TEST_CASE("each wrong member is named with its path, all at once") {
  const auto read = read_text(R"({"goal": 7, "colour": "red", "phases": [
    {"name": "A", "tasks": [{"title": "ok"}, {"title": "ok", "priority": "high"}, {"title": ["no"], "owner": "me"}]},
    {"tasks": [{"task_id": "not ok!", "title": " "}, 5]}, {"name": "C", "tasks": {}}]})");
  CHECK(problem_at(read, "goal") == "must be a string");
  CHECK(problem_at(read, "colour") == "is not a member of this object");
  CHECK(problem_at(read, "phases[0].tasks[1].priority") == "must be an integer from -2147483648 to 2147483647");
  CHECK(problem_at(read, "phases[0].tasks[2].title") == "must be a string");
  CHECK(problem_at(read, "phases[0].tasks[2].owner") == "is not a member of this object");
  CHECK(problem_at(read, "phases[1].name") == "is required");
  CHECK(problem_at(read, "phases[1].tasks[0].task_id") == "is not a valid id");
  CHECK(problem_at(read, "phases[1].tasks[0].title") == "must not be empty");
  CHECK(problem_at(read, "phases[1].tasks[1]") == "must be an object");
  CHECK(problem_at(read, "phases[2].tasks") == "must be an array");
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().problems.size() == 10);
  CHECK_FALSE(read.error().too_large);
}

TEST_CASE("a plan needs a goal and phases") {
  CHECK(problem_at(read_text("{}"), "goal") == "is required");
  CHECK(problem_at(read_text("{}"), "phases") == "is required");
  CHECK(problem_at(read_text(R"({"goal": "g", "phases": []})"), "phases") == "must not be empty");
  CHECK(problem_at(read_text(R"({"goal": "g", "phases": null})"), "phases") == "is required");
  CHECK(problem_at(read_text(R"({"goal": "g", "phases": "x"})"), "phases") == "must be an array");
}

TEST_CASE("numbers out of range are refused, however large") {
  const auto task = [](const std::string& member) { return read_text(with_task(member)); };
  const std::string at = "phases[0].tasks[0].";
  CHECK(problem_at(task(R"("priority": 2147483648)"), at + "priority").has_value());
  CHECK(problem_at(task(R"("priority": 18446744073709551615)"), at + "priority").has_value());
  CHECK(problem_at(task(R"("priority": 99999999999999999999999)"), at + "priority").has_value());
  CHECK(problem_at(task(R"("priority": 1.5)"), at + "priority").has_value());
  CHECK(problem_at(task(R"("estimated_hours": -1)"), at + "estimated_hours").has_value());
  CHECK(problem_at(task(R"("estimated_hours": 1e300)"), at + "estimated_hours").has_value());
  CHECK(problem_at(task(R"("timeout_hours": 0)"), at + "timeout_hours").has_value());
  CHECK(problem_at(task(R"("timeout_hours": 1e18)"), at + "timeout_hours").has_value());
  CHECK(problem_at(task(R"("decomposition_confidence": 1.01)"), at + "decomposition_confidence").has_value());
  CHECK(problem_at(task(R"("autonomy_tier": 4)"), at + "autonomy_tier").has_value());
  CHECK(problem_at(task(R"("agent_executable": "yes")"), at + "agent_executable").has_value());
  CHECK(problem_at(task(R"("params": [1])"), at + "params") == "must be an object");
  CHECK(problem_at(task(R"("retry_policy": {"max_attempts": 0})"), at + "retry_policy.max_attempts").has_value());
  CHECK(
      problem_at(task(R"("retry_policy": {"backoff_seconds": -1})"), at + "retry_policy.backoff_seconds").has_value());
  CHECK(problem_at(task(R"("retry_policy": {"tries": 1})"), at + "retry_policy.tries").has_value());
  CHECK(task(R"("priority": -2147483648, "estimated_hours": 0, "timeout_hours": 0.0001)").has_value());
}

TEST_CASE("ids must exist and be unique") {
  const auto twice = read_text(R"({"goal": "g", "phases": [{"phase_id": "a", "name": "A", "tasks": [
    {"task_id": "a", "title": "t"}]}]})");
  CHECK(problem_at(twice, "phases[0].tasks[0].task_id") == "'a' is used twice");
  CHECK(problem_at(read_text(with_task(R"("prerequisites": ["nowhere"])")), "phases[0].tasks[0].prerequisites[0]") ==
        "no task, phase or subtask has the id 'nowhere'");
  CHECK(problem_at(read_text(with_task(R"("prerequisites": [3])")), "phases[0].tasks[0].prerequisites[0]") ==
        "must be a string");
  CHECK(problem_at(read_text(with_task(R"("task_id": "t", "prerequisites": ["t"])")),
                   "phases[0].tasks[0].prerequisites[0]") == "a task cannot depend on itself");
}

TEST_CASE("dependencies are finish to start, between tasks that exist") {
  const auto plan = [](const std::string& dependency) {
    return read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [{"task_id": "a", "title": "A"},
      {"task_id": "b", "title": "B"}]}], "dependencies": [)" +
                     dependency + "]}");
  };
  CHECK(plan(R"({"from": "a", "to": "b"})").has_value());
  CHECK(plan(R"({"from": "a", "to": "b", "type": "finish_to_start"})").has_value());
  CHECK(plan(R"({"from": "a", "to": "b", "type": "FS"})").has_value());
  CHECK(plan(R"({"from": "a", "to": "b"}, {"from": "b", "to": "a"})").has_value());  // cycles: the graph's business
  CHECK(problem_at(plan(R"({"from": "a", "to": "b", "type": "SS"})"), "dependencies[0].type").has_value());
  CHECK(problem_at(plan(R"({"from": "a"})"), "dependencies[0].to") == "is required");
  CHECK(problem_at(plan(R"({"from": "a", "to": "z"})"), "dependencies[0].to").has_value());
  CHECK(problem_at(plan(R"({"from": "z", "to": "b"})"), "dependencies[0].from").has_value());
  CHECK(problem_at(plan(R"({"from": "a", "to": "b", "lag": 2})"), "dependencies[0].lag").has_value());
  CHECK(problem_at(plan(R"("a")"), "dependencies[0]") == "must be an object");
}

TEST_CASE("a tree deeper than the domain allows is refused") {
  const auto nested = [](int levels) {
    std::string text;
    for (int i = 0; i < levels; ++i) text += R"(, "subtasks": [{"title": "s")";
    for (int i = 0; i < levels; ++i) text += "}]";
    return read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [{"title": "T")" + text + "}]}]}");
  };
  CHECK(nested(10).has_value());
  CHECK_FALSE(nested(11).has_value());
}

TEST_CASE("more tasks than the domain allows are refused") {
  std::string tasks = R"({"title": "t"})";
  for (std::size_t i = 0; i < domain::max_plan_tasks; ++i) tasks += R"(,{"title": "t"})";
  CHECK(problem_at(read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [)" + tasks + "]}]}"), "phases") ==
        "more than 20000 tasks");
}

TEST_CASE("the list of problems is bounded and says so") {
  std::string tasks = "0";
  for (int i = 0; i < 5'000; ++i) tasks += ",0";
  const auto read = read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [)" + tasks + "]}]}");
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().problems.size() == 201);
  CHECK(read.error().problems.back().message == "and 4801 more problems");
}

TEST_CASE("reading the same text twice gives the same plan") {
  const auto first = read_text(full_plan);
  const auto second = read_text(full_plan);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(*first == *second);
}
