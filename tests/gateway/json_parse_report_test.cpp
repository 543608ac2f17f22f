// What agents report: every type of event into its command, and what is wrong with the rest.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <chrono>

#include "gateway/json/parse_report.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using nlohmann::json;
using tests::fields_of;
using names = std::set<std::string>;

json report(const char* type, const json& more = json::object()) {
  json body{{"agent_id", "a1"}, {"event_type", type}, {"task_id", "t1"}, {"lease_token", "tok"}, {"message", "m"}};
  body.update(more);
  return body;
}

report_request parsed(const json& body, const report_origin& origin = {}) {
  auto batch = parse_reports(body.dump(), origin);
  REQUIRE_MESSAGE(batch, body.dump());
  REQUIRE(!batch->is_array);
  REQUIRE(batch->reports.size() == 1);
  return *batch->reports.front();
}

template <class Command>
Command command_of(const json& body) {
  const auto request = parsed(body);
  REQUIRE(std::holds_alternative<Command>(request.command));
  return std::get<Command>(request.command);
}

names wrong_fields(const json& body, const report_origin& origin = {}) {
  const auto batch = parse_reports(body.dump(), origin);
  REQUIRE_MESSAGE(!batch, body.dump());
  CHECK(batch.error().code == problem_code::validation_failed);
  return fields_of(batch.error());
}

}  // namespace

TEST_CASE("every type of report becomes its command") {
  CHECK(command_of<domain::start_task>(report("task_started")).message == "m");
  CHECK(command_of<domain::report_progress>(report("task_progress", {{"progress_percent", 12.5}})).percent == 12.5);
  CHECK(!command_of<domain::heartbeat>(report("heartbeat")).percent);
  CHECK(command_of<domain::heartbeat>(report("heartbeat", {{"progress_percent", 0}})).percent == 0);
  CHECK(command_of<domain::unblock_task>(report("task_unblocked")).reason == "m");
  for (const auto* type : {"task_complete", "subtask_complete"}) {
    const auto complete = command_of<domain::complete_task>(report(type, {{"output_data", {{"k", {1, "x"}}}}}));
    CHECK(complete.output_json == R"({"k":[1,"x"]})");
    CHECK(complete.message == "m");
    CHECK(complete.report.agent.value == "a1");
    CHECK(complete.report.task.value == "t1");
    CHECK(complete.report.lease_token == "tok");
  }
}

TEST_CASE("a failed task says how, and has defaults") {
  const auto full = command_of<domain::fail_task>(report(
      "task_error",
      {{"error_type", "net"}, {"error_message", "no route"}, {"retryable", false}, {"human_review_required", true}}));
  CHECK(full.error_type == "net");
  CHECK(full.error_message == "no route");
  CHECK(!full.retryable);
  CHECK(full.review_required);
  const auto bare = command_of<domain::fail_task>(report("task_error"));
  CHECK(bare.error_type == "error");
  CHECK(bare.error_message == "m");
  CHECK(bare.retryable);
  CHECK(!bare.review_required);
}

TEST_CASE("a blocked task says what for and how long") {
  const auto full =
      command_of<domain::block_task>(report("task_blocked", {{"max_wait_hours", 0.5}, {"blocking", true}}));
  CHECK(full.reason == "m");
  CHECK(full.max_wait == std::chrono::minutes(30));
  CHECK(full.blocking);
  const auto bare = command_of<domain::block_task>(report("task_blocked", {{"message", nullptr}}));
  CHECK(!bare.reason.empty());
  CHECK(!bare.max_wait);
  CHECK(!bare.blocking);
}

TEST_CASE("a report names its leaf, its time and itself") {
  const auto request = parsed(
      report("task_started",
             {{"subtask_id", "t1.a"}, {"agent_timestamp", "2026-01-31T10:05:07.250+01:00"}, {"event_id", "mine-7"}}));
  CHECK(request.header().task.value == "t1.a");
  CHECK(request.agent_timestamp == tests::first_moment());
  CHECK(request.event_id == "mine-7");
}

TEST_CASE("a heartbeat need not name a task") {
  auto body = report("heartbeat");
  body.erase("task_id");
  CHECK(parsed(body).header().task.empty());
  CHECK(parsed(body).header().agent.value == "a1");
}

TEST_CASE("members of a report that are not known are left alone") {
  CHECK(command_of<domain::start_task>(report("task_started", {{"status", "RUNNING"}, {"mood", {1, 2}}})).message ==
        "m");
}

TEST_CASE("any JSON value is an output, kept in its own words") {
  const auto output = [](const std::string& text) {
    const auto batch = parse_reports(
        R"({"agent_id":"a1","event_type":"task_complete","task_id":"t1","output_data":)" + text + "}", {});
    REQUIRE(batch);
    return std::get<domain::complete_task>(batch->reports.front()->command).output_json;
  };
  CHECK(output(" { \"z\": 1.50, \"a\": [ ] } ") == R"({"z":1.50,"a":[]})");
  CHECK(output("\"text\"") == "\"text\"");
  CHECK(output("12345678901234567890123") == "12345678901234567890123");
  CHECK(output("false") == "false");
  CHECK(output("null").empty());
}

TEST_CASE("each missing member of a report is named") {
  auto body = report("task_started");
  body.erase("agent_id");
  CHECK(wrong_fields(body) == names{"agent_id"});
  body = report("task_started");
  body.erase("task_id");
  CHECK(wrong_fields(body) == names{"task_id"});
  body = report("task_started");
  body.erase("event_type");
  CHECK(wrong_fields(body) == names{"event_type"});
  CHECK(wrong_fields(report("task_progress")) == names{"progress_percent"});
  CHECK(wrong_fields(json::object()) == names{"event_type", "agent_id"});
}

TEST_CASE("each wrong member of a report is named") {
  struct wrong_case {
    const char* type;
    json more;
    names fields;
  };
  const std::vector<wrong_case> cases{
      {"task_started", {{"agent_id", 7}}, {"agent_id"}},
      {"task_started", {{"agent_id", "-a"}}, {"agent_id"}},
      {"task_started", {{"task_id", "t 1"}}, {"task_id"}},
      {"task_started", {{"subtask_id", ""}}, {"subtask_id"}},
      {"task_started", {{"lease_token", {1}}}, {"lease_token"}},
      {"task_started", {{"lease_token", std::string(257, 'x')}}, {"lease_token"}},
      {"task_started", {{"message", 1}}, {"message"}},
      {"task_started", {{"message", std::string(64 * 1024 + 1, 'x')}}, {"message"}},
      {"task_started", {{"agent_timestamp", "yesterday"}}, {"agent_timestamp"}},
      {"task_started", {{"agent_timestamp", 1}}, {"agent_timestamp"}},
      {"task_started", {{"event_id", false}}, {"event_id"}},
      {"task_progress", {{"progress_percent", -0.1}}, {"progress_percent"}},
      {"task_progress", {{"progress_percent", 100.01}}, {"progress_percent"}},
      {"task_progress", {{"progress_percent", "50"}}, {"progress_percent"}},
      {"heartbeat", {{"progress_percent", 101}}, {"progress_percent"}},
      {"task_error", {{"retryable", 1}}, {"retryable"}},
      {"task_error", {{"human_review_required", "yes"}}, {"human_review_required"}},
      {"task_error", {{"error_type", 1}}, {"error_type"}},
      {"task_error", {{"error_type", std::string(257, 'x')}}, {"error_type"}},
      {"task_error", {{"error_message", json::array()}}, {"error_message"}},
      {"task_blocked", {{"max_wait_hours", 0}}, {"max_wait_hours"}},
      {"task_blocked", {{"max_wait_hours", 1e9}}, {"max_wait_hours"}},
      {"task_blocked", {{"blocking", 0}}, {"blocking"}},
      {"subtasks_proposed", json::object(), {"subtasks"}},
      {"subtasks_proposed", {{"subtasks", json::array()}}, {"subtasks"}},
      {"subtasks_proposed", {{"subtasks", {{{"title", ""}}, 7}}}, {"subtasks[0].title", "subtasks[1]"}},
      {"task_exploded", json::object(), {"event_type"}},
      {"task_started", {{"event_type", 3}}, {"event_type"}},
      {"task_blocked",
       {{"agent_id", 1}, {"task_id", 2}, {"message", 3}, {"blocking", 4}},
       {"agent_id", "task_id", "message", "blocking"}},
  };
  for (const auto& each : cases) {
    const auto body = report(each.type, each.more);
    CHECK_MESSAGE(wrong_fields(body) == each.fields, body.dump().substr(0, 300));
  }
}

TEST_CASE("an output over 1 MiB is named") {
  CHECK(wrong_fields(report("task_complete", {{"output_data", std::string(max_output_bytes, 'x')}})) ==
        names{"output_data"});
}

TEST_CASE("a body that is no report is refused") {
  for (const auto* text : {"", "nonsense", "{\"agent_id\":"}) {
    const auto batch = parse_reports(text, {});
    REQUIRE(!batch);
    CHECK(batch.error().code == problem_code::malformed_request);
  }
  CHECK(wrong_fields(json("text")) == names{"body"});
  CHECK(wrong_fields(json(7)) == names{"body"});
}

TEST_CASE("reports of an array are judged one by one") {
  const json body{report("task_started"), report("task_exploded"), 7, report("heartbeat")};
  const auto batch = parse_reports(body.dump(), {});
  REQUIRE(batch);
  CHECK(batch->is_array);
  REQUIRE(batch->reports.size() == 4);
  CHECK(batch->reports[0].has_value());
  CHECK(fields_of(batch->reports[1].error()) == names{"event_type"});
  CHECK(fields_of(batch->reports[2].error()) == names{"body"});
  CHECK(batch->reports[3].has_value());
}

TEST_CASE("an array holds at most 256 reports") {
  json body = json::array();
  for (std::size_t i = 0; i < max_reports; ++i) body.push_back(report("heartbeat"));
  const auto full = parse_reports(body.dump(), {});
  REQUIRE(full);
  CHECK(full->reports.size() == max_reports);
  body.push_back(report("heartbeat"));
  CHECK(wrong_fields(body) == names{"body"});
  const auto none = parse_reports("[]", {});
  REQUIRE(none);
  CHECK(none->is_array);
  CHECK(none->reports.empty());
}

TEST_CASE("an agent's own path names the agent, and each report its execution") {
  const report_origin origin{.agent = {"a1"}, .over_executions = true};
  auto body = report("task_started", {{"execution_id", "e9"}});
  body.erase("agent_id");
  const auto request = parsed(body, origin);
  CHECK(request.execution.value == "e9");
  CHECK(request.header().agent.value == "a1");
  body["agent_id"] = "a2";
  CHECK(wrong_fields(body, origin) == names{"agent_id"});
  body["agent_id"] = "a1";
  body.erase("execution_id");
  CHECK(wrong_fields(body, origin) == names{"execution_id"});
}

}  // namespace planexe::gateway
