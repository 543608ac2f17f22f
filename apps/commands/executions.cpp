// What asks about plans and executions, and makes them.
#include <CLI/CLI.hpp>

#include <iostream>

#include "apps/commands/command.hpp"
#include "apps/forks/fork_command.hpp"
#include "apps/import/import_plan.hpp"
#include "apps/over_zero.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/usual_server.hpp"
#include "apps/why/ask.hpp"

namespace planexe::commands {
namespace {

void add_source_options(CLI::App& command, planexe::asking::question& wanted) {
  command.add_flag("--json", wanted.json, "print one JSON value");
  auto* url = command.add_option("--url", wanted.url, planexe::answers::server_help("the server to ask"));
  command.add_option("--data-dir", wanted.data_folder, "read the log itself, also while a server has it open")
      ->excludes(url);
}

int answer(planexe::asking::question wanted,
           int (*say)(const planexe::asking::question&, std::ostream&, std::ostream&)) {
  const auto shown = planexe::terminal::of_standard_output();
  wanted.width = shown.width;
  wanted.colours = shown.colours;
  return say(wanted, std::cout, std::cerr);
}

}  // namespace

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
  command->add_option("--url", wanted.url, planexe::answers::server_help());
  return {command, [options] {
            const auto shown = planexe::terminal::of_standard_output();
            options->width = shown.width;
            options->colours = shown.colours;
            return planexe::importing::run_import(*options, std::cout, std::cerr);
          }};
}

command add_why_command(CLI::App& app) {
  const auto asked = std::make_shared<planexe::asking::question>();
  auto& wanted = *asked;
  auto* command = app.add_subcommand("why", "Why an execution, or a task of it, is not done yet");
  command->add_option("execution", wanted.execution, "the execution's id")->required();
  command->add_option("task", wanted.task, "the id of a phase, task or subtask");
  add_source_options(*command, wanted);
  command->add_option("--at", wanted.at_seq, "as it was after the event of that seq")->check(planexe::over_zero());
  return {command, [asked] { return answer(*asked, planexe::asking::run_why); }};
}

command add_status_command(CLI::App& app) {
  const auto asked = std::make_shared<planexe::asking::question>();
  auto& wanted = *asked;
  auto* command = app.add_subcommand("status", "How far an execution is, or all of them, the newest first");
  command->add_option("execution", wanted.execution, "the execution's id; without it all are listed");
  add_source_options(*command, wanted);
  return {command, [asked] { return answer(*asked, planexe::asking::run_status); }};
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
      ->check(planexe::over_zero());
  command->add_option("--title", wanted.title, "its title (default: the same)");
  auto* agent = command->add_option("--agent", wanted.agent, "who alone may work on it (default: as before)");
  command->add_flag("--any-agent", wanted.any_agent, "anybody may work on it")->excludes(agent);
  command->add_option("--priority", wanted.priority, "higher goes first (default: as before)");
  command->add_option("--options", wanted.options,
                      R"(what is to be different, as JSON: '{"max_parallel": 2, "review_threshold": 0}')");
  command->add_option("--reason", wanted.reason, "kept in its history");
  command->add_flag("--json", wanted.json, "print the new execution as JSON");
  command->add_option("--url", wanted.url, planexe::answers::server_help());
  return {command, [order] { return planexe::forks::run_fork(*order, std::cout, std::cerr); }};
}

}  // namespace planexe::commands
