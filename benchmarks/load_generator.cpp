// load_generator: puts a server under load and prints what it answered, one "name value" a line.
// `cycles` prepares work on a planexe-ax server and carries it out; `plain` sends the same requests to any server that
// answers 200; `free_port` prints a port for one to listen on.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "benchmarks/load_loop.hpp"
#include "benchmarks/wire.hpp"
#include "benchmarks/workload.hpp"

namespace planexe::bench {
namespace {

// A server that replays nothing starts in far less.
constexpr unsigned ready_seconds = 30;

struct command_line {
  std::uint16_t port = 0;
  workload_shape shape;
  double warmup_seconds = 1;
  double measure_seconds = 5;
};

void print_latency(const char* kind, latency_samples& samples) {
  std::printf("%s_p50_us %u\n%s_p99_us %u\n%s_max_us %u\n", kind, samples.percentile(0.5), kind,
              samples.percentile(0.99), kind, samples.percentile(1));
}

int print(load_outcome outcome) {
  std::printf("seconds %.3f\ncycles %llu\n", outcome.seconds, static_cast<unsigned long long>(outcome.cycles));
  std::printf("cycles_per_second %.0f\n", static_cast<double>(outcome.cycles) / outcome.seconds);
  std::printf("requests_per_second %.0f\n", static_cast<double>(outcome.requests) / outcome.seconds);
  print_latency("poll", outcome.poll);
  print_latency("report", outcome.report);
  std::printf("empty_polls %llu\nerrors %llu\n", static_cast<unsigned long long>(outcome.empty_polls),
              static_cast<unsigned long long>(outcome.errors));
  if (outcome.errors > 0) std::fprintf(stderr, "load_generator: first error: %s\n", outcome.first_error.c_str());
  return outcome.cycles > 0 ? 0 : 1;
}

load_options windows(const command_line& line) {
  load_options options;
  options.port = line.port;
  options.warmup_seconds = line.warmup_seconds;
  options.measure_seconds = line.measure_seconds;
  return options;
}

int run_cycles(const command_line& line) {
  wait_until_ready(line.port, ready_seconds);
  const auto prepared = prepare(line.port, line.shape);
  auto options = windows(line);
  options.agent_ids = prepared.agent_ids;
  options.tasks_total = prepared.tasks_total;
  if (!line.shape.start) options.one_at_a_time = prepared.execution_ids;
  return print(run_load(options));
}

int run_plain(const command_line& line) {
  wait_until_ready(line.port, ready_seconds);
  auto options = windows(line);
  options.plain = true;
  for (unsigned i = 0; i < line.shape.agents; ++i) options.agent_ids.push_back("agent-" + std::to_string(i));
  return print(run_load(options));
}

int run(int argc, char** argv) {
  CLI::App app("puts a server under load");
  app.require_subcommand(1);
  command_line line;
  auto* cycles = app.add_subcommand("cycles", "prepare work on a planexe-ax server and carry it out");
  auto* plain = app.add_subcommand("plain", "send the same requests to any server that answers 200");
  const auto* port = app.add_subcommand("free_port", "print a port nobody listens on");
  for (auto* command : {cycles, plain}) {
    command->add_option("--port", line.port, "of 127.0.0.1")->required();
    command->add_option("--agents", line.shape.agents, "connections, one an agent")->check(CLI::Range(1, 4096));
    command->add_option("--warmup", line.warmup_seconds, "seconds before the window");
    command->add_option("--seconds", line.measure_seconds, "of the window, at most");
  }
  cycles->add_option("--executions", line.shape.executions)->check(CLI::Range(1, 4096));
  cycles->add_option("--leaves", line.shape.leaves, "of each execution")->check(CLI::Range(1, 19000));
  bool one_at_a_time = false;
  cycles->add_flag("--one-at-a-time", one_at_a_time, "carry the executions out one after the other");
  CLI11_PARSE(app, argc, argv);
  if (port->parsed()) {
    std::printf("%u\n", free_port());
    return 0;
  }
  line.shape.start = !one_at_a_time;
  return cycles->parsed() ? run_cycles(line) : run_plain(line);
}

}  // namespace
}  // namespace planexe::bench

int main(int argc, char** argv) {
  try {
    return planexe::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "load_generator: %s\n", failure.what());
    return 1;
  }
}
