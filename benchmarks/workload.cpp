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

json post(std::uint16_t port, const std::string& path, const std::string& body) {
  const auto reply = request_once(port, "POST", path, body);
  if (reply.status != 201 && reply.status != 200) {
    throw bench_failure("POST " + path + " answered " + std::to_string(reply.status) + ": " +
                        reply.body.substr(0, 500));
  }
  return json::parse(reply.body);
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

workload prepare(std::uint16_t port, const workload_shape& shape) {
  workload made;
  const auto plan = post(port, "/api/plans", plan_text(shape.leaves));
  const auto plan_id = plan.at("plan_id").get<std::string>();
  for (unsigned i = 0; i < shape.agents; ++i) {
    const json agent = {
        {"name", "bench " + std::to_string(i)}, {"role", "bench"}, {"capabilities", json::array({{{"action", "*"}}})}};
    made.agent_ids.push_back(post(port, "/api/agents", agent.dump()).at("agent_id").get<std::string>());
  }
  for (unsigned i = 0; i < shape.executions; ++i) {
    const json execution = {{"plan_id", plan_id},
                            {"start", shape.start},
                            {"confirm_warnings", true},
                            {"options", {{"sequencing", "dependencies"}, {"review_threshold", 0}}}};
    const auto answer = post(port, "/api/executions", execution.dump());
    made.execution_ids.push_back(answer.at("execution_id").get<std::string>());
    made.tasks_total += answer.at("progress").at("tasks_total").get<std::uint64_t>();
  }
  return made;
}

}  // namespace planexe::bench
