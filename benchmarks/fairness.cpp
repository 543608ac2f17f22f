// fairness: one execution with thousands of ready tasks, small ones beside it, and a small one that comes late. After
// how many hand-outs is each small one done? Starts a server of its own and prints a table. Exit 1 when a task is lost
// or handed out twice, or a small execution waited for more than its share.
//
// The share: executions of the same priority take turns, so one with n tasks among m that have work is given its last
// one within n times m hand-outs. What is seen from outside comes a little later: counting starts and ends while the
// agents have hand-outs of others under way.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

#include "benchmarks/connection_loop.hpp"
#include "benchmarks/hand_outs.hpp"
#include "benchmarks/served_binary.hpp"
#include "benchmarks/workload.hpp"

namespace planexe::bench {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds stuck_after{20};
constexpr std::chrono::milliseconds longest_turn{100};
// Each agent may have one hand-out under way when counting starts, and one when the last task of an execution is.
constexpr std::uint64_t under_way_an_agent = 2;

struct settings {
  std::string server;
  std::string folder;
  unsigned agents = 16;
  unsigned large = 10'000;  // tasks
  unsigned small = 20;      // executions
  unsigned small_tasks = 10;
};

class fairness_run {
 public:
  fairness_run(const settings& wanted, std::uint16_t port)
      : wanted_(wanted),
        port_(port),
        loop_(port,
              {.answered = [this](std::size_t i, const framed_reply& reply) { on_answer(i, reply); }, .broken = {}}) {}

  int run() {
    prepare();
    for (std::size_t i = 0; i < wanted_.agents; ++i) {
      loop_.open();
      do_poll(i);
    }
    starter_ = loop_.open();
    auto moved = clock::now();
    for (auto before = outs_.completed(); outs_.completed() < outs_.expected();) {
      loop_.turn(longest_turn);
      if (outs_.completed() != before) {
        before = outs_.completed();
        moved = clock::now();
      } else if (clock::now() - moved > stuck_after) {
        throw bench_failure("nothing moves any more: " + std::to_string(outs_.total()) + " hand-outs and " +
                            std::to_string(before) + " completions of " + std::to_string(outs_.expected()) + " tasks");
      }
    }
    const auto completed = completed_executions(port_);
    if (completed != outs_.size())
      throw bench_failure(std::to_string(completed) + " executions are COMPLETED of " + std::to_string(outs_.size()));
    return print();
  }

 private:
  struct agent {
    bool reports = false;
    std::size_t execution = 0;
  };
  struct course {
    std::uint64_t counted_from = 0;  ///< hand-outs before it was there
    std::uint64_t handed_out = 0;    ///< hand-outs, from then to that of its last task
    std::uint64_t completed = 0;     ///< the same, to the answer of its last report
    std::uint64_t share = 0;         ///< hand-outs
  };

  /// The large one is started first. The late one is there, but not started.
  void prepare() {
    const auto large = store_plan(port_, plan_text(wanted_.large));
    const auto small = store_plan(port_, plan_text(wanted_.small_tasks));
    for (unsigned i = 0; i < wanted_.agents; ++i) {
      const auto reply = request_once(port_, "POST", "/api/agents",
                                      R"({"agent_id":"agent-)" + std::to_string(i) +
                                          R"(","name":"a","role":"any","capabilities":[{"action":"*"}]})");
      if (reply.status != 201) throw bench_failure("an agent is refused: " + reply.body.substr(0, 300));
    }
    agents_.resize(wanted_.agents);
    add(large, wanted_.large, true);
    for (unsigned i = 0; i < wanted_.small; ++i) add(small, wanted_.small_tasks, true);
    late_ = add(small, wanted_.small_tasks, false);
    for (auto& each : courses_) each.share = std::uint64_t{wanted_.small_tasks} * (wanted_.small + 1);
    courses_[late_].share = std::uint64_t{wanted_.small_tasks} * 2;  // the large one and itself
  }

  std::size_t add(const std::string& plan, std::size_t tasks, bool start) {
    const auto reply = request_once(port_, "POST", "/api/executions", execution_text(plan, start));
    if (reply.status != 201) throw bench_failure("an execution is refused: " + reply.body.substr(0, 300));
    courses_.emplace_back();
    return outs_.add(string_at(reply.body, "", "execution_id"), tasks);
  }

  void do_poll(std::size_t number) {
    agents_[number].reports = false;
    loop_.send(number, request_text("GET", "/api/agents/agent-" + std::to_string(number) + "/work?wait=1", ""));
  }

  void on_answer(std::size_t number, const framed_reply& reply) {
    if (number == starter_) {
      if (reply.status != 200) throw bench_failure("the late one does not start: " + std::string(reply.body));
      courses_[late_].counted_from = outs_.total();
    } else if (agents_[number].reports) {
      on_reported(number, reply);
    } else {
      on_polled(number, reply);
    }
  }

  void on_polled(std::size_t number, const framed_reply& reply) {
    if (reply.status != 200 && reply.status != 204)
      throw bench_failure("a poll answered " + std::to_string(reply.status) + ": " + std::string(reply.body));
    const auto task = task_in(reply);
    if (!task) return do_poll(number);
    const auto execution = outs_.note(task->execution, task->task);
    const auto& of = outs_[execution];
    if (of.handed.size() == of.tasks) courses_[execution].handed_out = outs_.total();
    agents_[number] = {true, execution};
    loop_.send(number, completion_request("agent-" + std::to_string(number), *task));
    if (execution == 0 && of.handed.size() == of.tasks / 2) start_late();
  }

  void start_late() {
    loop_.send(starter_, request_text("PATCH", "/api/executions/" + outs_[late_].id, R"({"status":"QUEUED"})"));
  }

  void on_reported(std::size_t number, const framed_reply& reply) {
    if (reply.status != 201)
      throw bench_failure("a report answered " + std::to_string(reply.status) + ": " + std::string(reply.body));
    const auto execution = agents_[number].execution;
    outs_.note_completed(execution);
    const auto& of = outs_[execution];
    if (of.completed == of.tasks) courses_[execution].completed = outs_.total();
    do_poll(number);
  }

  /// A late one may have been given tasks before its start was answered.
  static std::uint64_t since(std::uint64_t count, const course& from) {
    return count > from.counted_from ? count - from.counted_from : 0;
  }

  void row(const char* name, std::size_t execution) const {
    const auto& one = courses_[execution];
    std::printf("%-34s %8zu %12llu %18llu %16llu\n", name, outs_[execution].tasks,
                static_cast<unsigned long long>(one.share), static_cast<unsigned long long>(since(one.handed_out, one)),
                static_cast<unsigned long long>(since(one.completed, one)));
  }

  int print() {
    std::vector<std::size_t> order;
    for (std::size_t i = 1; i < outs_.size(); ++i)
      if (i != late_) order.push_back(i);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return courses_[a].completed < courses_[b].completed; });
    courses_[0].share = outs_.expected();
    std::printf("%-34s %8s %12s %18s %16s\n", "hand-outs, from its start", "tasks", "fair share", "last handed out",
                "complete");
    row("the large one, started first", 0);
    row("small beside it, the first done", order.front());
    row("small beside it, the median", order[order.size() / 2]);
    row("small beside it, the last done", order.back());
    row("small, started in the middle", late_);
    const auto slack = under_way_an_agent * wanted_.agents;
    int code = 0;
    order.push_back(late_);
    for (const auto i : order) {
      if (since(courses_[i].completed, courses_[i]) <= courses_[i].share + slack) continue;
      std::fprintf(stderr, "fairness: %s was complete after %llu hand-outs, over its share of %llu and %llu\n",
                   outs_[i].id.c_str(), static_cast<unsigned long long>(since(courses_[i].completed, courses_[i])),
                   static_cast<unsigned long long>(courses_[i].share), static_cast<unsigned long long>(slack));
      code = 1;
    }
    return code;
  }

  const settings& wanted_;
  std::uint16_t port_;
  connection_loop loop_;
  hand_outs outs_;
  std::vector<agent> agents_;    // by the number of the connection
  std::vector<course> courses_;  // by the place of the execution
  std::size_t starter_ = SIZE_MAX;
  std::size_t late_ = 0;
};

int run(int argc, char** argv) {
  CLI::App app("whether small executions get their share beside a large one");
  settings wanted;
  bool quick = false;
  app.add_option("--server", wanted.server, "the planexe-ax to start")->required()->check(CLI::ExistingFile);
  app.add_option("--folder", wanted.folder, "for its data")->required();
  app.add_flag("--quick", quick, "a tenth of the tasks, and a quarter of the small executions");
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    wanted.large = 1'000;
    wanted.small = 5;
  }
  const served_binary server(wanted.server, wanted.folder);
  return fairness_run(wanted, server.port()).run();
}

}  // namespace
}  // namespace planexe::bench

int main(int argc, char** argv) {
  try {
    return planexe::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "fairness: %s\n", failure.what());
    return 1;
  }
}
