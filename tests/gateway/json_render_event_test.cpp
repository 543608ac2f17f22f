// Recorded events and stream messages as clients see them.
#include <doctest/doctest.h>

#include "eventstore/codec.hpp"
#include "gateway/json/render_event.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_task.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using tests::json;
using tests::live_execution;
using tests::rendered;

json event_of(const domain::execution_event& event) {
  domain::event_record record{.stream = {domain::stream_kind::execution, "e1"}, .seq = 5};
  record.metadata = {tests::first_moment(), "agent:a1", "", {}};
  record.payload = event;
  return rendered([&](std::string& out) { render_event(out, record); });
}

/// What the type of an event adds to what all events have.
json own_members(const domain::execution_event& event) {
  auto body = event_of(event);
  for (const auto* shared : {"event_id", "seq", "execution_id", "event_type", "version", "actor", "timestamp", "hash"})
    REQUIRE(body.erase(shared) == 1);
  return body;
}

template <std::size_t... Each>
std::vector<domain::event> one_of_each(std::index_sequence<Each...>) {
  return {domain::execution_event(std::in_place_index<Each>)...};
}

}  // namespace

TEST_CASE("an event shows where it stands, who caused it and its hash") {
  domain::event_record record{.stream = {domain::stream_kind::execution, "e1"}, .seq = 42};
  record.metadata = {tests::first_moment(), "person:\"x\"", "req-1", tests::first_moment()};
  record.payload = domain::execution_event(domain::execution_started{});
  record.hash.fill(0x0F);
  const auto body = rendered([&](std::string& out) { render_event(out, record); });
  std::string hash;
  for (int i = 0; i < 32; ++i) hash += "0f";
  CHECK(body == json{{"event_id", "e1:42"},
                     {"seq", 42},
                     {"execution_id", "e1"},
                     {"event_type", "execution_started"},
                     {"version", 42},
                     {"actor", "person:\"x\""},
                     {"status", "RUNNING"},
                     {"causation_id", "req-1"},
                     {"timestamp", "2026-01-31T09:05:07.250Z"},
                     {"agent_timestamp", "2026-01-31T09:05:07.250Z"},
                     {"hash", hash}});
}

std::shared_ptr<const domain::decomposition> parts_of_a_model() {
  auto parts = std::make_shared<domain::decomposition>();
  parts->source = domain::decomposition_source::model;
  parts->model = "m1";
  parts->response = "[]";
  parts->notes = "why so";
  for (const char* title : {"Dig", "Lay"}) {
    domain::new_subtask part;
    part.definition.id = {"t." + std::to_string(parts->subtasks.size() + 1)};
    part.definition.title = title;
    part.definition.action = "build";
    if (!parts->subtasks.empty()) part.depends_on = {{"t.1"}};
    parts->subtasks.push_back(std::move(part));
  }
  return parts;
}

TEST_CASE("every type of event tells its own facts") {
  const auto at = tests::first_moment();
  const std::string time = "2026-01-31T09:05:07.250Z";
  using status = domain::execution_status;
  const auto source = std::make_shared<const domain::plan>(tests::small_plan());
  const std::vector<std::pair<domain::execution_event, json>> cases{
      {domain::execution_created{source, "T", {"a1"}, 3, {}},
       {{"status", "CREATED"}, {"plan_id", "plan-1"}, {"title", "T"}, {"agent_id", "a1"}, {"priority", 3}}},
      {domain::execution_queued{"started", at}, {{"status", "QUEUED"}, {"message", "started"}, {"deadline_at", time}}},
      {domain::execution_started{}, {{"status", "RUNNING"}}},
      {domain::execution_paused{"r"}, {{"status", "PAUSED"}, {"message", "r"}}},
      {domain::execution_resumed{status::queued}, {{"status", "QUEUED"}}},
      {domain::execution_blocked{"r"}, {{"status", "BLOCKED"}, {"message", "r"}}},
      {domain::execution_unblocked{status::running}, {{"status", "RUNNING"}}},
      {domain::execution_completed{}, {{"status", "COMPLETED"}}},
      {domain::execution_failed{"r"}, {{"status", "FAILED"}, {"message", "r"}}},
      {domain::execution_cancelled{""}, {{"status", "CANCELLED"}}},
      {domain::execution_reprioritized{-1}, {{"priority", -1}}},
      {domain::task_assigned{{"t"}, {"a1"}, 2, "secret", at, "r"},
       {{"task_id", "t"},
        {"agent_id", "a1"},
        {"status", "RUNNING"},
        {"message", "r"},
        {"attempt", 2},
        {"timeout_at", time}}},
      {domain::task_started{{"t"}, {"a1"}, ""}, {{"task_id", "t"}, {"agent_id", "a1"}, {"status", "RUNNING"}}},
      {domain::task_progress{{"t"}, {"a1"}, 12.5, "m"},
       {{"task_id", "t"}, {"agent_id", "a1"}, {"status", "RUNNING"}, {"message", "m"}, {"progress_percent", 12.5}}},
      {domain::task_complete{{"t"}, {}, R"({"k":[1]})", "m"},
       {{"task_id", "t"}, {"status", "COMPLETE"}, {"message", "m"}, {"output_data", {{"k", {1}}}}}},
      {domain::task_error{{"t"}, {"a1"}, 2, "net", "no route", true, false},
       {{"task_id", "t"},
        {"agent_id", "a1"},
        {"status", "ERROR"},
        {"error_type", "net"},
        {"error_message", "no route"},
        {"attempt", 2},
        {"attempt_charged", true},
        {"final", false}}},
      {domain::task_retry_scheduled{{"t"}, at}, {{"task_id", "t"}, {"status", "QUEUED"}, {"retry_at", time}}},
      {domain::task_retry_due{{"t"}}, {{"task_id", "t"}, {"status", "QUEUED"}}},
      {domain::task_blocked{{"t"}, {"a1"}, "r", at, true},
       {{"task_id", "t"},
        {"agent_id", "a1"},
        {"status", "BLOCKED"},
        {"message", "r"},
        {"until", time},
        {"blocking", true}}},
      {domain::task_unblocked{{"t"}, "r"}, {{"task_id", "t"}, {"status", "QUEUED"}, {"message", "r"}}},
      {domain::task_skipped{{"t"}, "n"}, {{"task_id", "t"}, {"status", "SKIPPED"}, {"message", "n"}}},
      {domain::task_reassigned{{"t"}, {"a2"}, "cook"},
       {{"task_id", "t"}, {"agent_id", "a2"}, {"assignee_role", "cook"}}},
      {domain::task_escalated{{"t"}, "r", 2, "ann"},
       {{"task_id", "t"}, {"message", "r"}, {"human_review_required", true}, {"level", 2}, {"escalated_to", "ann"}}},
      {domain::lease_expired{{"t"}, {"a1"}, "r"},
       {{"task_id", "t"}, {"agent_id", "a1"}, {"status", "QUEUED"}, {"message", "r"}}},
      {domain::review_requested{{"t"}, domain::review_kind::approval, "r"},
       {{"task_id", "t"},
        {"status", "QUEUED"},
        {"message", "r"},
        {"human_review_required", true},
        {"review_kind", "approval"}}},
      {domain::review_resolved{{"t"}, domain::review_action::approve, "n"},
       {{"task_id", "t"}, {"message", "n"}, {"action", "approve"}}},
      {domain::report_rejected_stale{{"t"}, {"a1"}, "secret", "task_complete"},
       {{"task_id", "t"},
        {"agent_id", "a1"},
        {"message", "the sender does not hold the task any more"},
        {"report", "task_complete"}}},
      {domain::execution_unstaffed{"nobody", at}, {{"message", "nobody"}, {"escalate_at", time}}},
      {domain::execution_staffed{}, json::object()},
      {domain::execution_forked{{"e1"}, 7, std::string(32, '\xbb'), "t", {"a1"}, {}, at, "r"},
       {{"forked_from", {{"execution_id", "e1"}, {"seq", 7}, {"hash", std::string(64, 'b')}}},
        {"title", "t"},
        {"agent_id", "a1"},
        {"deadline_at", time},
        {"message", "r"}}},
      {domain::subtasks_added{{"t"}, {"a1"}, parts_of_a_model()},
       {{"task_id", "t"},
        {"agent_id", "a1"},
        {"status", "QUEUED"},
        {"message", "why so"},
        {"source", "model"},
        {"model", "m1"},
        {"model_response", "[]"},
        {"subtasks",
         {{{"subtask_id", "t.1"}, {"title", "Dig"}, {"action", "build"}, {"depends_on", json::array()}},
          {{"subtask_id", "t.2"}, {"title", "Lay"}, {"action", "build"}, {"depends_on", {"t.1"}}}}}}},
  };
  std::set<std::size_t> seen;
  for (const auto& [event, members] : cases) {
    seen.insert(event.index());
    CHECK_MESSAGE(own_members(event) == members, event_type_name(event));
  }
  CHECK(seen.size() == std::variant_size_v<domain::execution_event>);
}

TEST_CASE("a review's kind tells the state of its task") {
  const auto status = [](domain::review_kind kind) {
    return own_members(domain::review_requested{{"t"}, kind, "r"})["status"];
  };
  CHECK(status(domain::review_kind::failure) == "ERROR");
  CHECK(status(domain::review_kind::requested) == "BLOCKED");
  CHECK(status(domain::review_kind::escalated) == "BLOCKED");
}

TEST_CASE("events are named to clients as they are stored today") {
  auto events = one_of_each(std::make_index_sequence<std::variant_size_v<domain::execution_event>>());
  events.emplace_back(domain::agent_event(domain::agent_registered{}));
  events.emplace_back(domain::agent_event(domain::agent_profile_changed{}));
  events.emplace_back(domain::agent_event(domain::agent_standing_changed{}));
  events.emplace_back(domain::plan_event(domain::plan_imported{}));
  for (const auto& event : events) CHECK(event_type_name(event) == eventstore::type_name(event));
}

TEST_CASE("events of agents and plans are shown too") {
  domain::event_record record{.stream = {domain::stream_kind::agent, "a1"}, .seq = 2};
  record.payload = domain::agent_event(domain::agent_standing_changed{domain::agent_standing::retired});
  auto body = rendered([&](std::string& out) { render_event(out, record); });
  CHECK(body["agent_id"] == "a1");
  CHECK(body["event_id"] == "a1:2");
  CHECK(body["status"] == "retired");
  CHECK(!body.contains("execution_id"));
  record.stream = {domain::stream_kind::plan, "plan-1"};
  record.payload = domain::plan_event(domain::plan_imported{std::make_shared<const domain::plan>(tests::small_plan())});
  body = rendered([&](std::string& out) { render_event(out, record); });
  CHECK(body["plan_id"] == "plan-1");
  CHECK(body["title"] == "A plan");
}

TEST_CASE("no event of a real run shows a lease token, and all stand in order") {
  live_execution live;
  live.run(domain::queue_execution{});
  live.assign("t1.a");
  live.run(domain::complete_task{{{"a1"}, {"t1.a"}, "token-1"}, "{}", "done"});
  const auto body = rendered([&](std::string& out) { render_events(out, live.records); });
  REQUIRE(body.size() == live.records.size());
  CHECK(body.dump().find("token-1") == std::string::npos);
  for (std::size_t i = 0; i < body.size(); ++i) CHECK(body[i]["seq"] == i + 1);
  CHECK(body.back()["event_type"] == "task_complete");
  CHECK(rendered([&](std::string& out) { render_events(out, {}); }) == json::array());
}

TEST_CASE("an event of a stream is the event of the lists") {
  live_execution live;
  live.run(domain::queue_execution{});
  auto event = rendered([&](std::string& out) { render_event(out, live.records.back()); });
  event["type"] = "event";
  CHECK(rendered([&](std::string& out) { render_event_message(out, live.records.back()); }) == event);
}

}  // namespace planexe::gateway
