// The one JSON form of subtasks: what people, agents and models may write.
#include <doctest/doctest.h>

#include <algorithm>

#include "gateway/json/parse_subtasks.hpp"

namespace planexe::gateway {
namespace {

std::vector<std::string> faults_of(std::string_view json) {
  const auto read = parse_subtasks(json);
  REQUIRE(!read);
  std::vector<std::string> fields;
  for (const auto& each : read.error().errors) fields.push_back(each.field);
  std::sort(fields.begin(), fields.end());
  return fields;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("every member of a subtask is read") {
  const auto read = parse_subtasks(R"({"subtasks": [{"subtask_id": "a.1", "title": "Call the quarry",
    "description": "By phone.", "action": "make_phone_call", "params": {"number": 5}, "depends_on": ["b"],
    "success_criteria": "Reached", "estimated_hours": 4, "timeout_hours": 0.5, "assignee_role": "Buyer",
    "priority": -2, "retry_policy": {"max_attempts": 5, "backoff_seconds": 1.5}}]})");
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  const auto& part = read->front();
  const auto& task = part.definition;
  CHECK(task.id.value == "a.1");
  CHECK(task.title == "Call the quarry");
  CHECK(task.description == "By phone.");
  CHECK(task.action == "make_phone_call");
  CHECK(task.params_json == R"({"number":5})");
  CHECK(part.depends_on == std::vector<domain::task_id>{{"b"}});
  CHECK(task.success_criteria == "Reached");
  CHECK(task.estimate == domain::estimate{0.5, 0.5, 0.5});
  CHECK(task.timeout == domain::hours(0.5));
  CHECK(task.assignee_role == "Buyer");
  CHECK(task.priority == -2);
  CHECK(task.retry == domain::retry_policy{5, domain::seconds(1.5)});
  CHECK(task.level == domain::task_level::subtask);
}

TEST_CASE("a title is enough and a bare array is one too") {
  const auto read = parse_subtasks(R"( [{"title": "One", "success_criteria": ["it is", "there"], "priority": null}])");
  REQUIRE(read);
  const auto& task = read->front().definition;
  CHECK(task.id.empty());
  CHECK(task.action.empty());
  CHECK(task.success_criteria == "it is; there");
  CHECK(!task.estimate);
  CHECK(!task.timeout);
}

TEST_CASE("everything wrong is named under its place") {
  CHECK(
      faults_of(R"({"subtasks": [{"title": "ok"}, {"title": " ", "subtask_id": "no good", "depends_on": ["a", "b c", 3],
    "params": [], "estimated_hours": -1, "timeout_hours": 0, "priority": 1.5,
    "retry_policy": {"max_attempts": 0}}, 7]})") ==
      names{"subtasks[1].depends_on[1]", "subtasks[1].depends_on[2]", "subtasks[1].estimated_hours",
            "subtasks[1].params", "subtasks[1].priority", "subtasks[1].retry_policy.max_attempts",
            "subtasks[1].subtask_id", "subtasks[1].timeout_hours", "subtasks[1].title", "subtasks[2]"});
}

TEST_CASE("none and too many and something else are refused") {
  CHECK(faults_of(R"({"subtasks": []})") == names{"subtasks"});
  CHECK(faults_of(R"({"parts": []})") == names{"subtasks"});
  CHECK(faults_of(R"({"subtasks": {}})") == names{"subtasks"});
  std::string many = "[";
  for (int i = 0; i < 65; ++i) many += std::string(i == 0 ? "" : ",") + R"({"title":"x"})";
  CHECK(faults_of(many + "]") == names{"subtasks"});
  for (const char* text : {"", "nothing", "{", "[", "3"}) CHECK(!parse_subtasks(std::string_view(text)));
}

TEST_CASE("members nobody knows are wrong in a request and nothing in a report") {
  const auto document = json_document::parse(R"({"subtasks": [{"title": "x", "colour": "red"}]})");
  REQUIRE(document);
  for (const auto unknown : {unknown_members::refused, unknown_members::ignored}) {
    field_errors errors;
    body_fields fields(document->root(), "", errors);
    CHECK(parse_subtasks(fields, "subtasks", unknown).size() == 1);
    CHECK(errors.empty() == (unknown == unknown_members::ignored));
  }
}

}  // namespace planexe::gateway
