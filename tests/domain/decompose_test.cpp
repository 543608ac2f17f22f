// A task taken apart: by its holder, by a person; what it does to the order, the counters and what is waited for.
#include <doctest/doctest.h>

#include "tests/domain/scenario.hpp"

using namespace planexe;
using namespace planexe::domain;
using namespace planexe::tests;

namespace {

struct part {
  const char* id;
  std::vector<task_id> after = {};
  double confidence = 0.9;
};

std::shared_ptr<const decomposition> parts(const std::vector<part>& wanted) {
  auto made = std::make_shared<decomposition>();
  for (const auto& one : wanted) {
    new_subtask added;
    added.definition.id = {one.id};
    added.definition.title = std::string("Do ") + one.id;
    added.definition.decomposition_confidence = one.confidence;
    added.depends_on = one.after;
    made->subtasks.push_back(std::move(added));
  }
  return made;
}

std::shared_ptr<const plan> two_tasks() {
  plan made;
  made.title = "Two";
  task_definition phase;
  phase.id = {"P"};
  phase.title = "Phase";
  made.tasks.push_back(phase);
  for (const char* id : {"A", "B"}) {
    task_definition task;
    task.id = {id};
    task.title = id;
    task.parent = 0;
    task.level = task_level::task;
    task.assignee_role = "Cook";
    task.priority = 3;
    task.estimate = estimate{2, 4, 8};
    made.tasks.push_back(task);
  }
  made.dependencies.push_back({1, 2, "B needs A"});
  return std::make_shared<const plan>(std::move(made));
}

report_header by(const char* agent, const char* task, const char* token = "") {
  return {{agent}, {task}, token};
}

scenario held() {
  auto s = scenario::started(two_tasks());
  s.hand_out("A", "ann", "t1");
  return s;
}

resolve_review apart(const char* task, std::shared_ptr<const decomposition> into) {
  resolve_review c;
  c.task = {task};
  c.action = review_action::decompose;
  c.note = "smaller";
  c.parts = std::move(into);
  return c;
}

std::string document(const scenario& s) {
  std::string text;
  for (const auto i : s.state.graph->document()) text += s.state.definition(i).id.value + " ";
  return text;
}

std::vector<std::string> fields(const scenario& s) {
  std::vector<std::string> names;
  for (const auto& error : s.last.rejection->errors) names.push_back(error.field + ": " + error.message);
  return names;
}

}  // namespace

TEST_CASE("the holder of a task takes it apart and the parts are carried out in its place") {
  auto s = held();
  s.when(propose_subtasks{by("ann", "A", "t1"), parts({{"A.1"}, {"A.2", {{"A.1"}}}})});
  s.then({"subtasks_added A by ann: A.1 A.2<A.1"}).is(execution_status::running);
  CHECK_EQ(document(s), "P A A.1 A.2 B ");
  CHECK_EQ(s.state.leaf_total(), 3);
  s.task_is("A.1", task_status::queued, leaf_stage::ready).task_is("A.2", task_status::queued, leaf_stage::waiting);
  CHECK_FALSE(s.task("A").lease);
  CHECK(s.state.held.empty());

  s.hand_out("A.1", "bob", "t2").complete("A.1", "bob");
  CHECK_EQ(summarize(s.state, s.index("A")).progress_percent, 50);
  s.task_is("B", task_status::queued, leaf_stage::waiting);
  s.hand_out("A.2", "ann", "t3").complete("A.2", "ann");
  s.task_is("B", task_status::queued, leaf_stage::ready);
  CHECK(summarize(s.state, s.index("A")).status == task_status::complete);
  s.hand_out("B", "bob", "t4").complete("B", "bob").is(execution_status::completed);
}

TEST_CASE("the same proposal again gets the first answer and another one does not") {
  auto s = held();
  const auto same = parts({{"A.1"}});
  s.when(propose_subtasks{by("ann", "A", "t1"), same});
  const auto seq = s.state.version;
  s.when(propose_subtasks{by("ann", "A", "t1"), same}).duplicate_of(seq);
  s.when(propose_subtasks{by("ann", "A"), same}).duplicate_of(seq);
  s.when(propose_subtasks{by("ann", "A"), parts({{"A.9"}})}).refused(rejection_code::lease_lost);
  s.when(propose_subtasks{by("bob", "A"), same}).refused(rejection_code::lease_lost);
}

TEST_CASE("a late report about a task that was taken apart is recorded once") {
  auto s = held();
  s.when(apart("A", parts({{"A.1"}})));
  s.then({"lease_expired A by ann (a person took the task apart)", "subtasks_added A by a person: A.1"});
  s.when(complete_task{by("ann", "A", "t1"), "{}", {}});
  CHECK(s.last.rejection->code == rejection_code::lease_lost);
  s.then({"report_rejected_stale A by ann t1: task_complete"});
  s.when(complete_task{by("ann", "A", "t1"), "{}", {}}).refused(rejection_code::lease_lost);
}

TEST_CASE("only the holder proposes") {
  auto s = held();
  s.when(propose_subtasks{by("bob", "A"), parts({{"A.1"}})}).refused(rejection_code::lease_lost);
  s.when(propose_subtasks{by("ann", "B"), parts({{"B.1"}})}).refused(rejection_code::lease_lost);
  s.when(propose_subtasks{by("ann", "P"), parts({{"P.1"}})}).refused(rejection_code::validation_failed);
  s.when(propose_subtasks{by("ann", "X"), parts({{"X.1"}})}).refused(rejection_code::not_found);
}

TEST_CASE("parts that do not fit are refused with every reason and change nothing") {
  auto s = held();
  const auto refused = [&](const std::vector<part>& wanted) {
    s.when(propose_subtasks{by("ann", "A", "t1"), parts(wanted)}).refused(rejection_code::validation_failed);
    return fields(s);
  };
  CHECK(refused({}) == std::vector<std::string>{"subtasks: there must be at least one"});
  CHECK(refused({{"B"}, {"not legal"}, {"A.1", {{"nowhere"}}}}) ==
        std::vector<std::string>{"A.1: depends on 'nowhere', which there is not", "B: task id 'B' is used twice",
                                 "not legal: task id 'not legal' is not a valid id"});
  CHECK(refused({{"A.1", {{"A.2"}}}, {"A.2", {{"A.1"}}}}) ==
        std::vector<std::string>{"A.1: depends on 'A.2', which closes a cycle",
                                 "A.2: depends on 'A.1', which closes a cycle"});
  CHECK(refused({{"A.1", {{"B"}}}}).size() == 2);  // B waits for A, and so for A.1
  CHECK(refused({{"A.1", {{"A.1"}}}}) == std::vector<std::string>{"A.1: the task depends on itself"});
  CHECK(refused(std::vector<part>(65, part{"A.1"})) == std::vector<std::string>{"subtasks: there are more than 64"});
  s.task_is("A", task_status::running, leaf_stage::held);
}

TEST_CASE("nothing is taken apart below the eighth level") {
  auto s = held();
  std::string id = "A";
  for (std::size_t depth = 3; depth <= max_decomposition_depth; ++depth) {
    s.when(apart(id.c_str(), parts({{(id + ".1").c_str()}})));
    REQUIRE_FALSE(s.last.rejection);
    id += ".1";
  }
  s.when(apart(id.c_str(), parts({{"deeper"}}))).refused(rejection_code::validation_failed);
  CHECK(fields(s) == std::vector<std::string>{"subtasks: they would be deeper than 8 levels"});
}

TEST_CASE("a failed decomposition is mended by hand and the work goes on") {
  auto s = held();
  s.when(fail_task{by("ann", "A"), "decomposition_failed", "too vague", true, false});
  s.is(execution_status::blocked);
  s.when(apart("A", parts({{"A.1"}, {"A.2"}})));
  s.then({"review_resolved A decompose (smaller)", "subtasks_added A by a person: A.1 A.2",
          "execution_unblocked RUNNING"});
  s.task_is("A.1", task_status::queued, leaf_stage::ready);
  s.when(apart("A", parts({{"A.3"}}))).refused(rejection_code::invalid_transition);
}

TEST_CASE("a person is asked about parts under the threshold once the execution has started") {
  scenario s{two_tasks()};
  s.when(apart("A", parts({{"A.1", {}, 0.5}}))).then({"subtasks_added A by a person: A.1"});
  s.when(queue_execution{}).then({"execution_queued*", "review_requested A.1 approval*", "execution_blocked*"});
  s.when(resolve_review{{"A.1"}, review_action::approve, {}, {}, {}, {}, {}, nullptr});
  s.hand_out("A.1", "ann", "t1");
  s.when(propose_subtasks{by("ann", "A.1"), parts({{"A.1.1", {}, 0.4}, {"A.1.2"}})});
  s.then({"subtasks_added A.1 by ann: A.1.1 A.1.2", "review_requested A.1.1 approval*", "execution_blocked*"});
}

TEST_CASE("a task that waits outside for everybody stops no one once it is taken apart") {
  auto s = held();
  s.when(block_task{by("ann", "A"), "rain", {}, true});
  s.is(execution_status::blocked);
  s.when(apart("A", parts({{"A.1"}})));
  CHECK_EQ(s.state.blocking, 0);
  s.is(execution_status::running).task_is("A.1", task_status::queued, leaf_stage::ready);
}

TEST_CASE("what was given to one agent stays that agent's in parts") {
  auto s = scenario::started(two_tasks());
  resolve_review give;
  give.task = {"A"};
  give.action = review_action::reassign;
  give.agent = {"bob"};
  give.role = "Butler";
  s.when(give).when(apart("A", parts({{"A.1"}})));
  CHECK_EQ(s.task("A.1").pinned_agent.value, "bob");
  s.when(s.assignment("A.1", "ann", "t")).refused(rejection_code::task_not_held);
}

TEST_CASE("finished tasks are not taken apart and ended executions neither") {
  auto s = held();
  s.complete("A", "ann");
  s.when(apart("A", parts({{"A.1"}}))).refused(rejection_code::invalid_transition);
  s.when(cancel_execution{}).when(apart("B", parts({{"B.1"}}))).refused(rejection_code::invalid_transition);
}

TEST_CASE("progress by effort counts the parts of what is done and of what is left") {
  auto s = scenario::started(two_tasks());
  s.hand_out("A", "ann", "t1").complete("A", "ann");
  CHECK_EQ(s.state.effort_done, 4);
  auto wanted = *parts({{"B.1"}, {"B.2"}});
  wanted.subtasks[0].definition.estimate = estimate{10, 10, 10};
  wanted.subtasks[1].definition.estimate = estimate{2, 2, 2};
  s.when(apart("B", std::make_shared<const decomposition>(wanted)));
  CHECK_EQ(s.state.effort_done, 4);
  CHECK_EQ(s.state.graph->total_effort(), 16);
}
