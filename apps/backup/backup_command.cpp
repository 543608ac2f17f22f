#include "apps/backup/backup_command.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <thread>

#include "apps/server_answers.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "eventstore/backup.hpp"
#include "eventstore/hash_chain.hpp"

#include "archive/archive_folder.hpp"
#include "audit/verify.hpp"

namespace planexe::backing_up {
namespace {

using answers::body_of;
using answers::json;
using fields::count_in;
using fields::text_in;
using verb = backup_question::verb;

constexpr int exit_done = 0;
constexpr std::chrono::minutes longest_answer{3};  // the server answers within two, or goes on without an answer
constexpr std::chrono::seconds ask_again{1};

domain::timestamp wall_clock() {
  return std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
}

void tell(std::ostream& out, std::string_view message) {
  out << terminal::printable(message) << '\n';
}

json as_json(const std::string& name, const eventstore::backup_facts& facts) {
  return {{"name", name},
          {"made_at", domain::format_rfc3339(facts.made_at)},
          {"release", facts.release},
          {"log_position", facts.head.position},
          {"log_hash", eventstore::to_hex(facts.head.hash)},
          {"files", facts.files},
          {"bytes", facts.bytes}};
}

/// The log in a backup, event by event, as `planexe-ax verify` does it.
result<void> check_log(const std::string& backup) {
  const auto data = eventstore::data_in_backup(backup);
  audit::verify_options options;
  options.archive = std::make_shared<const archive::archive_folder>(archive::folder_in(data));
  const auto verdict = audit::verify_folder(data, options);
  if (!verdict) return unexpected{verdict.error()};
  if (verdict->whole()) return {};
  const auto& first = verdict->unopened ? verdict->unopened->detail : verdict->findings.front().fault.what;
  return unexpected{error{errc::corrupt, "every file of " + backup +
                                             " is as it was written, but its log was not whole: " + first +
                                             "; planexe-ax verify --data-dir " + data + " says more"}};
}

result<json> on_folders(const backup_question& asked) {
  const auto facts = [&] {
    switch (asked.what) {
      case verb::verify:
        return eventstore::verify_backup(asked.target);
      case verb::restore:
        return eventstore::restore_backup(asked.target, asked.data_folder);
      default:
        return eventstore::back_up_folder(
            asked.data_folder, {.target = asked.target, .release = asked.release, .now = wall_clock(), .go_on = {}});
    }
  }();
  if (!facts) return unexpected{facts.error()};
  if (asked.what == verb::verify)
    if (auto checked = check_log(asked.target); !checked) return unexpected{checked.error()};
  return as_json(asked.target, *facts);
}

result<json> at_server(const backup_question& asked) {
  const auto server = answers::server_at(asked.url);
  if (!server) return unexpected{server.error()};
  demo::http_client client{*server, longest_answer};
  if (asked.what == verb::list) return body_of(client.request("GET", "/api/admin/backups"));
  if (!asked.target.empty() && !eventstore::is_backup_name(asked.target))
    return unexpected{error{errc::invalid, "'" + asked.target +
                                               "' is not a name; the server makes backups in its own folder "
                                               "(PLANEXE_BACKUP_DIR), and --data-dir makes one anywhere"}};
  const json wanted = asked.target.empty() ? json::object() : json{{"name", asked.target}};
  auto backup = body_of(client.request("POST", "/api/admin/backups", wanted.dump()));
  while (backup && text_in(*backup, "status") == "making") {
    std::this_thread::sleep_for(ask_again);
    backup = body_of(client.request("GET", "/api/admin/backups/" + text_in(*backup, "name")));
  }
  if (backup && text_in(*backup, "status") == "failed") return unexpected{error{errc::io, text_in(*backup, "detail")}};
  return backup;
}

/// "1.2 MB"
std::string size_words(std::uint64_t bytes) {
  constexpr std::uint64_t kilobyte = 1'024, megabyte = kilobyte * kilobyte;
  if (bytes < megabyte) return std::to_string((bytes + kilobyte - 1) / kilobyte) + " kB";
  return std::to_string(bytes / megabyte) + "." + std::to_string(bytes % megabyte * 10 / megabyte) + " MB";
}

std::string facts_words(const json& backup) {
  return terminal::counted(count_in(backup, "log_position"), "event") + ", " +
         terminal::counted(count_in(backup, "files"), "file") + ", " + size_words(count_in(backup, "bytes")) +
         ", made " + text_in(backup, "made_at");
}

void show(const backup_question& asked, const json& answer, std::ostream& out) {
  if (asked.json) {
    out << answer.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
    return;
  }
  const auto name = text_in(answer, "name");
  switch (asked.what) {
    case verb::list:
      for (const auto& backup : answer)
        tell(out, text_in(backup, "name") + ": " +
                      (text_in(backup, "status") == "making" ? "is being made since " + text_in(backup, "made_at")
                                                             : facts_words(backup)));
      return;
    case verb::make:
      return tell(out, "made " + name + ": " + facts_words(answer));
    case verb::verify:
      return tell(out, name + " is whole: " + facts_words(answer));
    case verb::restore:
      return tell(out, "restored to " + asked.data_folder + ": " + facts_words(answer));
  }
}

}  // namespace

int run_backup(const backup_question& asked, std::ostream& out, std::ostream& err) {
  try {
    const bool at_folders = asked.what == verb::verify || asked.what == verb::restore || !asked.data_folder.empty();
    if (at_folders && asked.target.empty())
      return terminal::fail({errc::invalid, "say where the backup is to be made"}, asked.json, out, err);
    const auto answer = at_folders ? on_folders(asked) : at_server(asked);
    if (!answer) return terminal::fail(answer.error(), asked.json, out, err);
    show(asked, *answer, out);
    return exit_done;
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, asked.json, out, err);
  }
}

}  // namespace planexe::backing_up
