// planexe-ax: one program, its work chosen by the first word. Exit 0: done; 1: found a problem; 2: wrong use, or cannot
// start.
#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <thread>

#include "apps/demo/demo.hpp"
#include "apps/demo/http_client.hpp"
#include "apps/demo/plan_upload.hpp"
#include "apps/erase/erase_command.hpp"
#include "apps/forks/fork_command.hpp"
#include "apps/import/import_plan.hpp"
#include "apps/keys/keys_command.hpp"
#include "apps/replay/replay.hpp"
#include "apps/server_process.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/why/ask.hpp"

extern char** environ;

namespace {

using planexe::apps::server_process;
namespace config = planexe::config;

constexpr int exit_problem = 1, exit_usage = 2;

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
    spdlog::info("serving on http://{}:{}, data in {}, {} executions found", settings.execution_host, (*server)->port(),
                 settings.execution_data_dir.string(), (*server)->executions_found());
    const int signal = wait_for_signal(signals);
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
  fmt::print("data in {}: {} executions from before\n", settings.execution_data_dir.string(),
             (*server)->executions_found());
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

void add_source_options(CLI::App& command, planexe::asking::question& wanted) {
  command.add_flag("--json", wanted.json, "print one JSON value");
  auto* url = command.add_option("--url", wanted.url, "the server to ask (default http://127.0.0.1:8090)");
  command.add_option("--data-dir", wanted.data_folder, "read the log itself, also while a server has it open")
      ->excludes(url);
}

/// What runs when its word was given, and gives the exit code.
struct command {
  const CLI::App* word = nullptr;
  std::function<int()> run;
};

command add_import_command(CLI::App& app) {
  const auto options = std::make_shared<planexe::importing::import_options>();
  auto& wanted = *options;
  auto* command = app.add_subcommand("import", "Give a plan to a server, or show what it would become");
  command->add_option("plan", wanted.plan, "a PlanExe run (zip or folder), JSON, CSV or Markdown")
      ->required()
      ->check(CLI::ExistingPath);
  command->add_flag("--dry-run", wanted.dry_run,
                    "show the tasks, roles, warnings and the critical path; store nothing");
  command->add_flag("--json", wanted.json, "print one JSON object");
  command->add_option("--url", wanted.url, "the server (default http://127.0.0.1:8090)");
  return {command, [options] {
            const auto shown = planexe::terminal::of_standard_output();
            options->width = shown.width;
            options->colours = shown.colours;
            return planexe::importing::run_import(*options, std::cout, std::cerr);
          }};
}

int answer(planexe::asking::question wanted,
           int (*say)(const planexe::asking::question&, std::ostream&, std::ostream&)) {
  const auto shown = planexe::terminal::of_standard_output();
  wanted.width = shown.width;
  wanted.colours = shown.colours;
  return say(wanted, std::cout, std::cerr);
}

command add_why_command(CLI::App& app) {
  const auto asked = std::make_shared<planexe::asking::question>();
  auto& wanted = *asked;
  auto* command = app.add_subcommand("why", "Why an execution, or a task of it, is not done yet");
  command->add_option("execution", wanted.execution, "the execution's id")->required();
  command->add_option("task", wanted.task, "the id of a phase, task or subtask");
  add_source_options(*command, wanted);
  command->add_option("--at", wanted.at_seq, "as it was after the event of that seq")->check(CLI::PositiveNumber);
  return {command, [asked] { return answer(*asked, planexe::asking::run_why); }};
}

command add_compare_command(CLI::App& app) {
  const auto asked = std::make_shared<planexe::asking::question>();
  auto& wanted = *asked;
  auto* command = app.add_subcommand("compare", "How two executions differ, above all a fork and its origin");
  command->add_option("execution", wanted.execution, "the one execution's id")->required();
  command->add_option("with", wanted.with, "the other one's")->required();
  add_source_options(*command, wanted);
  return {command, [asked] { return answer(*asked, planexe::asking::run_compare); }};
}

command add_fork_command(CLI::App& app) {
  const auto order = std::make_shared<planexe::forks::fork_order>();
  auto& wanted = *order;
  auto* command = app.add_subcommand("fork", "Make an execution that begins as another one was at a past moment");
  command->add_option("execution", wanted.execution, "the id of the one to begin from, which stays as it is")
      ->required();
  command->add_option("--at", wanted.at_seq, "the seq of the last event that is taken over")
      ->required()
      ->check(CLI::PositiveNumber);
  command->add_option("--title", wanted.title, "its title (default: the same)");
  auto* agent = command->add_option("--agent", wanted.agent, "who alone may work on it (default: as before)");
  command->add_flag("--any-agent", wanted.any_agent, "anybody may work on it")->excludes(agent);
  command->add_option("--priority", wanted.priority, "higher goes first (default: as before)");
  command->add_option("--options", wanted.options,
                      R"(what is to be different, as JSON: '{"max_parallel": 2, "review_threshold": 0}')");
  command->add_option("--reason", wanted.reason, "kept in its history");
  command->add_flag("--json", wanted.json, "print the new execution as JSON");
  command->add_option("--url", wanted.url, "the server (default http://127.0.0.1:8090)");
  return {command, [order] { return planexe::forks::run_fork(*order, std::cout, std::cerr); }};
}

command add_status_command(CLI::App& app) {
  const auto asked = std::make_shared<planexe::asking::question>();
  auto& wanted = *asked;
  auto* command = app.add_subcommand("status", "How far an execution is, or all of them, the newest first");
  command->add_option("execution", wanted.execution, "the execution's id; without it all are listed");
  add_source_options(*command, wanted);
  return {command, [asked] { return answer(*asked, planexe::asking::run_status); }};
}

command add_replay_command(CLI::App& app) {
  const auto request = std::make_shared<planexe::replaying::replay_request>();
  auto& wanted = *request;
  auto* word = app.add_subcommand("replay", "An execution as it was after any of its events, and how it came there");
  word->add_option("what", wanted.what, "the execution's id, or a file with its events")->required();
  word->add_option("execution", wanted.execution, "which one, of a file that holds several");
  auto* url = word->add_option("--url", wanted.url, "the server to ask (default http://127.0.0.1:8090)");
  word->add_option("--data-dir", wanted.data_folder, "read the log itself, also while a server has it open")
      ->excludes(url);
  word->add_option("--at", wanted.at, "after the event of that seq, or at that time; where playing begins");
  word->add_option("--diff", wanted.diff, "what is different between two moments")->expected(2);
  word->add_flag("--step", wanted.step, "event by event: n next, p previous, a number and Enter, q quit");
  word->add_option("--speed", wanted.speed, "played so many times as fast as it happened")->check(CLI::PositiveNumber);
  word->add_flag("--follow", wanted.follow, "go on with what happens now");
  word->add_flag("--all", wanted.all_tasks, "every task, also what is done or has not begun");
  word->add_flag("--json", wanted.json, "print one JSON value; one a line with --step, --speed and --follow");
  return {word, [request] {
            const auto shown = planexe::terminal::of_standard_output();
            request->width = shown.width;
            request->height = shown.height;
            request->colours = shown.colours;
            request->moves = shown.moves;
            return planexe::replaying::run_replay(*request, std::cout, std::cerr);
          }};
}

using planexe::keys::keys_order;

struct keys_verbs {
  keys_order create{.what = keys_order::verb::create}, list{.what = keys_order::verb::list},
      revoke{.what = keys_order::verb::revoke};
  CLI::App *creates = nullptr, *lists = nullptr, *revokes = nullptr;
};

CLI::App* add_key_verb(CLI::App& keys, const char* name, const char* summary, keys_order& order) {
  auto* verb = keys.add_subcommand(name, summary);
  verb->add_flag("--json", order.json, "print one JSON value");
  auto* url =
      verb->add_option("--url", order.url, "the server (default http://127.0.0.1:8090); your key in PLANEXE_API_KEY");
  verb->add_option("--data-dir", order.data_folder, "the data folder itself; to change it, no server may have it open")
      ->excludes(url);
  return verb;
}

int run_keys(const keys_verbs& keys) {
  auto order = keys.creates->parsed() ? keys.create : keys.lists->parsed() ? keys.list : keys.revoke;
  const char* user = std::getenv("USER");
  order.actor = "shell:" + std::string(user != nullptr ? user : "");
  return planexe::keys::run_keys(order, std::cout, std::cerr);
}

command add_keys_command(CLI::App& app) {
  const auto verbs = std::make_shared<keys_verbs>();
  auto& keys = *verbs;
  auto* command = app.add_subcommand("keys", "Make, list and revoke keys");
  command->require_subcommand(1);
  keys.creates = add_key_verb(*command, "create", "Make a key, and show it this once", keys.create);
  keys.creates->add_option("--role", keys.create.role, "admin, operator, viewer or agent")
      ->required()
      ->check(CLI::IsMember({"admin", "operator", "viewer", "agent"}));
  keys.creates->add_option("--name", keys.create.name, "whose it is: the actor in what its bearer does");
  keys.creates->add_option("--agent", keys.create.agent, "the agent whose key it is; needed for the role agent");
  keys.creates->add_option("--expires-days", keys.create.expires_days, "days until it expires (default: never)");
  keys.lists = add_key_verb(*command, "list", "List keys, the newest first; none is shown itself", keys.list);
  keys.revokes = add_key_verb(*command, "revoke", "Revoke a key at once", keys.revoke);
  keys.revokes->add_option("key", keys.revoke.key_id, "the key's id")->required();
  return {command, [verbs] { return run_keys(*verbs); }};
}

command add_erase_command(CLI::App& app) {
  const auto order = std::make_shared<planexe::erasing::erase_order>();
  auto& wanted = *order;
  auto* word = app.add_subcommand("erase", "Erase the words and the name of a person from a data folder");
  word->add_option("subject", wanted.subject, "agent:ID of a human agent, or the name of a person's key");
  word->add_option("--data-dir", wanted.data_folder, "the data folder; to erase, no server may have it open")
      ->required();
  word->add_option("--reason", wanted.reason, "why, for the record");
  word->add_flag("--list", wanted.list, "list whose words can be erased; also while a server has the folder open");
  word->add_flag("--json", wanted.json, "print one JSON value");
  return {word, [order] {
            const char* user = std::getenv("USER");
            order->actor = "shell:" + std::string(user != nullptr ? user : "");
            return planexe::erasing::run_erase(*order, std::cout, std::cerr);
          }};
}

command add_serve_command(CLI::App& app) {
  const auto flags = std::make_shared<server_flags>();
  auto* word = app.add_subcommand("serve", "Serve HTTP until told to stop");
  add_server_flags(*word, *flags);
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
      ->check(CLI::PositiveNumber);
  word->add_flag("--leave", wanted.leave, "end with the execution, also in a terminal");
  return {word, [word, flags, options] {
            auto settings = settings_of(*word, *flags);
            return settings ? demo(std::move(*settings), *options) : refuse(settings.error());
          }};
}

constexpr std::array add_commands{add_serve_command,  add_demo_command,  add_import_command,  add_why_command,
                                  add_status_command, add_fork_command,  add_compare_command, add_keys_command,
                                  add_erase_command,  add_replay_command};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Executes PlanExe plans with agents."};
  app.set_version_flag("--version", "planexe-ax " PLANEXE_VERSION);
  app.require_subcommand(1);
  std::vector<command> commands;
  for (const auto add : add_commands) commands.push_back(add(app));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? 0 : exit_usage;
  }
  const auto chosen =
      std::find_if(commands.begin(), commands.end(), [](const command& each) { return each.word->parsed(); });
  return chosen->run();
}
