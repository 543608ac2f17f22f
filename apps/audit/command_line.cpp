#include "apps/audit/command_line.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <iostream>
#include <memory>

#include "apps/audit/audit_command.hpp"
#include "apps/audit/salvage_command.hpp"
#include "apps/audit/verify_command.hpp"
#include "apps/over_zero.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/usual_server.hpp"

namespace planexe::auditing {
namespace {

look of_this_terminal() {
  const auto shown = terminal::of_standard_output();
  return {shown.width, shown.colours, shown.moves && isatty(STDERR_FILENO) == 1};
}

}  // namespace

added_command add_verify(CLI::App& app) {
  const auto order = std::make_shared<verify_order>();
  auto* word = app.add_subcommand("verify", "Whether the record is whole: of one execution, or of everything");
  word->add_option("what", order->what,
                   "an execution's id, or a record file (exported or archived); without it everything is checked");
  word->add_flag("--json", order->json, "print one JSON value");
  auto* url = word->add_option("--url", order->url, answers::server_help("the server to ask"));
  auto* folder = word->add_option("--data-dir", order->data_folder,
                                  "check the data folder itself, also while a server has it open")
                     ->excludes(url);
  auto* key = word->add_option("--key", order->key_file, "the private key (PEM, Ed25519) that signs a new anchor");
  word->add_option("--write-anchor", order->write_anchor, "write a signed anchor of the whole log to this file")
      ->needs(folder)
      ->needs(key);
  auto* anchor =
      word->add_option("--anchor", order->anchor_file, "whether the log still begins as it did when this was written")
          ->needs(folder);
  word->add_option("--public-key", order->public_key_file, "whose signature the anchor must have (PEM)")->needs(anchor);
  return {word, [order] { return run_verify(*order, of_this_terminal(), std::cout, std::cerr); }};
}

added_command add_audit(CLI::App& app) {
  const auto proving = std::make_shared<prove_order>();
  const auto checking = std::make_shared<check_order>();
  const auto making = std::make_shared<std::string>();
  auto* word = app.add_subcommand("audit", "Prove an event to somebody outside, and check such a proof");
  word->require_subcommand(1);

  auto* prove = word->add_subcommand("prove", "Write a proof that an event stands in the log");
  prove->add_option("execution", proving->execution, "the execution's id")->required();
  prove->add_option("seq", proving->seq, "the event's number in it")->required()->check(planexe::over_zero());
  prove->add_option("--data-dir", proving->data_folder, "the data folder, also while a server has it open")->required();
  auto* key = prove->add_option("--key", proving->key_file, "the private key (PEM, Ed25519) that signs the log's head");
  prove
      ->add_option("--anchor", proving->anchor_file, "prove it by this anchor instead, which was taken after the event")
      ->excludes(key);
  prove->add_option("-o,--output", proving->output, "the file to write (default: standard output)");
  prove->add_flag("--json", proving->json, "tell about the file in JSON");

  auto* check = word->add_subcommand("check", "Check a proof, or an anchor's signature, without the log");
  check->add_option("file", checking->file, "the proof or the anchor")->required();
  check->add_option("--public-key", checking->public_key_file, "whose signature it must have (PEM)");
  check->add_flag("--json", checking->json, "print one JSON value");

  auto* keygen = word->add_subcommand("keygen", "Make a key that signs anchors: FILE, and FILE.pub for everybody");
  keygen->add_option("file", *making, "where the private key goes")->required();

  return {word, [=] {
            if (prove->parsed()) return run_prove(*proving, std::cout, std::cerr);
            if (check->parsed()) return run_check(*checking, std::cout, std::cerr);
            return run_keygen(*making, std::cout, std::cerr);
          }};
}

added_command add_salvage(CLI::App& app) {
  const auto order = std::make_shared<salvage_order>();
  auto* word = app.add_subcommand("salvage", "Take what stands of a damaged data folder into a new one");
  word->add_option("damaged", order->from, "the data folder; no server may have it open, and nothing in it is changed")
      ->required();
  word->add_option("new", order->to, "the folder to make")->required();
  word->add_flag("--json", order->json, "print one JSON value");
  return {word, [order] { return run_salvage(*order, of_this_terminal(), std::cout, std::cerr); }};
}

}  // namespace planexe::auditing
