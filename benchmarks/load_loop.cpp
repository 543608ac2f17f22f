#include "benchmarks/load_loop.hpp"

#include "benchmarks/connection_loop.hpp"
#include "benchmarks/workload.hpp"

namespace planexe::bench {
namespace {

using clock = std::chrono::steady_clock;

// The last tasks are fought over by all agents; the window closes before them.
constexpr double usable_share = 0.95;
constexpr double warmup_share = 0.15;
constexpr std::chrono::milliseconds longest_turn{100};
// So many broken connections in one run mean that there is no server to measure.
constexpr std::uint64_t most_errors = 1000;

// What is reported to a server that has no tasks: as long as what planexe-ax gives out.
constexpr std::optional<offered_task> plain_task{
    {"00000000-0000-0000-0000-000000000000", "s1", "0123456789abcdef0123456789abcdef"}};

// An execution whose last tasks take longer is stuck; the errors tell why.
constexpr std::chrono::seconds drain_limit{10};

enum class phase { polling, reporting };

struct agent_connection {
  std::string id;
  std::string poll_request;
  std::string report_request;
  phase doing = phase::polling;
  clock::time_point sent_at;
};

class load_run {
 public:
  explicit load_run(const load_options& options)
      : options_(options),
        loop_(options.port, {.answered = [this](std::size_t i, const framed_reply& reply) { on_reply(i, reply); },
                             .broken = [this](std::size_t i) { on_broken(i); }}) {}

  load_outcome run() {
    for (const auto& id : options_.agent_ids) {
      auto& agent = agents_.emplace_back();
      agent.id = id;
      // A short wait lets an agent that finds nothing rest at the server instead of asking in a loop.
      agent.poll_request = request_text("GET", "/api/agents/" + id + "/work?wait=1", "");
      do_poll(loop_.open());
    }
    if (options_.one_at_a_time.empty()) {
      loop_until(clock::now() + span(options_.warmup_seconds), tasks_share(options_.tasks_total, warmup_share));
      measure_until(span(options_.measure_seconds), tasks_share(options_.tasks_total, usable_share));
    } else {
      run_one_at_a_time();
    }
    return std::move(outcome_);
  }

 private:
  static clock::duration span(double seconds) {
    return std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
  }

  /// How many cycles that share of the tasks is; no limit when tasks never run out.
  static std::uint64_t tasks_share(std::uint64_t tasks, double share) {
    return tasks == 0 ? UINT64_MAX : static_cast<std::uint64_t>(share * static_cast<double>(tasks));
  }

  void run_one_at_a_time() {
    const auto tasks = options_.tasks_total / options_.one_at_a_time.size();
    for (const auto& id : options_.one_at_a_time) {
      const auto left = options_.measure_seconds - outcome_.seconds;
      if (left <= 0) return;
      const auto before = cycles_;
      const auto reply = request_once(options_.port, "PATCH", "/api/executions/" + id, R"({"status":"QUEUED"})");
      if (reply.status != 200) throw bench_failure("an execution does not start: " + reply.body.substr(0, 200));
      loop_until(clock::now() + span(options_.warmup_seconds), before + tasks_share(tasks, warmup_share));
      measure_until(span(left), before + tasks_share(tasks, usable_share));
      loop_until(clock::now() + drain_limit, before + tasks);
    }
  }

  void measure_until(clock::duration longest, std::uint64_t cycles) {
    const auto start = clock::now();
    const auto before = cycles_;
    measuring_ = true;
    loop_until(start + longest, cycles);
    measuring_ = false;
    outcome_.seconds += std::chrono::duration<double>(clock::now() - start).count();
    outcome_.cycles += cycles_ - before;
  }

  void loop_until(clock::time_point deadline, std::uint64_t cycles) {
    while (clock::now() < deadline && cycles_ < cycles) loop_.turn(longest_turn);
  }

  void do_poll(std::size_t agent) {
    agents_[agent].doing = phase::polling;
    do_send(agent, agents_[agent].poll_request);
  }

  void do_report(std::size_t number, const offered_task& task) {
    auto& agent = agents_[number];
    agent.report_request = completion_request(agent.id, task);
    agent.doing = phase::reporting;
    do_send(number, agent.report_request);
  }

  void do_send(std::size_t agent, const std::string& request) {
    agents_[agent].sent_at = clock::now();
    loop_.send(agent, request);
  }

  void on_broken(std::size_t agent) {
    note_error("a connection broke");
    loop_.reopen(agent);
    do_poll(agent);
  }

  void on_reply(std::size_t agent, const framed_reply& reply) {
    const auto took = clock::now() - agents_[agent].sent_at;
    if (agents_[agent].doing == phase::polling) {
      on_polled(agent, reply, took);
    } else {
      on_reported(agent, reply, took);
    }
  }

  void on_polled(std::size_t agent, const framed_reply& reply, clock::duration took) {
    const auto task = options_.plain && reply.status == 200 ? plain_task : task_in(reply);
    if (measuring_ && task) {
      ++outcome_.requests;
      outcome_.poll.add(took);
    }
    if (!task) {
      if (reply.status != 204 && reply.status != 200) {
        note_error("a poll answered " + std::to_string(reply.status) + ": " + std::string(reply.body.substr(0, 200)));
      } else if (measuring_) {
        ++outcome_.empty_polls;
      }
      do_poll(agent);
      return;
    }
    do_report(agent, *task);
  }

  void on_reported(std::size_t agent, const framed_reply& reply, clock::duration took) {
    if (reply.status == (options_.plain ? 200U : 201U)) {
      ++cycles_;
      if (measuring_) {
        ++outcome_.requests;
        outcome_.report.add(took);
      }
    } else {
      note_error("a report answered " + std::to_string(reply.status) + ": " + std::string(reply.body.substr(0, 200)));
    }
    do_poll(agent);
  }

  void note_error(const std::string& what) {
    ++outcome_.errors;
    if (outcome_.first_error.empty()) outcome_.first_error = what;
    if (outcome_.errors > most_errors) throw bench_failure("too many errors, the first: " + outcome_.first_error);
  }

  const load_options& options_;
  connection_loop loop_;
  std::vector<agent_connection> agents_;  // by the number of the connection
  bool measuring_ = false;
  std::uint64_t cycles_ = 0;
  load_outcome outcome_;
};

}  // namespace

load_outcome run_load(const load_options& options) {
  return load_run(options).run();
}

}  // namespace planexe::bench
