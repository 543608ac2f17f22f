// Templates by action: what a task's parts are when nobody is asked.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "plans/actions.hpp"
#include "plans/decomposition/decomposer.hpp"
#include "plans/decomposition/templates.hpp"

namespace planexe::plans {
namespace {

domain::task_definition task_of(std::string title, std::string action = {}) {
  domain::task_definition task;
  task.id = {"t1"};
  task.title = std::move(title);
  task.action = std::move(action);
  task.estimate = domain::estimate{1, 2, 4};
  task.assignee_role = "Buyer";
  task.role_certainty = 1;
  return task;
}

decomposition_outcome take_apart(const domain::task_definition& task, taken_id taken = {}) {
  decomposition_request request;
  request.task = task;
  request.taken = std::move(taken);
  auto outcome = make_rules_decomposer()->decompose(request);
  REQUIRE(outcome);
  return *std::move(outcome);
}

std::vector<std::string> actions_of(const decomposition_outcome& outcome) {
  std::vector<std::string> actions;
  for (const auto& each : outcome.decomposition.subtasks) actions.push_back(each.definition.action);
  return actions;
}

double days_of(const decomposition_outcome& outcome) {
  double days = 0;
  for (const auto& each : outcome.decomposition.subtasks) days += each.definition.estimate->days_realistic;
  return days;
}

constexpr std::string_view published[] = {
    "research", "draft_document", "send_email", "make_phone_call", "schedule_calendar_event",
    "analyze",  "review",         "negotiate",  "procure",         "build",
    "test",     "travel",         "sign",       unknown_action};

}  // namespace

TEST_CASE("every published action has a template of its own whose shares add up") {
  REQUIRE(action_templates().size() == std::size(published));
  for (const auto action : published) {
    const auto& found = template_for(action);
    CHECK(found.action == action);
    CHECK(found.steps.size() >= 3);
    double shares = 0;
    int cores = 0;
    for (std::size_t i = 0; i < found.steps.size(); ++i) {
      const auto& step = found.steps[i];
      shares += step.share;
      cores += step.core ? 1 : 0;
      for (const char digit : step.after) CHECK_MESSAGE(static_cast<std::size_t>(digit - '1') < i, found.action);
      CHECK_MESSAGE(std::find(std::begin(published), std::end(published), step.action) != std::end(published),
                    step.title);
      CHECK(!step.criteria.empty());
    }
    CHECK_MESSAGE(std::abs(shares - 1) < 1e-9, found.action);
    CHECK_MESSAGE(cores == 1, found.action);
  }
}

TEST_CASE("the parts of every action fit together and share the estimate") {
  for (const auto action : published) {
    const auto outcome = take_apart(task_of("Something about the river", std::string(action)));
    const auto& parts = outcome.decomposition.subtasks;
    CHECK(check_subtasks(parts, true).empty());
    CHECK(execution_sequence(parts).size() == parts.size());
    CHECK(std::abs(days_of(outcome) - 2) < 1e-9);
    CHECK(outcome.confidence > 0);
    CHECK(outcome.confidence <= 0.8);
    for (const auto& part : parts) {
      CHECK(part.definition.assignee_role == "Buyer");
      CHECK(part.definition.title.find('{') == std::string::npos);
      CHECK(part.definition.description.find('{') == std::string::npos);
      CHECK(!part.definition.required_capabilities.empty());
    }
    CHECK(outcome.decomposition.source == domain::decomposition_source::rules);
    CHECK(outcome.decomposition.model.empty());
  }
}

TEST_CASE("a call is prepared, made and written down") {
  const auto outcome = take_apart(task_of("Call the quarry about delivery dates"));
  CHECK(actions_of(outcome) == std::vector<std::string>{"draft_document", "make_phone_call", "draft_document"});
  const auto& parts = outcome.decomposition.subtasks;
  CHECK(parts[0].definition.title == "Prepare the call: the quarry about delivery dates");
  CHECK(parts[1].depends_on == std::vector<domain::task_id>{{"t1.1"}});
  CHECK(parts[1].definition.tier == domain::autonomy_tier::agent_with_approval);
  CHECK(parts[0].definition.tier == domain::autonomy_tier::agent_alone);
}

TEST_CASE("what is bought is specified first and checked last") {
  auto task = task_of("Select and purchase the kiln");
  task.resources = {"Budget", "Potter"};
  task.params_json = R"({"limit": 900})";
  task.description = "An electric one.";
  task.success_criteria = "The kiln fires at 1200 degrees";
  const auto outcome = take_apart(task);
  CHECK(actions_of(outcome) == std::vector<std::string>{"draft_document", "research", "analyze", "procure", "review"});
  const auto& parts = outcome.decomposition.subtasks;
  CHECK(parts[0].definition.title == "Specify the kiln");
  CHECK(parts[0].definition.description.find("Budget, Potter") != std::string::npos);
  CHECK(parts[3].definition.params_json == R"({"limit": 900})");
  CHECK(parts[3].definition.description.find("An electric one.") != std::string::npos);
  CHECK(parts[4].definition.success_criteria.find("1200 degrees") != std::string::npos);
}

TEST_CASE("only the signature itself needs a person") {
  const auto outcome = take_apart(task_of("Sign off the site plan", "sign"));
  for (const auto& part : outcome.decomposition.subtasks) {
    const bool led = part.definition.tier == domain::autonomy_tier::person_led;
    CHECK(led == (part.definition.action == "sign"));
    CHECK(part.definition.agent_executable == !led);
  }
}

TEST_CASE("a task that a person leads keeps its deed with a person") {
  auto task = task_of("Build the dam", "build");
  task.tier = domain::autonomy_tier::person_led;
  for (const auto& part : take_apart(task).decomposition.subtasks)
    CHECK((part.definition.tier == domain::autonomy_tier::person_led) == (part.definition.title == "Build the dam"));
}

TEST_CASE("an action that is not published takes the general way and keeps its name") {
  const auto outcome = take_apart(task_of("Weld the hull", "weld"));
  CHECK(actions_of(outcome) == std::vector<std::string>{"analyze", "research", "weld", "review"});
  REQUIRE(outcome.warnings.size() == 1);
  CHECK(outcome.warnings[0].code == "no_template");
  CHECK(outcome.confidence <= 0.5);
}

TEST_CASE("what the asking agent cannot do is said once for each action") {
  decomposition_request request;
  request.task = task_of("Call the quarry");
  request.agent_capabilities = {"make_phone_call"};
  const auto rules = make_rules_decomposer();
  const auto outcome = rules->decompose(request);
  REQUIRE(outcome);
  REQUIRE(outcome->warnings.size() == 1);
  CHECK(outcome->warnings[0].code == "capability_missing");
  CHECK(outcome->warnings[0].detail.find("draft_document") != std::string::npos);
  request.agent_capabilities.emplace_back("*");
  CHECK(rules->decompose(request)->warnings.empty());
}

TEST_CASE("the same task gives the same parts") {
  const auto task = task_of("Negotiate the lease of the hall");
  CHECK(take_apart(task).decomposition == take_apart(task).decomposition);
}

TEST_CASE("ids that are in use are passed over") {
  const auto outcome = take_apart(task_of("Call the quarry"), [](std::string_view id) { return id == "t1.2"; });
  CHECK(outcome.decomposition.subtasks[1].definition.id.value == "t1.3");
}

TEST_CASE("a task without a title worth speaking of is taken apart all the same") {
  const auto outcome = take_apart(task_of("Call"));
  CHECK(outcome.decomposition.subtasks[0].definition.title == "Prepare the call: Call");
}

}  // namespace planexe::plans
