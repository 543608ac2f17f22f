#include "benchmarks/load_loop.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>

#include "benchmarks/wire.hpp"

namespace planexe::bench {
namespace {

using clock = std::chrono::steady_clock;

// What a small finished task might report.
constexpr std::size_t output_bytes = 200;
// The last tasks are fought over by all agents; the window closes before them.
constexpr double usable_share = 0.95;
constexpr double warmup_share = 0.15;
constexpr std::size_t epoll_batch = 128;
constexpr int epoll_wait_ms = 100;
// So many broken connections in one run mean that there is no server to measure.
constexpr std::uint64_t most_errors = 1000;

// An execution whose last tasks take longer is stuck; the errors tell why.
constexpr std::chrono::seconds drain_limit{10};

enum class phase { polling, reporting };

struct agent_connection {
  std::string id;
  std::string poll_request;
  tcp_socket socket;
  std::string received;
  std::string report_request;
  phase doing = phase::polling;
  clock::time_point sent_at;
};

std::string output_json() {
  const std::string shell = R"({"text":""})";
  return R"({"text":")" + std::string(output_bytes - shell.size(), 'x') + "\"}";
}

class load_run {
 public:
  explicit load_run(const load_options& options) : options_(options), output_(output_json()) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw bench_failure("epoll is not available");
  }
  ~load_run() { close(epoll_); }
  load_run(const load_run&) = delete;
  load_run& operator=(const load_run&) = delete;

  load_outcome run() {
    for (const auto& id : options_.agent_ids) {
      auto& agent = agents_.emplace_back();
      agent.id = id;
      // A short wait lets an agent that finds nothing rest at the server instead of asking in a loop.
      agent.poll_request = request_text("GET", "/api/agents/" + id + "/work?wait=1", "");
      open(agent);
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
    std::array<epoll_event, epoll_batch> events{};
    while (clock::now() < deadline && cycles_ < cycles) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), epoll_wait_ms);
      for (int i = 0; i < count; ++i)
        on_readable(*static_cast<agent_connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
  }

  void open(agent_connection& agent) {
    agent.socket = tcp_socket(options_.port, false);
    agent.received.clear();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &agent;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, agent.socket.descriptor(), &event) != 0)
      throw bench_failure("epoll_ctl failed");
    do_poll(agent);
  }

  void do_poll(agent_connection& agent) {
    agent.doing = phase::polling;
    do_send(agent, agent.poll_request);
  }

  void do_report(agent_connection& agent, std::string_view execution, std::string_view task, std::string_view lease) {
    body_.clear();
    body_.append(R"({"agent_id":")").append(agent.id).append(R"(","event_type":"task_complete","task_id":")");
    body_.append(task).append(R"(","lease_token":")").append(lease).append(R"(","output_data":)");
    body_.append(output_).append("}");
    path_.assign("/api/executions/").append(execution).append("/events");
    agent.report_request = request_text("POST", path_, body_);
    agent.doing = phase::reporting;
    do_send(agent, agent.report_request);
  }

  // A request is far smaller than an empty socket buffer, and there is one at a time: it goes in whole or not at all.
  void do_send(agent_connection& agent, const std::string& request) {
    agent.sent_at = clock::now();
    const auto count = send(agent.socket.descriptor(), request.data(), request.size(), MSG_NOSIGNAL);
    if (count != static_cast<ssize_t>(request.size())) broken_.push_back(&agent);
  }

  void on_readable(agent_connection& agent) {
    std::array<char, 16384> chunk;
    const auto count = recv(agent.socket.descriptor(), chunk.data(), chunk.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {
      broken_.push_back(&agent);
    } else {
      agent.received.append(chunk.data(), static_cast<std::size_t>(count));
      framed_reply reply;
      if (frame_reply(agent.received, reply)) on_reply(agent, reply);
    }
    while (!broken_.empty()) {
      auto& lost = *broken_.back();
      broken_.pop_back();
      note_error("a connection broke");
      open(lost);
    }
  }

  void on_reply(agent_connection& agent, const framed_reply& reply) {
    const auto took = clock::now() - agent.sent_at;
    if (agent.doing == phase::polling) {
      on_polled(agent, reply, took);
    } else {
      on_reported(agent, reply, took);
    }
  }

  void on_polled(agent_connection& agent, const framed_reply& reply, clock::duration took) {
    const auto task = options_.plain ? std::string_view("s1") : string_at(reply.body, "next_task", "task_id");
    const bool offered = reply.status == 200 && !task.empty();
    if (measuring_ && offered) {
      ++outcome_.requests;
      outcome_.poll.add(took);
    }
    if (!offered) {
      if (reply.status != 204 && reply.status != 200) {
        note_error("a poll answered " + std::to_string(reply.status) + ": " + std::string(reply.body.substr(0, 200)));
      } else if (measuring_) {
        ++outcome_.empty_polls;
      }
      agent.received.erase(0, reply.bytes);
      do_poll(agent);
      return;
    }
    if (options_.plain) {
      do_report(agent, "00000000-0000-0000-0000-000000000000", task, "0123456789abcdef0123456789abcdef");
    } else {
      auto execution = string_at(reply.body, "next_task", "execution_id");
      if (execution.empty()) execution = string_at(reply.body, "", "execution_id");
      do_report(agent, execution, task, string_at(reply.body, "next_task", "lease_token"));
    }
    agent.received.erase(0, reply.bytes);
  }

  void on_reported(agent_connection& agent, const framed_reply& reply, clock::duration took) {
    if (reply.status == (options_.plain ? 200U : 201U)) {
      ++cycles_;
      if (measuring_) {
        ++outcome_.requests;
        outcome_.report.add(took);
      }
    } else {
      note_error("a report answered " + std::to_string(reply.status) + ": " + std::string(reply.body.substr(0, 200)));
    }
    agent.received.erase(0, reply.bytes);
    do_poll(agent);
  }

  void note_error(const std::string& what) {
    ++outcome_.errors;
    if (outcome_.first_error.empty()) outcome_.first_error = what;
    if (outcome_.errors > most_errors) throw bench_failure("too many errors, the first: " + outcome_.first_error);
  }

  const load_options& options_;
  const std::string output_;
  int epoll_ = -1;
  std::deque<agent_connection> agents_;  // epoll holds their addresses
  std::vector<agent_connection*> broken_;
  std::string body_;
  std::string path_;
  bool measuring_ = false;
  std::uint64_t cycles_ = 0;
  load_outcome outcome_;
};

}  // namespace

load_outcome run_load(const load_options& options) {
  return load_run(options).run();
}

}  // namespace planexe::bench
