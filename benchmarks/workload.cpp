#include "benchmarks/workload.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

#include "benchmarks/wire.hpp"

namespace planexe::bench {
namespace {

using json = nlohmann::json;

// Below the fan-out of 64 that the interface names for grafted subtasks, so that the tree looks like a real one.
constexpr unsigned children = 60;
// What a small finished task might report.
constexpr std::size_t output_bytes = 200;
constexpr std::size_t most_listed = 1'000;  // a page is not longer

json post(std::uint16_t port, const std::string& path, const std::string& body) {
  const auto reply = request_once(port, "POST", path, body);
  if (reply.status != 201 && reply.status != 200) {
    throw bench_failure("POST " + path + " answered " + std::to_string(reply.status) + ": " +
                        reply.body.substr(0, 500));
  }
  return json::parse(reply.body);
}

const std::string& output_json() {
  static const std::string text = [] {
    const std::string shell = R"({"text":""})";
    return R"({"text":")" + std::string(output_bytes - shell.size(), 'x') + "\"}";
  }();
  return text;
}

}  // namespace

void wait_until_ready(std::uint16_t port, unsigned seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::string last;
  while (std::chrono::steady_clock::now() < deadline) {
    try {
      const auto reply = request_once(port, "GET", "/readyz", "");
      if (reply.status == 200) return;
      last = "answered " + std::to_string(reply.status);
    } catch (const bench_failure& failure) {
      last = failure.what();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw bench_failure("the server is not ready: " + last);
}

std::string plan_text(unsigned leaves) {
  json phases = json::array();
  unsigned made = 0;
  while (made < leaves) {
    json tasks = json::array();
    while (made < leaves && tasks.size() < children) {
      json subtasks = json::array();
      while (made < leaves && subtasks.size() < children) {
        const auto number = std::to_string(++made);
        subtasks.push_back({{"subtask_id", "s" + number},
                            {"title", "Step " + number},
                            {"action", "bench"},
                            {"agent_executable", true},
                            {"autonomy_tier", 1},
                            {"decomposition_confidence", 1}});
      }
      tasks.push_back({{"task_id", "t" + std::to_string(made)}, {"title", "Task"}, {"subtasks", std::move(subtasks)}});
    }
    phases.push_back({{"phase_id", "p" + std::to_string(made)}, {"name", "Phase"}, {"tasks", std::move(tasks)}});
  }
  return json{{"goal", "Be carried out fast"}, {"phases", std::move(phases)}}.dump();
}

std::string store_plan(std::uint16_t port, const std::string& text) {
  return post(port, "/api/plans", text).at("plan_id").get<std::string>();
}

std::string execution_text(std::string_view plan_id, bool start) {
  return json{{"plan_id", plan_id},
              {"start", start},
              {"confirm_warnings", true},
              {"options", {{"sequencing", "dependencies"}, {"review_threshold", 0}}}}
      .dump();
}

std::size_t completed_executions(std::uint16_t port) {
  const auto reply =
      request_once(port, "GET", "/api/executions?status=COMPLETED&limit=" + std::to_string(most_listed), "");
  if (reply.status != 200) throw bench_failure("executions are not listed: " + reply.body.substr(0, 200));
  return json::parse(reply.body).size();
}

std::optional<offered_task> task_in(const framed_reply& reply) {
  if (reply.status != 200) return std::nullopt;
  offered_task offered{string_at(reply.body, "next_task", "execution_id"),
                       string_at(reply.body, "next_task", "task_id"),
                       string_at(reply.body, "next_task", "lease_token")};
  if (offered.execution.empty()) offered.execution = string_at(reply.body, "", "execution_id");
  if (offered.task.empty()) return std::nullopt;
  return offered;
}

std::string completion_request(std::string_view agent, const offered_task& task) {
  std::string body;
  body.append(R"({"agent_id":")").append(agent).append(R"(","event_type":"task_complete","task_id":")");
  body.append(task.task).append(R"(","lease_token":")").append(task.lease).append(R"(","output_data":)");
  body.append(output_json()).append("}");
  return request_text("POST", "/api/executions/" + std::string(task.execution) + "/events", body);
}

workload prepare(std::uint16_t port, const workload_shape& shape) {
  workload made;
  const auto plan_id = store_plan(port, plan_text(shape.leaves));
  for (unsigned i = 0; i < shape.agents; ++i) {
    const json agent = {
        {"name", "bench " + std::to_string(i)}, {"role", "bench"}, {"capabilities", json::array({{{"action", "*"}}})}};
    made.agent_ids.push_back(post(port, "/api/agents", agent.dump()).at("agent_id").get<std::string>());
  }
  for (unsigned i = 0; i < shape.executions; ++i) {
    const auto answer = post(port, "/api/executions", execution_text(plan_id, shape.start));
    made.execution_ids.push_back(answer.at("execution_id").get<std::string>());
    made.tasks_total += answer.at("progress").at("tasks_total").get<std::uint64_t>();
  }
  return made;
}

}  // namespace planexe::bench
