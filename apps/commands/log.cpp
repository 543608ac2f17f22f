// What reads the log, moves it and cares for it.
#include <CLI/CLI.hpp>

#include <iostream>

#include "apps/archive/archive_command.hpp"
#include "apps/backup/backup_command.hpp"
#include "apps/commands/command.hpp"
#include "apps/erase/erase_command.hpp"
#include "apps/keys/keys_command.hpp"
#include "apps/moving/export_log.hpp"
#include "apps/moving/import_log.hpp"
#include "apps/over_zero.hpp"
#include "apps/replay/replay.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/usual_server.hpp"

namespace planexe::commands {
namespace {

using planexe::backing_up::backup_question;

struct backup_verbs {
  backup_question make{.what = backup_question::verb::make, .release = PLANEXE_VERSION},
      list{.what = backup_question::verb::list}, verify{.what = backup_question::verb::verify};
  CLI::App *lists = nullptr, *verifies = nullptr;
};

using planexe::keys::keys_order;

struct keys_verbs {
  keys_order create{.what = keys_order::verb::create}, list{.what = keys_order::verb::list},
      revoke{.what = keys_order::verb::revoke};
  CLI::App *creates = nullptr, *lists = nullptr, *revokes = nullptr;
};

CLI::App* add_key_verb(CLI::App& keys, const char* name, const char* summary, keys_order& order) {
  auto* verb = keys.add_subcommand(name, summary);
  verb->add_flag("--json", order.json, "print one JSON value");
  auto* url = verb->add_option("--url", order.url, planexe::answers::server_help() + "; your key in PLANEXE_API_KEY");
  verb->add_option("--data-dir", order.data_folder, "the data folder itself; to change it, no server may have it open")
      ->excludes(url);
  return verb;
}

int run_keys(const keys_verbs& keys) {
  auto order = keys.creates->parsed() ? keys.create : keys.lists->parsed() ? keys.list : keys.revoke;
  order.actor = shell_actor();
  return planexe::keys::run_keys(order, std::cout, std::cerr);
}

}  // namespace

command add_replay_command(CLI::App& app) {
  const auto request = std::make_shared<planexe::replaying::replay_request>();
  auto& wanted = *request;
  auto* word = app.add_subcommand("replay", "An execution as it was after any of its events, and how it came there");
  word->add_option("what", wanted.what, "the execution's id, or a file with its events")->required();
  word->add_option("execution", wanted.execution, "which one, of a file that holds several");
  auto* url = word->add_option("--url", wanted.url, planexe::answers::server_help("the server to ask"));
  word->add_option("--data-dir", wanted.data_folder, "read the log itself, also while a server has it open")
      ->excludes(url);
  word->add_option("--at", wanted.at, "after the event of that seq, or at that time; where playing begins");
  word->add_option("--diff", wanted.diff, "what is different between two moments")->expected(2);
  word->add_flag("--step", wanted.step, "event by event: n next, p previous, a number and Enter, q quit");
  word->add_option("--speed", wanted.speed, "played so many times as fast as it happened")->check(planexe::over_zero());
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

command add_export_command(CLI::App& app) {
  const auto order = std::make_shared<planexe::moving::export_order>();
  auto& wanted = *order;
  auto* word = app.add_subcommand("export", "Write an execution's events, or a whole log, to a record file");
  auto* which = word->add_option_group("what")->require_option(1);
  which->add_option("execution", wanted.execution, "the execution's id");
  which->add_flag_callback(
      "--all", [] {}, "the whole log, in its order; with --data-dir");
  word->add_option("--at", wanted.last_seq, "up to the event of that seq")->check(planexe::over_zero());
  word->add_option("-o,--output", wanted.output, "a new file; compressed where its name ends with .zst");
  word->add_flag("--as-test", wanted.as_test,
                 "make a test of it: OUTPUT.jsonl, and OUTPUT_test.cpp, which checks the states that were true then");
  word->add_flag("--json", wanted.json, "tell about the file in JSON");
  auto* url = word->add_option("--url", wanted.url, planexe::answers::server_help() + "; your key in PLANEXE_API_KEY");
  word->add_option("--data-dir", wanted.data_folder, "read the log itself, also while a server has it open")
      ->excludes(url);
  return {word, [order] { return planexe::moving::run_export(*order, std::cout, std::cerr); }};
}

command add_import_log_command(CLI::App& app) {
  const auto order = std::make_shared<planexe::moving::import_order>();
  auto& wanted = *order;
  auto* word = app.add_subcommand("import-log", "Check a record file, and store its events in a data folder");
  word->add_option("file", wanted.file, "a record file, compressed or not")->required();
  word->add_option("--data-dir", wanted.data_folder, "the folder, new or not; no server may have it open")->required();
  word->add_flag("--dry-run", wanted.dry_run, "check the file, also against the folder; store nothing");
  word->add_flag("--json", wanted.json, "print one JSON object");
  return {word, [order] { return planexe::moving::run_import_log(*order, std::cout, std::cerr); }};
}

command add_archive_command(CLI::App& app) {
  const auto order = std::make_shared<planexe::archiving::archive_order>();
  auto& wanted = *order;
  auto* word = app.add_subcommand("archive", "Take executions that are over out of the log, into files of their own");
  auto* one = word->add_option("execution", wanted.execution, "the execution's id");
  word->add_option("--older-than", wanted.older_than_days, "days: all that have been over for longer")->excludes(one);
  auto* url = word->add_option("--url", wanted.url, planexe::answers::server_help());
  word->add_option("--data-dir", wanted.data_folder, "the data folder of a server that does not run")->excludes(url);
  word->add_flag("--json", wanted.json, "print one JSON array");
  return {word, [order] {
            order->actor = shell_actor();
            return planexe::archiving::run_archive(*order, std::cout, std::cerr);
          }};
}

command add_backup_command(CLI::App& app) {
  const auto verbs = std::make_shared<backup_verbs>();
  auto& [make, list, verify, lists, verifies] = *verbs;
  auto* word = app.add_subcommand("backup", "Back the log up, also while a server writes it");
  word->require_subcommand(0, 1);
  word->add_option("target", make.target,
                   "its name in the server's folder of backups; with --data-dir: the folder to make");
  word->add_flag("--json", make.json, "print one JSON value");
  auto* url = word->add_option("--url", make.url, planexe::answers::server_help() + "; your key in PLANEXE_API_KEY");
  word->add_option("--data-dir", make.data_folder, "back this data folder up; a server may have it open")
      ->excludes(url);
  lists = word->add_subcommand("list", "List the server's backups, newest first; none is checked");
  lists->add_flag("--json", list.json, "print one JSON value");
  lists->add_option("--url", list.url, planexe::answers::server_help());
  verifies = word->add_subcommand("verify", "Check a backup: every file, and where its log ends");
  verifies->add_option("backup", verify.target, "the folder")->required()->check(CLI::ExistingDirectory);
  verifies->add_flag("--json", verify.json, "print one JSON value");
  return {word, [verbs] {
            const auto& asked = verbs->lists->parsed()      ? verbs->list
                                : verbs->verifies->parsed() ? verbs->verify
                                                            : verbs->make;
            return planexe::backing_up::run_backup(asked, std::cout, std::cerr);
          }};
}

command add_restore_command(CLI::App& app) {
  const auto asked = std::make_shared<backup_question>(backup_question{.what = backup_question::verb::restore});
  auto* word = app.add_subcommand("restore", "Verify a backup and make a data folder of it");
  word->add_option("backup", asked->target, "the folder of the backup")->required()->check(CLI::ExistingDirectory);
  word->add_option("--data-dir", asked->data_folder, "the data folder to make; it must not be there, or be empty")
      ->required();
  word->add_flag("--json", asked->json, "print one JSON value");
  return {word, [asked] { return planexe::backing_up::run_backup(*asked, std::cout, std::cerr); }};
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
            order->actor = shell_actor();
            return planexe::erasing::run_erase(*order, std::cout, std::cerr);
          }};
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

}  // namespace planexe::commands
