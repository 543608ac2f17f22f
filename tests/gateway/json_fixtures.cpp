#include "tests/gateway/json_fixtures.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace planexe::tests {
namespace {

domain::task_definition leaf(const char* id, domain::task_index parent, domain::task_level level, const char* title) {
  domain::task_definition task;
  task.id.value = id;
  task.parent = parent;
  task.level = level;
  task.title = title;
  task.description = std::string("About ") + title;
  task.action = "write";
  return task;
}

}  // namespace

domain::timestamp first_moment() {
  return *domain::parse_rfc3339("2026-01-31T09:05:07.250Z");
}

domain::plan small_plan() {
  using enum domain::task_level;
  domain::plan plan;
  plan.id.value = "plan-1";
  plan.title = "A plan";
  plan.goal = "Tea for \"all\"";
  plan.tasks = {leaf("p1", domain::no_task, phase, "First"),
                leaf("t1", 0, task, "Boil"),
                leaf("t1.a", 1, subtask, "Fill"),
                leaf("t1.b", 1, subtask, "Heat"),
                leaf("t2", 0, task, "Choose"),
                leaf("p2", domain::no_task, phase, "Second"),
                leaf("t3", 5, task, "Pour")};
  plan.tasks[2].params_json = R"({"litres":1.5})";
  plan.tasks[2].assignee_role = "cook";
  plan.tasks[2].estimate = domain::estimate{0.5, 1, 2};
  plan.tasks[4].decomposition_confidence = 0.4;
  plan.tasks[4].tier = domain::autonomy_tier::agent_with_approval;
  plan.tasks[6].timeout = domain::hours(2);
  plan.tasks[6].retry = domain::retry_policy{2, domain::seconds(0.5)};
  plan.dependencies = {{4, 6, "the kind decides the cup"}};
  plan.roles = {{"cook", "boils water"}};
  plan.risks = {{"No water", "The tap may be dry", "high", "Buy some"}};
  plan.warnings = {{"no_dates", "the plan has no dates", {}}};
  return plan;
}

live_execution::live_execution(domain::plan plan, domain::execution_options options) {
  run(domain::create_execution{.source = std::make_shared<const domain::plan>(std::move(plan)), .options = options});
}

void live_execution::run(const domain::execution_command& command) {
  now_ += std::chrono::seconds(1);
  const auto decision = domain::decide(state, command, now_);
  REQUIRE(!decision.rejection);
  for (const auto& event : decision.events) apply(event);
  while (const auto event = domain::settle(state)) apply(*event);
}

void live_execution::assign(const char* task) {
  run(domain::assign_task{find(task), {"a1"}, "token-" + std::to_string(++tokens_), "the only one"});
}

domain::task_index live_execution::find(const char* task) const {
  const auto i = state.graph->find({task});
  REQUIRE(i != domain::no_task);
  return i;
}

void live_execution::apply(const domain::execution_event& event) {
  const auto seq = state.version + 1;
  domain::evolve(state, event, {seq, now_});
  domain::event_record record{.stream = {domain::stream_kind::execution, id.value}, .seq = seq, .position = seq + 100};
  record.metadata = {now_, "system", "request-1", {}};
  record.payload = event;
  record.hash.fill(0xAB);
  records.push_back(std::move(record));
}

std::set<std::string> fields_of(const gateway::problem& problem) {
  std::set<std::string> fields;
  for (const auto& error : problem.errors) {
    CHECK(!error.message.empty());
    CHECK_MESSAGE(fields.insert(error.field).second, "told twice: " << error.field);
  }
  return fields;
}

}  // namespace planexe::tests
