// planexe-ax: one program, its work chosen by the first word.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <string_view>

#include "apps/audit/command_line.hpp"
#include "apps/commands/command.hpp"
#include "apps/terminal/failure.hpp"

namespace {

using namespace planexe::commands;

template <auto add>
command audit_command(CLI::App& app) {
  auto [word, run] = add(app);
  return {word, std::move(run)};
}

constexpr std::array add_commands{add_serve_command,
                                  add_demo_command,
                                  add_import_command,
                                  add_why_command,
                                  add_status_command,
                                  add_replay_command,
                                  add_fork_command,
                                  add_compare_command,
                                  audit_command<planexe::auditing::add_verify>,
                                  audit_command<planexe::auditing::add_audit>,
                                  audit_command<planexe::auditing::add_salvage>,
                                  add_export_command,
                                  add_import_log_command,
                                  add_archive_command,
                                  add_backup_command,
                                  add_restore_command,
                                  add_erase_command,
                                  add_keys_command};

/// What was said may not have arrived anywhere: the disk is full, or nobody takes it.
int after_output(int code) {
  if (std::cout.flush() && std::ferror(stdout) == 0) return code;
  if (code == 0) std::cerr << "planexe-ax: the output cannot be written\n";
  return code == 0 ? exit_problem : code;
}

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
    if (wrong.get_exit_code() == 0) return after_output(app.exit(wrong));  // help was asked for, or the version
    const bool as_json = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
    planexe::terminal::put_failure({planexe::errc::invalid, wrong.what()}, as_json, std::cout);
    app.exit(wrong);
    return exit_usage;
  }
  const auto chosen =
      std::find_if(commands.begin(), commands.end(), [](const command& each) { return each.word->parsed(); });
  return after_output(chosen->run());
}
