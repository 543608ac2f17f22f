// Every way in which the server says no: the right code, every wrong field named, and nothing changed.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

using names = std::vector<std::string>;

void check_problem(const reply& answer, unsigned status, const std::string& code) {
  CAPTURE(answer.text);
  CHECK(answer.status == status);
  CHECK(answer.code() == code);
}

struct call {
  std::string method, path, body;
};

/// A server with one execution under way, for requests that must not change it.
struct stage {
  server_under_test server;
  api_client api{server.address()};
  std::string id = start_execution(api, plan_of({"a", "b"}));
  std::string path = "/api/executions/" + id;
  std::string ann = register_agent(api, "ann");
};

}  // namespace

TEST_CASE("what does not exist is 404 on every route") {
  stage on;
  const std::string resolution = R"({"action":"skip"})", heartbeat = R"({"event_type":"heartbeat","agent_id":"ann"})",
                    report = R"({"event_type":"task_complete","agent_id":"ann","task_id":"a"})";
  const std::vector<call> calls = {
      {"GET", "/nothing", ""},
      {"GET", "/api/plans/none", ""},
      {"GET", "/api/plans/none/tasks", ""},
      {"GET", "/api/executions/none", ""},
      {"GET", "/api/executions/none?at_seq=1", ""},
      {"PATCH", "/api/executions/none", R"({"status":"QUEUED"})"},
      {"GET", "/api/executions/none/status", ""},
      {"GET", "/api/executions/none/tasks", ""},
      {"GET", "/api/executions/none/blockers", ""},
      {"GET", "/api/executions/none/events", ""},
      {"GET", "/api/executions/none/events?wait=30&after_seq=0", ""},
      {"POST", "/api/executions/none/events", report},
      {"POST", "/api/executions/none/events", heartbeat},
      {"POST", "/api/executions/none/tasks/a/resolution", resolution},
      {"POST", on.path + "/tasks/none/resolution", resolution},
      {"POST", on.path + "/events", R"({"event_type":"task_complete","agent_id":"ann","task_id":"none"})"},
      {"POST", on.path + "/events", R"({"event_type":"heartbeat","agent_id":"nobody"})"},
      {"GET", on.path + "?at_seq=999", ""},
      {"GET", on.path + "/tasks?at_seq=999", ""},
      {"GET", "/api/agents/nobody", ""},
      {"GET", "/api/agents/nobody/capabilities", ""},
      {"PATCH", "/api/agents/nobody", R"({"status":"paused"})"},
      {"GET", "/api/agents/nobody/work", ""},
      {"GET", "/api/agents/nobody/work?wait=30", ""},
      {"POST", "/api/agents/nobody/work", "{}"},
      {"POST", "/api/agents/nobody/events", R"({"event_type":"heartbeat","execution_id":")" + on.id + "\"}"},
      {"POST", "/api/agents/ann/events", R"({"event_type":"task_complete","execution_id":"none","task_id":"a"})"},
  };
  for (const auto& [method, path, body] : calls) {
    CAPTURE(method);
    CAPTURE(path);
    check_problem(on.api.send(method, path, body), 404, "not_found");
  }
}

TEST_CASE("an execution of a plan that does not exist is refused") {
  stage on;
  const auto refused = on.api.post("/api/executions", {{"plan_id", "none"}});
  check_problem(refused, 422, "validation_failed");
  CHECK(refused.fields_named() == names{"plan_id"});
}

TEST_CASE("the wrong method is 405 and says which are right") {
  stage on;
  const std::vector<std::array<std::string, 3>> calls = {
      {"DELETE", "/api/plans", "GET, HEAD, POST"},
      {"POST", "/api/plans/p", "GET, HEAD"},
      {"PUT", "/api/executions", "GET, HEAD, POST"},
      {"DELETE", on.path, "GET, HEAD, PATCH"},
      {"POST", on.path + "/status", "GET, HEAD"},
      {"PATCH", on.path + "/tasks", "GET, HEAD"},
      {"GET", on.path + "/tasks/a/resolution", "POST"},
      {"PUT", on.path + "/events", "GET, HEAD, POST"},
      {"DELETE", on.path + "/blockers", "GET, HEAD"},
      {"PATCH", "/api/agents", "GET, HEAD, POST"},
      {"DELETE", "/api/agents/ann", "GET, HEAD, PATCH"},
      {"PATCH", "/api/agents/ann/work", "GET, POST"},
      {"GET", "/api/agents/ann/events", "POST"},
      {"POST", "/api/agents/ann/capabilities", "GET, HEAD"},
      {"POST", "/readyz", "GET, HEAD"},
  };
  for (const auto& [method, path, allowed] : calls) {
    CAPTURE(method);
    CAPTURE(path);
    const auto refused = on.api.send(method, path);
    check_problem(refused, 405, "method_not_allowed");
    auto allow = refused.header("Allow");
    CHECK(allow.ends_with(", OPTIONS"));
    for (std::size_t at = 0; at < allowed.size();) {
      const auto comma = std::min(allowed.find(", ", at), allowed.size());
      CHECK_MESSAGE(allow.find(allowed.substr(at, comma - at)) != std::string::npos, allow);
      at = comma + 2;
    }
    CHECK((allow.find("HEAD") == std::string::npos) == (allowed.find("HEAD") == std::string::npos));
  }
}

TEST_CASE("what is no JSON or nested too deeply is 400 on every route that takes a body") {
  stage on;
  const auto deep = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  const std::vector<std::pair<std::string, std::string>> routes = {
      {"POST", "/api/plans"},
      {"POST", "/api/executions"},
      {"PATCH", on.path},
      {"POST", on.path + "/tasks/a/resolution"},
      {"POST", on.path + "/events"},
      {"POST", "/api/agents"},
      {"POST", "/api/agents/register"},
      {"PATCH", "/api/agents/ann"},
      {"POST", "/api/agents/ann/work"},
      {"POST", "/api/agents/ann/events"},
  };
  for (const auto& [method, path] : routes) {
    CAPTURE(path);
    const bool is_plan = path == "/api/plans";
    for (const std::string& body : {std::string("{"), std::string("{\"a\":1}}"), std::string("\xff"),
                                    std::string("{'a':1}"), deep(65), deep(100'000)}) {
      CAPTURE(body.substr(0, 20));
      const auto refused = on.api.send(method, path, body);
      // A plan that cannot be read is told with every reason.
      if (is_plan && refused.status == 422) continue;
      check_problem(refused, 400, "malformed_request");
    }
    const auto shallow = on.api.send(method, path, deep(60));
    CHECK(shallow.status != 400);
  }
}

TEST_CASE("a wrong value in the query is 400 and names the parameter") {
  stage on;
  const std::vector<std::pair<std::string, std::string>> queries = {
      {"/api/plans?limit=0", "limit"},
      {"/api/plans?limit=1001", "limit"},
      {"/api/plans?limit=ten", "limit"},
      {"/api/plans?cursor=%21", "cursor"},
      {"/api/executions?limit=-1", "limit"},
      {"/api/executions?status=running", "status"},
      {"/api/executions?plan_id=%20", "plan_id"},
      {"/api/executions?agent_id=%2F", "agent_id"},
      {on.path + "?at_seq=x", "at_seq"},
      {on.path + "?at=yesterday", "at"},
      {on.path + "/tasks?flat=perhaps", "flat"},
      {on.path + "/tasks?at_seq=-1", "at_seq"},
      {on.path + "/blockers?at_seq=1.5", "at_seq"},
      {on.path + "/events?order=up", "order"},
      {on.path + "/events?after_seq=x", "after_seq"},
      {on.path + "/events?before_seq=18446744073709551616", "before_seq"},
      {on.path + "/events?task_id=%00", ""},
      {on.path + "/events?wait=61", "wait"},
      {on.path + "/events?wait=nan", "wait"},
      {on.path + "/events?cursor=abc%2B", "cursor"},
      {"/api/agents?limit=1e3", "limit"},
      {"/api/agents/ann/work?wait=-1", "wait"},
      {"/api/agents/ann/work?limit=0", "limit"},
  };
  for (const auto& [path, parameter] : queries) {
    CAPTURE(path);
    const auto refused = on.api.get(path);
    check_problem(refused, 400, "malformed_request");
    if (!parameter.empty()) CHECK(refused.fields_named() == names{parameter});
  }
  // A cursor that another list gave is no place in this one.
  CHECK(on.api.get(on.path + "/events?cursor=" + std::string("YWJj")).status == 400);
}

TEST_CASE("wrong fields are 422, each of them named") {
  stage on;
  struct wrong {
    std::string method, path;
    json body;
    names fields;
  };
  const auto resolution = on.path + "/tasks/a/resolution", events = on.path + "/events";
  const std::vector<wrong> all = {
      {"POST", "/api/executions", json::object(), {"plan_id"}},
      {"POST",
       "/api/executions",
       {{"plan_id", "/"},
        {"start", 1},
        {"priority", 1.5},
        {"title", 7},
        {"extra", 0},
        {"options",
         {{"sequencing", "random"},
          {"review_threshold", 2},
          {"max_parallel", -1},
          {"timeout_hours", 0},
          {"more", 1},
          {"retry_policy", {{"max_attempts", 0}, {"backoff_seconds", -1}}}}}},
       {"extra", "options.max_parallel", "options.more", "options.retry_policy.backoff_seconds",
        "options.retry_policy.max_attempts", "options.review_threshold", "options.sequencing", "options.timeout_hours",
        "plan_id", "priority", "start", "title"}},
      {"POST", "/api/executions", {{"plan_id", "p"}, {"plan", json::object()}}, {"plan"}},
      {"PATCH", on.path, json::object(), {"status"}},
      {"PATCH", on.path, {{"status", "COMPLETED"}, {"priority", "high"}, {"why", ""}}, {"priority", "status", "why"}},
      {"POST", resolution, json::object(), {"action"}},
      {"POST", resolution, {{"action", "approve"}, {"output_data", 1}, {"x", 1}}, {"output_data", "x"}},
      {"POST", resolution, {{"action", "choose"}}, {"option"}},
      {"POST", resolution, {{"action", "reassign"}}, {"agent_id"}},
      {"POST", events, json::object(), {"agent_id", "event_type"}},
      {"POST", events, {{"event_type", "task_done"}, {"agent_id", "ann"}, {"task_id", "a"}}, {"event_type"}},
      {"POST", events, {{"event_type", "task_complete"}, {"agent_id", "ann"}}, {"task_id"}},
      {"POST",
       events,
       {{"event_type", "task_progress"},
        {"agent_id", ""},
        {"task_id", "a b"},
        {"lease_token", 5},
        {"agent_timestamp", "now"},
        {"progress_percent", 101}},
       {"agent_id", "agent_timestamp", "lease_token", "progress_percent", "task_id"}},
      {"POST", events, {{"event_type", "task_progress"}, {"agent_id", "ann"}, {"task_id", "a"}}, {"progress_percent"}},
      {"POST", events, {{"event_type", "task_complete"}, {"agent_id", "ann"}, {"task_id", "P"}}, {"task_id"}},
      {"POST", "/api/agents", json::object(), {"capabilities", "name", "roles"}},
      {"POST",
       "/api/agents",
       {{"agent_id", "-"},
        {"name", ""},
        {"kind", "robot"},
        {"role", "a"},
        {"roles", {"b"}},
        {"capabilities", json::array()},
        {"max_concurrent_tasks", 0},
        {"webhook_url", "ftp://x"},
        {"status", "active"}},
       {"agent_id", "capabilities", "kind", "max_concurrent_tasks", "name", "role", "status", "webhook_url"}},
      {"PATCH", "/api/agents/ann", json::object(), {"status"}},
      {"PATCH", "/api/agents/ann", {{"status", "idle"}, {"roles", {1}}, {"name", "n"}}, {"name", "roles[0]", "status"}},
      {"POST", "/api/agents/ann/work", {{"wait", 61}, {"limit", 0}, {"x", 1}}, {"limit", "wait", "x"}},
      {"POST",
       "/api/agents/ann/events",
       {{"event_type", "heartbeat"}, {"agent_id", "bob"}},
       {"agent_id", "execution_id"}},
      {"POST",
       "/api/plans",
       {{"goal", "g"}, {"phases", {{{"name", "P"}, {"tasks", {{{"titel", "x"}}}}}}}},
       {"phases[0].tasks[0].titel", "phases[0].tasks[0].title"}},
      {"POST", "/api/plans", json::object(), {}},
  };
  const auto before = execution(on.api, on.id);
  for (const auto& [method, path, body, fields] : all) {
    CAPTURE(path);
    CAPTURE(body.dump());
    const auto refused = on.api.send(method, path, body.dump());
    check_problem(refused, 422, "validation_failed");
    if (fields.empty())
      CHECK(!refused.fields_named().empty());
    else
      CHECK(refused.fields_named() == fields);
  }
  CHECK(execution(on.api, on.id) == before);
  CHECK(on.api.get("/api/plans").body.size() == 1);
  CHECK(on.api.get("/api/executions").body.size() == 1);
  CHECK(on.api.get("/api/agents").body.size() == 1);
}

TEST_CASE("a plan whose dependencies go round is refused as a whole") {
  stage on;
  auto plan = plan_of({"x", "y"});
  plan["dependencies"] = json::array({{{"from", "x"}, {"to", "y"}}, {{"from", "y"}, {"to", "x"}}});
  check_problem(on.api.post("/api/plans", plan), 422, "validation_failed");
  check_problem(on.api.post("/api/executions", {{"plan", plan}}), 422, "validation_failed");
  CHECK(on.api.get("/api/plans").body.size() == 1);
}

TEST_CASE("unknown members of a report are ignored") {
  stage on;
  const auto held = poll(on.api, "ann");
  CHECK(report(on.api, "ann", held, "task_started", {{"mood", "good"}}).status == 201);
}

TEST_CASE("a body of another type or size is refused before it is looked at") {
  stage on;
  check_problem(on.api.send("POST", "/api/plans", "goal: x", {{"Content-Type", "application/yaml"}}), 415,
                "unsupported_media_type");
  for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
           {"POST", "/api/executions"}, {"PATCH", on.path}, {"POST", on.path + "/events"}, {"POST", "/api/agents"}}) {
    CAPTURE(path);
    check_problem(on.api.send(method, path, "{}", {{"Content-Type", "text/plain"}}), 415, "unsupported_media_type");
    const auto taken = on.api.send(method, path, "{}", {{"Content-Type", "application/json; charset=utf-8"}});
    check_problem(taken, 422, "validation_failed");
  }
  const std::string mebibyte(1U << 20U, ' ');
  check_problem(on.api.send("POST", on.path + "/events", mebibyte + "{}"), 413, "payload_too_large");
  check_problem(on.api.send("PATCH", on.path, mebibyte + "{}"), 413, "payload_too_large");
  check_problem(on.api.send("POST", "/api/agents", mebibyte + "{}"), 413, "payload_too_large");
}

TEST_CASE("a change that the table of states does not know is 409 and changes nothing") {
  server_under_test server;
  api_client api(server.address());
  const auto refuse = [&](const std::string& id, const std::string& wanted) {
    CAPTURE(wanted);
    const auto before = execution(api, id);
    check_problem(api.patch("/api/executions/" + id, {{"status", wanted}}), 409, "invalid_transition");
    CHECK(execution(api, id) == before);
  };
  const auto create = [&](bool start) {
    return api.post("/api/executions", {{"plan", plan_of({"a"})}, {"start", start}})
        .body.at("execution_id")
        .get<std::string>();
  };
  const auto created = create(false);
  refuse(created, "RUNNING");
  refuse(created, "PAUSED");
  const auto queued = create(true);
  refuse(queued, "RUNNING");
  const auto cancelled = create(true);
  REQUIRE(api.patch("/api/executions/" + cancelled, {{"status", "CANCELLED"}}).status == 200);
  for (const char* wanted : {"QUEUED", "PAUSED", "RUNNING"}) refuse(cancelled, wanted);
  const auto again = api.patch("/api/executions/" + cancelled, {{"status", "CANCELLED"}});
  CHECK(again.status == 200);
  CHECK(again.body == execution(api, cancelled));
  check_problem(api.patch("/api/executions/" + cancelled, {{"priority", 5}}), 409, "invalid_transition");
  check_problem(resolve(api, cancelled, "a", "skip"), 409, "invalid_transition");
  const auto done = create(true);
  REQUIRE(resolve(api, done, "a", "complete").status == 200);
  CHECK(status(api, done) == "COMPLETED");
  for (const char* wanted : {"QUEUED", "PAUSED", "RUNNING", "CANCELLED"}) refuse(done, wanted);
}

TEST_CASE("resolutions that do not fit the task are 409 and change nothing") {
  stage on;
  const auto before = execution(on.api, on.id);
  for (const char* action : {"approve", "reject", "retry", "unblock"}) {
    CAPTURE(action);
    check_problem(resolve(on.api, on.id, "a", action), 409, "invalid_transition");
    check_problem(resolve(on.api, on.id, "P", action), 409, "invalid_transition");
  }
  CHECK(execution(on.api, on.id) == before);
}

TEST_CASE("If-Match lets only the current version be changed") {
  stage on;
  const auto tag = on.api.get(on.path).header("ETag");
  check_problem(on.api.patch(on.path, {{"priority", 1}}, {{"If-Match", "\"1\""}}), 412, "version_mismatch");
  check_problem(on.api.patch(on.path, {{"priority", 1}}, {{"If-Match", "W/x"}}), 412, "version_mismatch");
  const auto resolution = on.path + "/tasks/a/resolution";
  check_problem(on.api.post(resolution, {{"action", "skip"}}, {{"If-Match", "\"77\""}}), 412, "version_mismatch");
  CHECK(on.api.get(on.path).header("ETag") == tag);
  const auto changed = on.api.patch(on.path, {{"priority", 1}}, {{"If-Match", tag}});
  CHECK(changed.status == 200);
  check_problem(on.api.patch(on.path, {{"priority", 2}}, {{"If-Match", tag}}), 412, "version_mismatch");
  CHECK(on.api.post(resolution, {{"action", "skip"}}, {{"If-Match", changed.header("ETag")}}).status == 200);
  CHECK(on.api.patch(on.path, {{"priority", 3}}, {{"If-Match", "*"}}).status == 200);
}

TEST_CASE("reports are refused from those who hold nothing") {
  stage on;
  register_agent(on.api, "bob");
  const auto held = poll(on.api, "ann");
  const auto version = execution(on.api, on.id)["version"];
  const json as_bob = {{"agent_id", "bob"}, {"event_type", "task_complete"}, {"task_id", held["task_id"]}};
  check_problem(on.api.post(on.path + "/events", as_bob), 409, "lease_lost");
  check_problem(on.api.post(on.path + "/events", report_of("ann", held, "task_unblocked")), 409, "task_not_held");
  CHECK(execution(on.api, on.id)["version"] == version);
  // Without a token the holder is known by its name.
  const json as_ann = {{"agent_id", "ann"}, {"event_type", "task_complete"}, {"task_id", held["task_id"]}};
  CHECK(on.api.post(on.path + "/events", as_ann).status == 201);
}

TEST_CASE("a refused plan is never started, and a warned one only when that is confirmed") {
  server_under_test server;
  api_client api(server.address());
  const json tree = {
      {"id", "root"},
      {"description", "A plan"},
      {"task_children",
       {{{"id", "p"},
         {"description", "Phase"},
         {"task_children", {{{"id", "t"}, {"description", "Write a report"}, {"task_children", json::array()}}}}}}}};
  const auto refused = api.post("/api/plans", {{"wbs_project", tree}, {"redline_gate", {{"verdict", "REFUSE"}}}});
  REQUIRE_MESSAGE(refused.status == 201, refused.text);
  CHECK(refused.body.at("redline") == "REFUSE");
  const auto id = refused.body.at("plan_id");
  CHECK(api.get("/api/plans/" + id.get<std::string>()).status == 200);
  check_problem(api.post("/api/executions", {{"plan_id", id}, {"start", true}, {"confirm_warnings", true}}), 409,
                "plan_refused");
  CHECK(api.get("/api/executions").body.empty());
}

TEST_CASE("an admin overrides the redline gate with a reason and the record says so") {
  server_under_test server;
  api_client api(server.address());
  auto plan = plan_of({"a"});
  const json reason = {{"reason", "a lawyer has looked at it"}};
  const auto not_refused = api.post("/api/executions", {{"plan", plan}, {"override_refusal", reason}});
  check_problem(not_refused, 422, "validation_failed");
  CHECK(not_refused.fields_named() == std::vector<std::string>{"override_refusal"});
  const json tree = {
      {"id", "root"},
      {"description", "A plan"},
      {"task_children",
       {{{"id", "p"},
         {"description", "Phase"},
         {"task_children", {{{"id", "t"}, {"description", "Write a report"}, {"task_children", json::array()}}}}}}}};
  plan = {{"wbs_project", tree}, {"redline_gate", {{"verdict", "REFUSE"}}}};
  for (const json& wrong : {json{{"reason", ""}}, json{{"reason", " "}}, json{{"reason", 1}}, json::object()}) {
    const auto refused = api.post("/api/executions", {{"plan", plan}, {"override_refusal", wrong}});
    check_problem(refused, 422, "validation_failed");
    REQUIRE(!refused.fields_named().empty());
    CHECK(refused.fields_named().front() == "override_refusal.reason");
  }
  check_problem(api.post("/api/executions", {{"plan", plan}, {"override_refusal", "because"}}), 422,
                "validation_failed");
  CHECK(api.get("/api/executions").body.empty());

  const auto made = api.post("/api/executions", {{"plan", plan}, {"override_refusal", reason}});
  REQUIRE_MESSAGE(made.status == 201, made.text);
  const std::string id = made.body.at("execution_id");
  CHECK(made.body.at("options").at("override_refusal") == reason.at("reason"));
  const auto first = history(api, id).at(0);
  CHECK(first.at("event_type") == "execution_created");
  CHECK(first.at("override_refusal") == reason.at("reason"));
  CHECK(first.at("actor") == "person");
  CHECK(api.patch("/api/executions/" + id, {{"status", "QUEUED"}, {"confirm_warnings", true}}).status == 200);
  CHECK(server.terminate() == 0);
  server.start();
  api_client later(server.address());
  CHECK(execution(later, id).at("options").at("override_refusal") == reason.at("reason"));
}

TEST_CASE("a switched-off server says so on everything but its health") {
  server_under_test server(environment{{"PLANEXE_EXECUTION_ENABLED", "false"}});
  api_client api(server.address());
  CHECK(api.get("/livez").status == 200);
  CHECK(api.get("/readyz").status == 503);
  for (const auto& path : {"/api/plans", "/api/executions", "/api/agents"}) {
    const auto refused = api.get(path);
    check_problem(refused, 503, "unavailable");
    CHECK(!refused.header("Retry-After").empty());
  }
  check_problem(api.post("/api/plans", plan_of({"a"})), 503, "unavailable");
}

}  // namespace planexe::tests
