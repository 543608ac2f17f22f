// The words of the command line. Each `add_…` adds one with its options, and gives what runs when it was asked for. At
// the start, one thread. Exit codes: 0 done, 1 found a problem, 2 wrong use, or cannot start.
#pragma once

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace planexe::commands {

struct command {
  const CLI::App* word = nullptr;
  std::function<int()> run;
};

inline constexpr int exit_problem = 1, exit_usage = 2;

/// Who does what is done from a shell, for the record: the user's name as the shell has it, else the account's, else
/// its number.
inline std::string shell_actor() {
  if (const char* user = std::getenv("USER"); user != nullptr && *user != '\0') return "shell:" + std::string(user);
  const passwd* account = getpwuid(getuid());
  if (account != nullptr && account->pw_name != nullptr && *account->pw_name != '\0')
    return "shell:" + std::string(account->pw_name);
  return "shell:" + std::to_string(getuid());
}

command add_serve_command(CLI::App& app);
command add_demo_command(CLI::App& app);

command add_import_command(CLI::App& app);
command add_why_command(CLI::App& app);
command add_status_command(CLI::App& app);
command add_fork_command(CLI::App& app);
command add_compare_command(CLI::App& app);

command add_replay_command(CLI::App& app);
command add_export_command(CLI::App& app);
command add_import_log_command(CLI::App& app);
command add_archive_command(CLI::App& app);
command add_backup_command(CLI::App& app);
command add_restore_command(CLI::App& app);
command add_erase_command(CLI::App& app);
command add_keys_command(CLI::App& app);

}  // namespace planexe::commands
