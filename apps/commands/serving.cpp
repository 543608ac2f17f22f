// `serve` and `demo`: what runs a server.
#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "apps/commands/command.hpp"
#include "apps/demo/demo.hpp"
#include "apps/demo/http_client.hpp"
#include "apps/demo/plan_upload.hpp"
#include "apps/over_zero.hpp"
#include "apps/server_process.hpp"
#include "apps/terminal/text.hpp"

extern char** environ;

namespace planexe::commands {
namespace {

using planexe::apps::server_process;
namespace config = planexe::config;

struct server_flags {
  std::map<std::string, std::string> values;
  std::string config_file;
};

/// Every setting is a flag of the same name.
void add_server_flags(CLI::App& command, server_flags& flags) {
  for (const auto& setting : config::settings())
    command.add_option(config::flag_of(setting), flags.values[std::string(setting.name)],
                       std::string(setting.summary) + " (" + config::variable_of(setting) + ", default '" +
                           std::string(setting.default_value) + "')");
  command.add_option("--config", flags.config_file, "a TOML file with settings")->check(CLI::ExistingFile);
}

planexe::result<config::server_config> settings_of(const CLI::App& command, const server_flags& flags) {
  config::config_sources sources;
  for (const auto& [name, value] : flags.values) {
    std::string flag = "--" + name;
    std::replace(flag.begin(), flag.end(), '_', '-');
    if (command.count(flag) > 0) sources.flags[name] = value;
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      sources.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  sources.env_file = ".env";
  const std::filesystem::path usual_file = "configs/planexe-ax.toml";
  if (!flags.config_file.empty())
    sources.toml_file = flags.config_file;
  else if (std::filesystem::exists(usual_file))
    sources.toml_file = usual_file;
  return config::load_config(sources);
}

int refuse(const planexe::error& why) {
  fmt::print(stderr, "planexe-ax: {}\n", why.detail);
  return exit_usage;
}

void set_up_log(config::log_level level) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("planexe-ax"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  spdlog::set_level(static_cast<spdlog::level::level_enum>(level == config::log_level::off ? spdlog::level::off
                                                                                           : static_cast<int>(level)));
}

/// Signals are taken by one thread that waits for them; every other thread inherits the block.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

/// Ten thousand parked polls are ten thousand descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::atomic<bool> storage_failed = false;  // whatever ends the process then, it ends with a problem

/// A disk that failed wakes the thread that waits for signals.
void on_storage_failure(const planexe::error& why) {
  if (!storage_failed.exchange(true))
    spdlog::critical("storage failed: {}; nothing more is acknowledged, the process ends", why.detail);
  kill(getpid(), SIGUSR1);
}

std::atomic<bool> starts_anew = false;

/// Wakes the same thread: somebody's words were erased, and what this process knows of them goes with the server.
void ask_to_start_anew() {
  starts_anew = true;
  kill(getpid(), SIGUSR1);
}

int wait_for_signal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

int serve(config::server_config settings) {
  const auto signals = block_signals();
  raise_descriptor_limit();
  set_up_log(settings.level);
  for (;;) {
    auto server = server_process::start(settings, on_storage_failure, ask_to_start_anew);
    if (!server) return refuse(server.error());
    settings.execution_port = (*server)->port();  // another server's is the same
    spdlog::info("serving on http://{}:{}, data in {}, {} found", settings.execution_host, (*server)->port(),
                 settings.execution_data_dir.string(), terminal::counted((*server)->executions_found(), "execution"));
    // One may be left of an erasure that the start before has finished already.
    int signal = wait_for_signal(signals);
    while (signal == SIGUSR1 && !starts_anew && !storage_failed) signal = wait_for_signal(signals);
    if (signal != SIGUSR1) spdlog::info("shutting down");
    (*server)->stop();
    const bool once_more = starts_anew.exchange(false) && signal == SIGUSR1 && !storage_failed;
    if (!once_more) return storage_failed ? exit_problem : 0;
    spdlog::info("starting anew: somebody's words were erased");
  }
}

struct demo_flags {
  std::string plan = PLANEXE_DEMO_PLAN;
  unsigned agents = 0;
  std::uint64_t seed = 1;
  double task_seconds = 0.4;
  bool leave = false;
};

int demo(config::server_config settings, const demo_flags& flags) {
  const auto signals = block_signals();
  raise_descriptor_limit();
  if (settings.level == config::log_level::info) settings.level = config::log_level::warn;  // the picture says the rest
  set_up_log(settings.level);
  auto plan = planexe::demo::read_plan(flags.plan);
  if (!plan) return refuse(plan.error());
  auto server = server_process::start(settings, on_storage_failure);
  if (!server && server.error().code == planexe::errc::locked && settings.execution_port != 0) {
    // The usual port may be another server's; the demo is content with any.
    auto elsewhere = settings;
    elsewhere.execution_port = 0;
    if (auto second = server_process::start(elsewhere, on_storage_failure)) server = std::move(second);
  }
  if (!server) return refuse(server.error());
  fmt::print("data in {}: {} from before\n", settings.execution_data_dir.string(),
             terminal::counted((*server)->executions_found(), "execution"));
  std::stop_source stop;
  std::jthread interrupts{[&signals, &stop] {
    wait_for_signal(signals);
    stop.request_stop();
  }};
  planexe::demo::demo_options options;
  options.server = {settings.execution_host, (*server)->port()};
  options.api_key = planexe::demo::key_of_environment();
  options.plan = std::move(*plan);
  options.agents = flags.agents;
  options.seed = flags.seed;
  options.mean_task_seconds = flags.task_seconds;
  options.address = options.server.url() + "/api/executions";
  options.stop = stop.get_token();
  const int code = planexe::demo::run_demo(options);
  const bool stays = !flags.leave && isatty(STDOUT_FILENO) == 1 && !stop.stop_requested();
  if (stays) {
    fmt::print("the server stays up at {}; Ctrl-C ends it\n", options.address);
    interrupts.join();
  } else {
    kill(getpid(), SIGUSR1);
    interrupts.join();
  }
  (*server)->stop();
  return storage_failed ? exit_problem : code;
}

}  // namespace

command add_serve_command(CLI::App& app) {
  const auto flags = std::make_shared<server_flags>();
  auto* word = app.add_subcommand("serve", "Serve HTTP until told to stop");
  add_server_flags(*word, *flags);
  word->footer(
      "Ends with 0 when it was told to stop, with 1 when the disk failed under it, and with 2 when it cannot start, or "
      "start anew after an erasure: a setting is wrong, the data folder is damaged or another server's, the port is "
      "taken. A line on standard error says which.");
  return {word, [word, flags] {
            auto settings = settings_of(*word, *flags);
            return settings ? serve(std::move(*settings)) : refuse(settings.error());
          }};
}

command add_demo_command(CLI::App& app) {
  const auto flags = std::make_shared<server_flags>();
  const auto options = std::make_shared<demo_flags>();
  auto& wanted = *options;
  auto* word = app.add_subcommand("demo", "Serve, load a plan, and let simulated agents work it off");
  add_server_flags(*word, *flags);
  word->add_option("plan", wanted.plan, "a PlanExe run (zip or folder), JSON, CSV or Markdown");
  word->add_option("--agents", wanted.agents, "how many; 0: as many as the plan has roles, 3 to 6");
  word->add_option("--seed", wanted.seed, "of what the agents do");
  word->add_option("--task-seconds", wanted.task_seconds, "how long a task takes on average")
      ->check(planexe::over_zero());
  word->add_flag("--leave", wanted.leave, "end with the execution, also in a terminal");
  return {word, [word, flags, options] {
            auto settings = settings_of(*word, *flags);
            return settings ? demo(std::move(*settings), *options) : refuse(settings.error());
          }};
}

}  // namespace planexe::commands
