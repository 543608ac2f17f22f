// subscribers: many dashboards follow one execution while agents report. From a report's 201, and from its sending, to
// its arrival at each of them: how long; the same with one among them that never reads; and what idle ones cost. Starts
// servers of its own; prints one "name value" a line, or JSON. Exit 1 when a subscriber misses or repeats an event.
#include <CLI/CLI.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "benchmarks/connection_loop.hpp"
#include "benchmarks/disk_sync.hpp"
#include "benchmarks/latency.hpp"
#include "benchmarks/served_binary.hpp"
#include "benchmarks/subscriptions.hpp"
#include "benchmarks/workload.hpp"

namespace planexe::bench {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t own_descriptors = 64;
constexpr std::chrono::milliseconds settling{1'500}, longest_turn{10}, probe_interval{20};
constexpr std::chrono::seconds longest_delivery{20};

struct settings {
  std::string server;
  std::string folder;
  unsigned subscribers = 1'000;
  unsigned idle = 10'000;
  unsigned rate = 50;  // reports a second
  unsigned seconds = 15;
  unsigned agents = 8;
  bool json = false;
};

/// A connection that is asked one thing after another.
class asking_connection {
 public:
  explicit asking_connection(std::uint16_t port) : socket_(port, true) {}

  /// The answer; its views end with the next question.
  framed_reply ask(const std::string& request) {
    received_.erase(0, used_);
    if (send(socket_.descriptor(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      throw bench_failure("a request could not be sent");
    std::array<char, 65'536> chunk;
    framed_reply reply;
    while (!frame_reply(received_, reply)) {
      const auto got = recv(socket_.descriptor(), chunk.data(), chunk.size(), 0);
      if (got <= 0) throw bench_failure("the server gave no answer");
      received_.append(chunk.data(), static_cast<std::size_t>(got));
    }
    used_ = reply.bytes;
    return reply;
  }

 private:
  tcp_socket socket_;
  std::string received_;
  std::size_t used_ = 0;
};

struct told_report {
  std::uint64_t seq;
  clock::time_point sent_at;
  clock::time_point answered_at;
};

std::uint64_t seq_in(std::string_view body) {
  constexpr std::string_view name = R"("seq":)";
  const auto at = body.find(name);
  if (at == body.npos) throw bench_failure("a report's answer has no seq: " + std::string(body.substr(0, 200)));
  return std::strtoull(body.data() + at + name.size(), nullptr, 10);
}

/// Polls and reports, one task after another, at a rate.
class reporter {
 public:
  reporter(std::uint16_t port, const workload& made, const settings& wanted)
      : connection_(port), made_(made), wanted_(wanted) {}

  std::vector<told_report> run(std::chrono::seconds length) {
    std::vector<told_report> told;
    const auto interval = std::chrono::microseconds(std::chrono::seconds(1)) / wanted_.rate;
    auto due = clock::now();
    const auto end = due + length;
    while (due < end) {
      std::this_thread::sleep_until(due);
      due = std::max(due + interval, clock::now() - interval);  // no burst after a standstill
      const auto& agent = made_.agent_ids[next_++ % made_.agent_ids.size()];
      const auto offered = connection_.ask(request_text("GET", "/api/agents/" + agent + "/work", ""));
      const auto task = task_in(offered);
      if (!task) throw bench_failure("an agent found nothing to do: the plan is too small for the time");
      const auto request = completion_request(agent, *task);
      const auto sent_at = clock::now();
      const auto reply = connection_.ask(request);
      const auto answered_at = clock::now();
      if (reply.status != 201) throw bench_failure("a report answered " + std::to_string(reply.status));
      told.push_back({seq_in(reply.body), sent_at, answered_at});
    }
    return told;
  }

 private:
  asking_connection connection_;
  const workload& made_;
  const settings& wanted_;
  std::size_t next_ = 0;
};

struct phase_result {
  std::uint64_t reports = 0, deliveries = 0, messages = 0, resyncs = 0, bytes = 0;
  latency_samples after_answer, after_sending, report, sync;
  std::uint64_t rss_before = 0, rss_after = 0;
};

class run {
 public:
  explicit run(const settings& wanted) : wanted_(wanted) {}

  void live() {
    const served_binary server(wanted_.server, wanted_.folder);
    const auto leaves = 2 * (wanted_.rate * wanted_.seconds + wanted_.agents) + wanted_.agents;
    const auto made = prepare(server.port(), {.agents = wanted_.agents, .executions = 1, .leaves = leaves});
    const auto target = "/api/executions/" + made.execution_ids.front() + "/stream?from=";
    const auto from = target + seq_of(server.port(), made.execution_ids.front());
    subscriptions subscribers(server.port());
    subscribers.open(from, wanted_.subscribers);
    reporter reports(server.port(), made, wanted_);
    measure(server, subscribers, reports, "live", live_);
    subscribers.open_stalled(from);
    measure(server, subscribers, reports, "stalled", stalled_);
  }

  void idle() {
    if (wanted_.idle == 0) return;
    const served_binary server(wanted_.server, wanted_.folder);
    const auto made = prepare(server.port(), {.agents = 1, .executions = 1, .leaves = 100});
    subscriptions subscribers(server.port());
    const auto target = "/api/executions/" + made.execution_ids.front() + "/stream";
    subscribers.open(target, 1);
    idle_before_ = server.resident_kib();
    subscribers.open(target, wanted_.idle);
    const auto settled = clock::now() + settling;
    while (clock::now() < settled) subscribers.turn(longest_turn);
    idle_after_ = server.resident_kib();
  }

  void print() {
    double load = 0;
    getloadavg(&load, 1);
    if (wanted_.json) std::printf("{");
    number("subscribers", wanted_.subscribers);
    number("rate", wanted_.rate);
    print("live", live_);
    print("stalled", stalled_);
    number("stalled_rss_growth_kib",
           static_cast<double>(stalled_.rss_after) - static_cast<double>(stalled_.rss_before));
    number("idle_subscribers", wanted_.idle);
    number("idle_rss_before_kib", static_cast<double>(idle_before_));
    number("idle_rss_after_kib", static_cast<double>(idle_after_));
    const auto grown = static_cast<double>(idle_after_) - static_cast<double>(idle_before_);
    number("idle_kib_each", wanted_.idle == 0 ? 0 : grown / wanted_.idle);
    number("load_average", load);
    if (wanted_.json) std::printf("}\n");
  }

 private:
  static std::string seq_of(std::uint16_t port, const std::string& id) {
    const auto reply = request_once(port, "GET", "/api/executions/" + id + "/status", "");
    constexpr std::string_view name = R"("version":)";
    const auto at = reply.body.find(name);
    if (at == reply.body.npos) throw bench_failure("an execution without a version");
    return std::to_string(std::strtoull(reply.body.data() + at + name.size(), nullptr, 10));
  }

  void measure(const served_binary& server, subscriptions& subscribers, reporter& reports, const char* what,
               phase_result& result) {
    const auto settled = clock::now() + settling;
    while (clock::now() < settled) subscribers.turn(longest_turn);
    subscribers.arrivals().clear();
    subscribers.keeps_arrivals = true;
    const auto messages = subscribers.messages(), resyncs = subscribers.resyncs(), bytes = subscribers.bytes();
    result.rss_before = server.resident_kib();
    std::jthread probe([this, &result](const std::stop_token& stop) {
      synced_file file(wanted_.folder);
      while (!stop.stop_requested()) {
        result.sync.add(file.append());
        std::this_thread::sleep_for(probe_interval);
      }
    });
    std::vector<told_report> told;
    std::string failure;
    std::atomic<bool> done = false;
    std::jthread reporting([&] {
      try {
        told = reports.run(std::chrono::seconds(wanted_.seconds));
      } catch (const std::exception& problem) {
        failure = problem.what();
      }
      done = true;
    });
    while (!done) subscribers.turn(longest_turn);
    if (!failure.empty()) throw bench_failure(failure);
    probe.request_stop();
    deliver_the_rest(subscribers, told, what);
    result.rss_after = server.resident_kib();
    result.messages = subscribers.messages() - messages;
    result.resyncs = subscribers.resyncs() - resyncs;
    result.bytes = subscribers.bytes() - bytes;
    gather(subscribers, told, result);
  }

  static void deliver_the_rest(subscriptions& subscribers, const std::vector<told_report>& told, const char* what) {
    const auto last = told.back().seq;
    std::size_t there = 0, looked = 0;
    const auto give_up = clock::now() + longest_delivery;
    while (there < subscribers.size()) {
      const auto& arrivals = subscribers.arrivals();
      for (; looked < arrivals.size(); ++looked) there += arrivals[looked].seq == last ? 1U : 0U;
      if (clock::now() > give_up)
        throw bench_failure(std::string(what) + ": only " + std::to_string(there) + " subscribers were told event " +
                            std::to_string(last));
      subscribers.turn(longest_turn);
    }
  }

  void gather(subscriptions& subscribers, const std::vector<told_report>& told, phase_result& result) const {
    for (const auto& report : told) result.report.add(report.answered_at - report.sent_at);
    std::uint64_t events = 0;
    for (const auto& [seq, at] : subscribers.arrivals()) {
      const auto found = std::ranges::lower_bound(told, seq, {}, &told_report::seq);
      if (found == told.end() || found->seq != seq) continue;
      ++events;
      result.after_sending.add(at - found->sent_at);
      result.after_answer.add(std::max(at - found->answered_at, clock::duration{}));
    }
    result.reports = told.size();
    result.deliveries = events;
    if (result.resyncs == 0 && events != told.size() * subscribers.size())
      throw bench_failure(std::to_string(events) + " deliveries of " + std::to_string(told.size()) + " reports to " +
                          std::to_string(subscribers.size()) + " subscribers");
  }

  void number(const std::string& name, double value) {
    if (wanted_.json)
      std::printf("%s\"%s\": %.10g", std::exchange(printed_, true) ? ", " : "", name.c_str(), value);
    else
      std::printf("%s %.10g\n", name.c_str(), value);
  }
  void print(const std::string& kind, latency_samples& samples) {
    for (const auto& [name, fraction] :
         std::array<std::pair<const char*, double>, 4>{{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"max", 1}}})
      number(kind + "_" + name + "_us", samples.percentile(fraction));
  }
  void print(const std::string& kind, phase_result& result) {
    number(kind + "_reports", static_cast<double>(result.reports));
    number(kind + "_deliveries", static_cast<double>(result.deliveries));
    number(kind + "_messages", static_cast<double>(result.messages));
    number(kind + "_mib", static_cast<double>(result.bytes) / (1U << 20U));
    number(kind + "_resyncs", static_cast<double>(result.resyncs));
    print(kind + "_after_answer", result.after_answer);
    print(kind + "_after_sending", result.after_sending);
    print(kind + "_report", result.report);
    number(kind + "_sync_p50_us", result.sync.percentile(0.5));
    number(kind + "_sync_p99_us", result.sync.percentile(0.99));
    const auto sync = std::max(1U, result.sync.percentile(0.99));
    number(kind + "_after_sending_p99_in_syncs", static_cast<double>(result.after_sending.percentile(0.99)) / sync);
  }

  const settings& wanted_;
  phase_result live_, stalled_;
  std::uint64_t idle_before_ = 0, idle_after_ = 0;
  bool printed_ = false;
};

int measure(int argc, char** argv) {
  CLI::App app("how soon many subscribers are told of a report");
  settings wanted;
  bool quick = false;
  app.add_option("--server", wanted.server, "the planexe-ax to start")->required()->check(CLI::ExistingFile);
  app.add_option("--folder", wanted.folder, "for its data, on the disk that counts")->required();
  app.add_option("--subscribers", wanted.subscribers)->check(CLI::Range(1, 10'000));
  app.add_option("--idle", wanted.idle, "subscribers to nothing that moves")->check(CLI::Range(0, 12'000));
  app.add_option("--rate", wanted.rate, "reports a second")->check(CLI::Range(1, 1'000));
  app.add_option("--seconds", wanted.seconds, "of each of the two measurements")->check(CLI::Range(1, 600));
  app.add_flag("--json", wanted.json, "one object instead of lines");
  app.add_flag("--quick", quick, "50 subscribers and 200 idle ones: whether all are told everything, no more");
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    wanted.subscribers = 50;
    wanted.idle = 200;
    wanted.seconds = 2;
  }
  std::filesystem::create_directories(wanted.folder);
  raise_descriptor_limit(std::max(wanted.subscribers, wanted.idle) + own_descriptors);
  run measured(wanted);
  measured.live();
  measured.idle();
  measured.print();
  return 0;
}

}  // namespace
}  // namespace planexe::bench

int main(int argc, char** argv) {
  try {
    return planexe::bench::measure(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "subscribers: %s\n", failure.what());
    return 1;
  }
}
