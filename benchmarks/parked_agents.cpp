// parked_agents: many agents wait in long polls, few work. From the sending of a report that makes one task ready to
// the answer of the poll that gets it: how long, and is anybody else woken? Starts a server of its own; prints one
// "name value" a line. Exit 1 when a task is lost or handed out twice, or a poll ends early with nothing.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <thread>

#include "benchmarks/connection_loop.hpp"
#include "benchmarks/disk_sync.hpp"
#include "benchmarks/hand_outs.hpp"
#include "benchmarks/latency.hpp"
#include "benchmarks/served_binary.hpp"
#include "benchmarks/workload.hpp"

namespace planexe::bench {
namespace {

using clock = std::chrono::steady_clock;
using json = nlohmann::json;

constexpr unsigned roles = 50, actions = 8, plans = 100;
constexpr unsigned generalist_every = 20;  // 5 %
// Registrations under way at once: enough to share syncs, far from what a server refuses.
constexpr std::size_t most_registrations = 128;
constexpr std::size_t most_last_reports = 64;
// Its own agents' polls are asked for as long as allowed; the first ones end at different times, as in a system that
// has run for a while.
constexpr unsigned longest_wait = 60;
// The server counts in whole milliseconds and the answer travels; an answer this close to its time is in time.
constexpr std::chrono::milliseconds early{5};
constexpr std::chrono::seconds stuck_after{20};
constexpr std::chrono::milliseconds settling{1'500}, probe_interval{20}, longest_turn{20};
constexpr std::size_t own_descriptors = 64;

struct settings {
  std::string server;
  std::string folder;
  unsigned parked = 10'000;
  unsigned executions = 1'000;
  unsigned links = 4;  // of each execution's chain; the last one unlocks nothing and is not measured
  unsigned rate = 200;
  unsigned first_wait = 1;  // seconds; the first polls end between this and the last wait
  unsigned last_wait = longest_wait;
};

/// A chain whose links ask for different roles and actions.
std::string chain_text(unsigned plan, unsigned links) {
  json tasks = json::array();
  for (unsigned link = 0; link < links; ++link) {
    const unsigned kind = plan * links + link;
    const auto number = std::to_string(link);
    json task = {{"task_id", "t" + number},
                 {"title", "Link " + number},
                 {"assignee_role", "Crew " + std::to_string(kind % roles)}};
    json subtask = {{"subtask_id", "s" + number},
                    {"title", "Step " + number},
                    {"action", "act-" + std::to_string(kind / roles % actions)},
                    {"agent_executable", true},
                    {"autonomy_tier", 1},
                    {"decomposition_confidence", 1}};
    if (link > 0) subtask["prerequisites"] = json::array({"s" + std::to_string(link - 1)});
    task["subtasks"] = json::array({std::move(subtask)});
    tasks.push_back(std::move(task));
  }
  json phase = {{"phase_id", "p"}, {"name", "Chain"}, {"tasks", std::move(tasks)}};
  return json{{"goal", "Be carried out link by link"}, {"phases", json::array({std::move(phase)})}}.dump();
}

std::string registration_text(unsigned number) {
  const bool generalist = number % generalist_every == 0;
  const auto action = generalist ? "*" : "act-" + std::to_string(number / roles % actions);
  return json{{"agent_id", "agent-" + std::to_string(number)},
              {"name", "Agent " + std::to_string(number)},
              {"role", "Crew " + std::to_string(number % roles)},
              {"capabilities", json::array({{{"action", action}}})}}
      .dump();
}

class parked_run {
 public:
  parked_run(const settings& wanted, const served_binary& server)
      : wanted_(wanted),
        server_(server),
        loop_(server.port(),
              {.answered = [this](std::size_t i, const framed_reply& reply) { on_answer(i, reply); }, .broken = {}}) {}

  int run() {
    rss_start_ = server_.resident_kib();
    register_agents();
    rss_registered_ = server_.resident_kib();
    park_all();
    rss_parked_ = server_.resident_kib();
    start_executions();
    measure();
    finish();
    print();
    if (woken_for_nothing_ == 0 && woken_ == reports_) return 0;
    std::fprintf(stderr, "parked_agents: %llu polls ended early with nothing; %llu reports woke %llu agents\n",
                 static_cast<unsigned long long>(woken_for_nothing_), static_cast<unsigned long long>(reports_),
                 static_cast<unsigned long long>(woken_));
    return 1;
  }

 private:
  enum class phase { registering, registered, parked, holding, reporting };
  struct agent {
    phase doing = phase::registering;
    std::chrono::seconds wait{};
    clock::time_point sent_at;
  };
  struct holding {
    std::size_t agent;
    std::size_t execution;
    std::string task;
    std::string lease;
  };
  struct chain {
    clock::time_point sent_at;
    clock::time_point answered_at;
    clock::time_point handed_at;
    bool running = false;  ///< a report of it is under way, or the hand-out that follows from it
  };

  /// Calls `step` between the turns of the loop until it says nothing; else it says how long a turn may take. Loud when
  /// nothing at all moves for too long.
  template <class Step>
  void turn_until(const char* what, Step&& step) {
    auto moved = clock::now();
    auto before = moves_;
    while (const std::optional<std::chrono::microseconds> longest = step()) {
      loop_.turn(*longest);
      if (moves_ != before) {
        before = moves_;
        moved = clock::now();
      } else if (clock::now() - moved > stuck_after) {
        throw bench_failure(std::string("nothing moves any more while ") + what + ": " + std::to_string(outs_.total()) +
                            " hand-outs and " + std::to_string(outs_.completed()) + " completions of " +
                            std::to_string(outs_.expected()) + " tasks");
      }
    }
  }
  static std::optional<std::chrono::microseconds> go_on_unless(bool done) {
    return done ? std::nullopt : std::optional<std::chrono::microseconds>{longest_turn};
  }

  void register_agents() {
    const std::size_t agents = wanted_.parked + wanted_.executions;
    agents_.resize(agents);
    std::size_t next = 0;
    turn_until("agents register", [&] {
      for (; next < agents && next - registered_ < most_registrations; ++next)
        loop_.send(loop_.open(), request_text("POST", "/api/agents", registration_text(static_cast<unsigned>(next))));
      return go_on_unless(registered_ == agents);
    });
  }

  void park_all() {
    const auto spread = wanted_.last_wait - wanted_.first_wait + 1;
    for (std::size_t i = 0; i < agents_.size(); ++i) {
      do_poll(i, wanted_.first_wait + static_cast<unsigned>(i % spread));
      loop_.turn(std::chrono::microseconds(0));
    }
    const auto settled = clock::now() + settling;
    while (clock::now() < settled) loop_.turn(longest_turn);
  }

  void start_executions() {
    std::vector<std::string> plan_ids;
    for (unsigned i = 0; i < plans; ++i) plan_ids.push_back(store_plan(server_.port(), chain_text(i, wanted_.links)));
    for (unsigned i = 0; i < wanted_.executions; ++i) {
      const auto reply =
          request_once(server_.port(), "POST", "/api/executions", execution_text(plan_ids[i % plans], true));
      if (reply.status != 201) throw bench_failure("an execution is refused: " + reply.body.substr(0, 300));
      outs_.add(string_at(reply.body, "", "execution_id"), wanted_.links);
      chains_.emplace_back();
      loop_.turn(std::chrono::microseconds(0));
    }
    turn_until("first tasks are handed out", [&] { return go_on_unless(outs_.total() == wanted_.executions); });
  }

  /// Reports at the wanted rate until all links but the last are complete and all tasks are handed out.
  void measure() {
    std::jthread probe([this](const std::stop_token& stop) {
      synced_file file(wanted_.folder);
      while (!stop.stop_requested()) {
        sync_.add(file.append());
        std::this_thread::sleep_for(probe_interval);
      }
    });
    measuring_ = true;
    least_parked_ = parked_;
    const auto interval = std::chrono::microseconds(std::chrono::seconds(1)) / wanted_.rate;
    const auto start = clock::now();
    auto due = start;
    const auto measured = std::uint64_t{wanted_.executions} * (wanted_.links - 1);
    turn_until("chains are carried out", [&]() -> std::optional<std::chrono::microseconds> {
      if (woken_ == measured && reports_ == measured) return std::nullopt;
      // One whose last report is still under way is waited for.
      if (ready_.empty() || chains_[ready_.front().execution].running) return longest_turn;
      if (clock::now() >= due) {
        report(std::exchange(ready_.front(), {}));
        ready_.pop_front();
        due = std::max(due + interval, clock::now() - interval);  // no burst after a standstill
      }
      const auto left = std::chrono::duration_cast<std::chrono::microseconds>(due - clock::now());
      return std::clamp<std::chrono::microseconds>(left, std::chrono::microseconds(0), longest_turn);
    });
    seconds_ = std::chrono::duration<double>(clock::now() - start).count();
    measuring_ = false;
  }

  void finish() {
    std::size_t under_way = 0;
    const auto before = outs_.completed();
    std::size_t sent = 0;
    turn_until("last links are completed", [&] {
      under_way = sent - static_cast<std::size_t>(outs_.completed() - before);
      for (; !last_.empty() && under_way < most_last_reports; ++under_way, ++sent) {
        report(std::exchange(last_.front(), {}));
        last_.pop_front();
      }
      return go_on_unless(outs_.completed() == outs_.expected());
    });
    const auto completed = completed_executions(server_.port());
    if (completed != wanted_.executions)
      throw bench_failure(std::to_string(completed) + " executions are COMPLETED of " +
                          std::to_string(wanted_.executions));
  }

  void do_poll(std::size_t number, unsigned wait) {
    auto& one = agents_[number];
    one.doing = phase::parked;
    one.wait = std::chrono::seconds(wait);
    one.sent_at = clock::now();
    ++parked_;
    loop_.send(
        number,
        request_text("GET", "/api/agents/agent-" + std::to_string(number) + "/work?wait=" + std::to_string(wait), ""));
  }

  void report(const holding& held) {
    const auto& id = outs_[held.execution].id;
    const auto request = completion_request("agent-" + std::to_string(held.agent), {id, held.task, held.lease});
    agents_[held.agent].doing = phase::reporting;
    reporting_[held.agent] = held.execution;
    auto& of = chains_[held.execution];
    of = {.sent_at = clock::now(), .answered_at = {}, .handed_at = {}, .running = measuring_};
    loop_.send(held.agent, request);
  }

  void on_answer(std::size_t number, const framed_reply& reply) {
    ++moves_;
    switch (agents_[number].doing) {
      case phase::registering:
        if (reply.status != 201) throw bench_failure("an agent is refused: " + std::string(reply.body.substr(0, 300)));
        agents_[number].doing = phase::registered;
        ++registered_;
        return;
      case phase::parked:
        return on_polled(number, reply);
      case phase::reporting:
        return on_reported(number, reply);
      case phase::registered:
      case phase::holding:
        throw bench_failure("an answer to nothing: " + std::string(reply.body.substr(0, 300)));
    }
  }

  void on_polled(std::size_t number, const framed_reply& reply) {
    const auto now = clock::now();
    if (reply.status != 200 && reply.status != 204)
      throw bench_failure("a poll answered " + std::to_string(reply.status) + ": " +
                          std::string(reply.body.substr(0, 300)));
    --parked_;
    const auto task = task_in(reply);
    if (!task) {
      const auto& one = agents_[number];
      now < one.sent_at + one.wait - early ? ++woken_for_nothing_ : ++ended_polls_;
      return do_poll(number, longest_wait);
    }
    const auto execution = outs_.note(task->execution, task->task);
    agents_[number].doing = phase::holding;
    auto& queue = outs_[execution].handed.size() < wanted_.links ? ready_ : last_;
    queue.push_back({number, execution, std::string(task->task), std::string(task->lease)});
    if (!measuring_) return;
    least_parked_ = std::min(least_parked_, parked_);
    ++woken_;
    chains_[execution].handed_at = now;
    sample(execution);
  }

  void on_reported(std::size_t number, const framed_reply& reply) {
    if (reply.status != 201)
      throw bench_failure("a report answered " + std::to_string(reply.status) + ": " +
                          std::string(reply.body.substr(0, 300)));
    const auto execution = reporting_.at(number);
    reporting_.erase(number);
    outs_.note_completed(execution);
    if (measuring_) {
      ++reports_;
      chains_[execution].answered_at = clock::now();
      sample(execution);
    }
    do_poll(number, longest_wait);
  }

  /// Once both answers are there.
  void sample(std::size_t execution) {
    auto& of = chains_[execution];
    if (!of.running) throw bench_failure("a hand-out that follows from no report, in " + outs_[execution].id);
    if (of.answered_at == clock::time_point{} || of.handed_at == clock::time_point{}) return;
    of.running = false;
    hand_out_.add(of.handed_at - of.sent_at);
    report_.add(of.answered_at - of.sent_at);
    beyond_.add(std::max(of.handed_at - of.answered_at, clock::duration{}));
  }

  static void print_latency(const char* kind, latency_samples& samples) {
    std::printf("%s_p50_us %u\n%s_p90_us %u\n%s_p99_us %u\n%s_max_us %u\n", kind, samples.percentile(0.5), kind,
                samples.percentile(0.9), kind, samples.percentile(0.99), kind, samples.percentile(1));
  }

  void print() {
    double load = 0;
    getloadavg(&load, 1);
    const auto agents = static_cast<double>(agents_.size());
    std::printf("parked %zu\nreports %llu\nreports_per_second %.0f\nwoken %llu\n", least_parked_,
                static_cast<unsigned long long>(reports_), static_cast<double>(reports_) / seconds_,
                static_cast<unsigned long long>(woken_));
    std::printf("woken_for_nothing %llu\nended_polls %llu\n", static_cast<unsigned long long>(woken_for_nothing_),
                static_cast<unsigned long long>(ended_polls_));
    print_latency("hand_out", hand_out_);
    print_latency("report", report_);
    print_latency("after_report", beyond_);
    std::printf("sync_p50_us %u\nsync_p99_us %u\n", sync_.percentile(0.5), sync_.percentile(0.99));
    std::printf("beyond_sync_p99_us %d\n",
                static_cast<int>(hand_out_.percentile(0.99)) - static_cast<int>(sync_.percentile(0.99)));
    std::printf("rss_start_kib %llu\nrss_registered_kib %llu\nrss_parked_kib %llu\nkib_an_agent %.1f\n",
                static_cast<unsigned long long>(rss_start_), static_cast<unsigned long long>(rss_registered_),
                static_cast<unsigned long long>(rss_parked_), static_cast<double>(rss_parked_ - rss_start_) / agents);
    std::printf("load_average %.2f\n", load);
  }

  const settings& wanted_;
  const served_binary& server_;
  connection_loop loop_;
  hand_outs outs_;
  std::vector<agent> agents_;  // by the number of the connection
  std::vector<chain> chains_;  // by the place of the execution
  std::deque<holding> ready_;  // whose completion makes a task ready
  std::deque<holding> last_;
  std::unordered_map<std::size_t, std::size_t> reporting_;  // agent to execution
  latency_samples hand_out_, report_, beyond_;
  latency_samples sync_;  // the probe's thread, until it is joined
  std::uint64_t moves_ = 0, reports_ = 0, woken_ = 0, woken_for_nothing_ = 0, ended_polls_ = 0;
  std::uint64_t rss_start_ = 0, rss_registered_ = 0, rss_parked_ = 0;
  std::size_t registered_ = 0, parked_ = 0, least_parked_ = 0;
  double seconds_ = 0;
  bool measuring_ = false;
};

int run(int argc, char** argv) {
  CLI::App app("how soon a waiting agent gets what a report has made ready");
  settings wanted;
  bool quick = false;
  app.add_option("--server", wanted.server, "the planexe-ax to start")->required()->check(CLI::ExistingFile);
  app.add_option("--folder", wanted.folder, "for its data, on the disk that counts")->required();
  app.add_option("--parked", wanted.parked)->check(CLI::Range(1, 14'000));
  app.add_option("--executions", wanted.executions)->check(CLI::Range(1, 1'000));
  app.add_option("--rate", wanted.rate, "reports a second")->check(CLI::Range(1, 10'000));
  app.add_flag("--quick", quick, "200 agents and 20 executions: whether the counts are right, no more");
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    wanted.parked = 200;
    wanted.executions = 20;
    wanted.last_wait = 2;
  }
  std::filesystem::create_directories(wanted.folder);
  raise_descriptor_limit(wanted.parked + wanted.executions + own_descriptors);
  const served_binary server(wanted.server, wanted.folder);
  return parked_run(wanted, server).run();
}

}  // namespace
}  // namespace planexe::bench

int main(int argc, char** argv) {
  try {
    return planexe::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "parked_agents: %s\n", failure.what());
    return 1;
  }
}
