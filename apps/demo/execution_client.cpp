#include "apps/demo/execution_client.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <set>

#include "apps/server_answers.hpp"

namespace planexe::demo {
namespace {

using answers::json;

// Longer than the longest poll, so that only a server that is gone looks like one.
constexpr std::chrono::seconds request_timeout{60};
// A server that is busy this long in a row is not going to serve the demo.
constexpr int busy_answers_in_a_row = 30;
constexpr std::chrono::seconds busy_wait_default{1};
constexpr std::chrono::seconds busy_wait_longest{5};
// The contract's largest page.
constexpr const char* page_limit = "limit=1000";

using namespace fields;

/// Roles and options may be given as names or as objects that carry one.
std::vector<std::string> names_in(const json& object, const char* key) {
  std::vector<std::string> names;
  for (const auto& value : list_in(object, key)) {
    if (value.is_string()) names.push_back(value.get<std::string>());
    for (const char* field : {"name", "action", "role"}) {
      if (value.is_object() && !text_in(value, field).empty()) {
        names.push_back(text_in(value, field));
        break;
      }
    }
  }
  return names;
}

std::string write(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The answer's JSON, or why there is none. What the server finds wrong is `errc::invalid`.
result<json> body_of(const std::string& what, const result<http_reply>& reply) {
  auto body = answers::body_of(reply);
  if (body || !reply) return body;
  const auto& why = body.error();
  const bool is_wrong = why.code == errc::io && reply->status < 500;
  return unexpected{
      error{is_wrong ? errc::invalid : why.code, what + ": " + std::to_string(reply->status) + " " + why.detail}};
}

steering steering_in(const json& body) {
  return {text_in(body, "status"), flag_in(body, "force_pause"), flag_in(body, "force_cancel")};
}

json output_data(const std::string& summary) {
  return {{"summary", summary},
          {"deliverables", json::array({"notes.md", "decision.md"})},
          {"confidence", 0.9},
          {"produced_by", "simulated agent"}};
}

std::string random_prefix() {
  std::random_device device;
  return "demo-" + std::to_string(device()) + "-" + std::to_string(device()) + "-";
}

}  // namespace

bool execution_view::ended() const {
  return status == "COMPLETED" || status == "FAILED" || status == "CANCELLED";
}

bool sleep_unless_stopped(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

execution_client::execution_client(endpoint server, std::string api_key, std::stop_token stop)
    : http_(std::move(server), request_timeout),
      api_key_(std::move(api_key)),
      stop_(std::move(stop)),
      key_prefix_(random_prefix()) {}

result<http_reply> execution_client::send(const std::string& method, const std::string& path, const std::string& body,
                                          const std::string& content_type) {
  std::vector<http_header> headers;
  if (!api_key_.empty()) headers.push_back({"Authorization", "Bearer " + api_key_});
  if (method == "POST") headers.push_back({"Idempotency-Key", key_prefix_ + std::to_string(++key_count_)});
  if (!content_type.empty()) headers.push_back({"Content-Type", content_type});
  for (int busy = 0;; ++busy) {
    auto reply = http_.request(method, path, body, headers);
    const bool wait = reply && (reply->status == 503 || reply->status == 429) && busy < busy_answers_in_a_row;
    if (!wait) return reply;
    const auto asked = std::min(reply->retry_after.value_or(busy_wait_default), busy_wait_longest);
    if (!sleep_unless_stopped(stop_, asked)) return reply;
  }
}

result<plan_summary> execution_client::upload_plan(const plan_upload& plan) {
  const auto body = body_of("upload of the plan", send("POST", "/api/plans", plan.bytes, plan.content_type));
  if (!body) return unexpected{body.error()};
  return plan_summary{text_in(*body, "plan_id"), text_in(*body, "title"), count_in(*body, "tasks_total"),
                      names_in(*body, "roles"), list_in(*body, "warnings").size()};
}

result<std::string> execution_client::start_execution(const std::string& plan_id) {
  // A backoff of a second instead of minutes: somebody is watching.
  const json request = {{"plan_id", plan_id},
                        {"start", true},
                        {"confirm_warnings", true},
                        {"options", {{"retry_policy", {{"max_attempts", 3}, {"backoff_seconds", 1}}}}}};
  const auto body = body_of("start of the execution", send("POST", "/api/executions", write(request)));
  if (!body) return unexpected{body.error()};
  return text_in(*body, "execution_id");
}

result<execution_view> execution_client::execution(const std::string& execution_id) {
  const auto body = body_of("execution", send("GET", "/api/executions/" + execution_id));
  if (!body) return unexpected{body.error()};
  execution_view view;
  view.title = text_in(*body, "title");
  view.status = text_in(*body, "status");
  view.status_message = text_in(*body, "status_message");
  view.version = count_in(*body, "version");
  if (const auto* progress = find(*body, "progress")) {
    view.tasks_total = count_in(*progress, "tasks_total");
    view.tasks_completed = count_in(*progress, "tasks_completed");
    view.tasks_skipped = count_in(*progress, "tasks_skipped");
    view.percent = number_in(*progress, "percent");
  }
  for (const auto& item : list_in(*body, "blockers")) {
    view.blockers.push_back({text_in(item, "task_id"), text_in(item, "kind"), names_in(item, "options")});
  }
  return view;
}

result<std::vector<task_view>> execution_client::leaves(const std::string& execution_id) {
  std::vector<task_view> tasks;
  std::set<std::string> parents;
  auto path = "/api/executions/" + execution_id + "/tasks?flat=true&" + page_limit;
  while (!path.empty()) {
    const auto reply = send("GET", path);
    const auto body = body_of("tasks", reply);
    if (!body) return unexpected{body.error()};
    if (!body->is_array()) return unexpected{error{errc::corrupt, "tasks: not a list"}};
    for (const auto& item : *body) {
      const auto* waiting = find(item, "waiting_for");
      tasks.push_back({text_in(item, "task_id"), text_in(item, "status"),
                       waiting == nullptr ? std::string() : text_in(*waiting, "kind")});
      parents.insert(text_in(item, "parent_id"));
    }
    path = body->empty() ? std::string() : answers::next_page(reply->link);
  }
  std::erase_if(tasks, [&](const task_view& task) { return parents.contains(task.task_id); });
  return tasks;
}

result<std::uint64_t> execution_client::count_events(const std::string& execution_id, const std::string& type) {
  const auto path = "/api/executions/" + execution_id + "/events?type=" + type + "&" + page_limit;
  const auto body = body_of("events", send("GET", path));
  if (!body) return unexpected{body.error()};
  return body->is_array() ? body->size() : 0;
}

result<void> execution_client::resolve(const std::string& execution_id, const std::string& task_id,
                                       const std::string& action, const std::string& note) {
  json request = {{"action", action}, {"note", note}};
  if (action == "complete") request["output_data"] = output_data(note);
  const auto path = "/api/executions/" + execution_id + "/tasks/" + task_id + "/resolution";
  const auto body = body_of("review of " + task_id, send("POST", path, write(request)));
  if (!body) return unexpected{body.error()};
  return {};
}

result<std::string> execution_client::register_agent(const registration& agent) {
  const json request = {{"name", agent.name},
                        {"kind", agent.kind},
                        {"roles", agent.roles},
                        {"capabilities", json::array({{{"action", "*"}}})},
                        {"max_concurrent_tasks", 1}};
  const auto body = body_of("registration of " + agent.name, send("POST", "/api/agents", write(request)));
  if (!body) return unexpected{body.error()};
  if (const auto key = text_in(*body, "api_key"); !key.empty()) api_key_ = key;
  return text_in(*body, "agent_id");
}

result<work_offer> execution_client::poll_work(const std::string& agent_id, unsigned wait_seconds) {
  const auto reply = send("GET", "/api/agents/" + agent_id + "/work?wait=" + std::to_string(wait_seconds));
  if (reply && reply->status == 204) return work_offer{};
  const auto body = body_of("poll for work", reply);
  if (!body) return unexpected{body.error()};
  work_offer offer;
  offer.force_pause = flag_in(*body, "force_pause");
  offer.force_cancel = flag_in(*body, "force_cancel");
  const auto* task = find(*body, "next_task");
  if (task == nullptr || !task->is_object()) return offer;
  offer.execution_id = text_in(*task, "execution_id");
  if (offer.execution_id.empty()) offer.execution_id = text_in(*body, "execution_id");
  offer.task_id = text_in(*task, "task_id");
  offer.title = text_in(*task, "title");
  offer.lease_token = text_in(*task, "lease_token");
  offer.attempt = static_cast<unsigned>(std::max<std::uint64_t>(1, count_in(*task, "attempt")));
  return offer;
}

result<steering> execution_client::report(const std::string& agent_id, const work_offer& task,
                                          const task_report& report) {
  json request = {{"agent_id", agent_id},
                  {"event_type", report.event_type},
                  {"task_id", task.task_id},
                  {"lease_token", task.lease_token}};
  if (!report.message.empty()) request["message"] = report.message;
  if (report.progress_percent) request["progress_percent"] = *report.progress_percent;
  if (!report.summary.empty()) request["output_data"] = output_data(report.summary);
  if (!report.error_type.empty()) {
    request["error_type"] = report.error_type;
    request["error_message"] = report.error_message;
    request["retryable"] = true;
  }
  const auto path = "/api/executions/" + task.execution_id + "/events";
  const auto body = body_of(report.event_type + " of " + task.task_id, send("POST", path, write(request)));
  if (!body) return unexpected{body.error()};
  return steering_in(*body);
}

result<steering> execution_client::status(const std::string& execution_id) {
  const auto body = body_of("status", send("GET", "/api/executions/" + execution_id + "/status"));
  if (!body) return unexpected{body.error()};
  return steering_in(*body);
}

}  // namespace planexe::demo
