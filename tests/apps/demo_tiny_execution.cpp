#include "tests/apps/demo_tiny_execution.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace planexe::tests {
namespace {

using json = nlohmann::json;

stand_in_reply answer(unsigned status, const json& body) {
  return {status, body.dump(), {{"Content-Type", "application/json"}}};
}

stand_in_reply problem(unsigned status, const char* code) {
  return answer(status, {{"status", status}, {"code", code}, {"title", code}, {"detail", "said the stand-in"}});
}

}  // namespace

tiny_execution::tiny_execution(std::size_t count, std::size_t review_of, std::size_t lose_lease_of,
                               std::size_t pause_at)
    : lose_lease_of_(lose_lease_of), pause_at_(pause_at) {
  for (std::size_t i = 0; i < count; ++i) {
    tasks.push_back({"t" + std::to_string(i + 1), "QUEUED", i == review_of, 0, "", "", 0});
  }
}

bool tiny_execution::finished() const {
  return std::all_of(tasks.begin(), tasks.end(), [](const auto& task) { return task.status == "COMPLETE"; });
}

stand_in_reply tiny_execution::handle(const stand_in_request& request) {
  if (request.method == "POST" && request.idempotency_key.empty()) wrong = "a POST without a key: " + request.path;
  if (request.method == "POST") ++key_uses[request.idempotency_key];
  const auto& path = request.path;
  const auto is = [&](const char* method, const std::string& wanted) {
    return request.method == method && path == wanted;
  };
  if (is("POST", "/api/plans")) {
    upload_type = request.content_type;
    return answer(201, {{"plan_id", "p1"},
                        {"title", "Tiny"},
                        {"tasks_total", tasks.size()},
                        {"roles", {"Cook", "Buyer"}},
                        {"warnings", json::array()}});
  }
  if (is("POST", "/api/executions")) {
    const auto body = json::parse(request.body);
    if (body.at("plan_id") != "p1" || body.at("start") != true) wrong = "the start: " + request.body;
    return answer(201, {{"execution_id", "e1"}, {"status", "QUEUED"}});
  }
  if (is("POST", "/api/agents")) {
    const auto body = json::parse(request.body);
    for (const auto& role : body.at("roles")) registered_roles.insert(role.get<std::string>());
    return answer(201, {{"agent_id", "a" + std::to_string(++agents_)}});
  }
  if (request.method == "GET" && path.ends_with("/work")) return offer(path.substr(12, path.size() - 17));
  if (is("POST", "/api/executions/e1/events")) return take_report(request);
  if (is("GET", "/api/executions/e1")) return describe();
  if (is("GET", "/api/executions/e1/tasks")) return list_leaves();
  if (is("GET", "/api/executions/e1/status")) {
    const bool paused = paused_looks_left_ > 0 && --paused_looks_left_ > 0;
    return answer(200, {{"status", "RUNNING"}, {"force_pause", paused}, {"force_cancel", false}});
  }
  if (is("GET", "/api/executions/e1/events")) {
    json events = json::array();
    for (const auto& type : event_types) {
      if (request.query.find("type=" + type) != std::string::npos) events.push_back({{"event_type", type}});
    }
    return answer(200, events);
  }
  if (request.method == "POST" && path.ends_with("/resolution")) return resolve(request);
  wrong = "no such route: " + request.method + " " + path;
  return problem(404, "not_found");
}

stand_in_reply tiny_execution::offer(const std::string& agent) {
  for (auto& task : tasks) {
    const bool held_by_it = task.status == "RUNNING" && task.holder == agent;
    if (!held_by_it && (task.status != "QUEUED" || task.needs_review)) continue;
    if (!held_by_it) {
      task.status = "RUNNING";
      task.holder = agent;
      task.lease_token = "lease-" + std::to_string(++tokens_);
      ++task.attempt;
      event_types.push_back("task_assigned");
    }
    return answer(200, {{"work_available", true},
                        {"execution_id", "e1"},
                        {"plan_id", "p1"},
                        {"next_task",
                         {{"task_id", task.task_id},
                          {"title", "Task \x1b[31m" + task.task_id},
                          {"attempt", task.attempt},
                          {"lease_token", task.lease_token}}},
                        {"force_pause", false},
                        {"force_cancel", false}});
  }
  return {204, "", {{"Retry-After", "1"}}};
}

stand_in_reply tiny_execution::take_report(const stand_in_request& request) {
  // The very first report meets a busy server, and has to come again with the same key.
  if (overload_answers == 0) {
    ++overload_answers;
    auto busy = problem(503, "unavailable");
    busy.headers["Retry-After"] = "0";
    return busy;
  }
  const auto body = json::parse(request.body);
  const auto found =
      std::find_if(tasks.begin(), tasks.end(), [&](const auto& task) { return task.task_id == body["task_id"]; });
  if (found == tasks.end()) return problem(404, "not_found");
  auto& task = *found;
  const auto place = static_cast<std::size_t>(found - tasks.begin());
  if (task.status != "RUNNING" || task.lease_token != body["lease_token"] || task.holder != body["agent_id"]) {
    wrong = "a report of somebody who does not hold it: " + request.body;
    return problem(409, "lease_lost");
  }
  const auto type = body["event_type"].get<std::string>();
  json reply = {
      {"seq", event_types.size() + 1}, {"force_pause", false}, {"force_cancel", false}, {"status", "RUNNING"}};
  if (type == "task_complete" && place == lose_lease_of_ && task.attempt == 1) {
    task.status = "QUEUED";
    event_types.push_back("lease_expired");
    return problem(409, "lease_lost");
  }
  event_types.push_back(type);
  if (type == "task_started" && place == pause_at_ && task.attempt == 1) {
    ++pauses;
    paused_looks_left_ = 2;
    reply["force_pause"] = true;
  } else if (type == "task_complete") {
    if (!body["output_data"].is_object()) wrong = "no output: " + request.body;
    task.status = "COMPLETE";
    ++task.completions;
  } else if (type == "task_error") {
    task.status = "QUEUED";
    event_types.push_back("task_retry_scheduled");
  }
  return answer(201, reply);
}

stand_in_reply tiny_execution::resolve(const stand_in_request& request) {
  const auto action = json::parse(request.body).at("action").get<std::string>();
  for (auto& task : tasks) {
    if (request.path != "/api/executions/e1/tasks/" + task.task_id + "/resolution") continue;
    if (!task.needs_review || action != "approve") return problem(409, "invalid_transition");
    task.needs_review = false;
    resolutions.push_back(action);
    return answer(200, {{"task_id", task.task_id}});
  }
  return problem(404, "not_found");
}

stand_in_reply tiny_execution::describe() const {
  const auto done =
      std::count_if(tasks.begin(), tasks.end(), [](const auto& task) { return task.status == "COMPLETE"; });
  return answer(200, {{"execution_id", "e1"},
                      {"title", "Tiny"},
                      {"status", finished() ? "COMPLETED" : "RUNNING"},
                      {"version", event_types.size()},
                      {"progress", {{"tasks_total", tasks.size()}, {"tasks_completed", done}, {"tasks_skipped", 0}}},
                      {"blockers", json::array()}});
}

stand_in_reply tiny_execution::list_leaves() const {
  json list = {{{"task_id", "phase"}, {"status", "RUNNING"}}};
  for (const auto& task : tasks) {
    json item = {{"task_id", task.task_id}, {"parent_id", "phase"}, {"status", task.status}};
    if (task.needs_review) item["waiting_for"] = {{"kind", "review"}};
    list.push_back(item);
  }
  return answer(200, list);
}

}  // namespace planexe::tests
