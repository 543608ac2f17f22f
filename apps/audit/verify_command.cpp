#include "apps/audit/verify_command.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "apps/audit/files.hpp"
#include "apps/audit/progress_line.hpp"
#include "apps/audit/verdict_text.hpp"
#include "apps/audit/verify_server.hpp"
#include "apps/named_file.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"
#include "eventstore/each_stream.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"
#include "records/reader.hpp"

#include "audit/text_forms.hpp"

namespace planexe::auditing {
namespace {

using json = nlohmann::ordered_json;
using terminal::counted;

constexpr int exit_done = 0, exit_problem = 1;

void print(std::ostream& out, const std::vector<std::string>& lines) {
  for (const auto& line : lines) out << line << '\n';
}

void print_json(std::ostream& out, const json& value) {
  out << value.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
}

// One execution, in a folder.

/// A log whose list of streams is damaged may have had one that it does not know any more.
error unknown_in(const eventstore::rocksdb_store& store, const verify_order& order) {
  const auto listed = eventstore::each_stream(store, [](const eventstore::listed_stream&) { return result<void>{}; });
  if (listed) return {errc::not_found, "no execution '" + order.what + "'"};
  return {errc::corrupt, "nothing of '" + order.what + "' is found, and the log is damaged (" + listed.error().detail +
                             "); planexe-ax verify --data-dir " + order.data_folder + " says what still stands"};
}

int verify_stream(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  const auto fail = [&](const error& why) { return terminal::fail(why, order.json, out, err); };
  const auto store =
      eventstore::rocksdb_store::open_to_check(order.data_folder, {.archive = archive_of(order.data_folder)});
  if (!store) return fail(store.error());
  const auto found = audit::audit_stream(**store, **store, projections::stream_of(domain::execution_id{order.what}));
  if (!found) {
    const bool absent = found.error().code == errc::not_found;
    return fail(absent ? unknown_in(**store, order) : found.error());
  }
  if (order.json)
    print_json(out, json::parse(audit::to_json(*found, order.what)));
  else
    print(out, audit_text(*found, order.what, shown));
  return found->verified() ? exit_done : exit_problem;
}

// Everything in a folder.

result<std::optional<audit::anchor>> anchor_of(const verify_order& order) {
  if (order.anchor_file.empty()) return std::optional<audit::anchor>{};
  const auto text = read_file(order.anchor_file);
  if (!text) return unexpected{text.error()};
  auto taken = audit::parse_anchor(*text);
  if (!taken) return unexpected{error{errc::invalid, order.anchor_file + ": " + taken.error().detail}};
  if (!order.public_key_file.empty()) {
    const auto expected = audit::read_public_key(order.public_key_file);
    if (!expected) return unexpected{expected.error()};
    if (*expected != taken->signer)
      return unexpected{error{errc::conflict, "the anchor is signed by " + audit::hex_of(taken->signer) + ", not by " +
                                                  audit::hex_of(*expected)}};
  }
  return std::optional{*taken};
}

result<void> write_anchor(const verify_order& order, const audit::log_verdict& verdict, const audit::signing_key& key) {
  if (!verdict.whole()) return unexpected{error{errc::corrupt, "no anchor is written of a log that is not whole"}};
  if (!verdict.tree) return unexpected{error{errc::corrupt, "the tree over the log could not be made"}};
  const auto now = std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
  const auto taken = audit::make_anchor(verdict.scan.head.position, verdict.scan.head.hash, *verdict.tree, now, key);
  return write_new_file(order.write_anchor, audit::to_json(taken));
}

int verify_all(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  const auto fail = [&](const error& why) { return terminal::fail(why, order.json, out, err); };
  const auto before = anchor_of(order);
  if (!before) return fail(before.error());
  std::optional<audit::signing_key> key;
  if (!order.write_anchor.empty()) {
    auto read = audit::read_key(order.key_file);
    if (!read) return fail(read.error());
    if (std::filesystem::exists(order.write_anchor))
      return fail({errc::conflict, order.write_anchor + " is there already"});
    key = std::move(*read);
  }
  audit::verify_options options;
  options.tree = key.has_value();
  options.before = *before;
  options.archive = archive_of(order.data_folder);
  std::optional<progress_line> line(std::in_place, err, shown.width, shown.moves);
  options.progress = [&](const eventstore::scan_progress& progress) { line->show(progress.position, progress.of); };
  const auto verdict = audit::verify_folder(order.data_folder, options);
  line.reset();
  if (!verdict) return fail(verdict.error());
  const auto anchored = key ? write_anchor(order, *verdict, *key) : result<void>{};
  if (order.json) {
    auto told = json::parse(audit::to_json(*verdict));
    if (verdict->unopened) told.update(terminal::failure_json(*verdict->unopened));
    if (!anchored) told.update(terminal::failure_json(anchored.error()));
    print_json(out, told);
  } else {
    print(out, verdict_text(*verdict, order.data_folder, shown));
    if (key && anchored) out << "anchor written to " << terminal::printable(order.write_anchor) << '\n';
  }
  if (!anchored) return terminal::fail(anchored.error(), false, out, err);  // the verdict's object has it
  return verdict->whole() ? exit_done : exit_problem;
}

// A record file.

/// Every event, its hash, and whether its line says what it is.
int verify_file(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  const records::rendering as_api{gateway::event_rendering_version, gateway::render_event};
  auto reader = records::record_reader::open(order.what, {.shown = as_api, .stands_at = {}});
  if (!reader) return terminal::fail(reader.error(), order.json, out, err);
  std::uint64_t events = 0;
  std::optional<error> wrong;
  while (true) {
    const auto next = reader->next();
    if (!next) wrong = next.error();
    if (!next || !*next) break;
    ++events;
  }
  if (!wrong && events == 0) wrong = error{errc::corrupt, "it holds no event"};
  const auto streams = reader->heads().size();
  if (order.json) {
    json told{{"file", order.what}, {"whole", !wrong}, {"events", events}, {"streams", streams}};
    if (streams == 1) told["to_seq"] = reader->heads().begin()->second.version;
    if (wrong) told["problem"] = wrong->detail;
    print_json(out, told);
    return wrong ? exit_problem : exit_done;
  }
  out << "checked " << counted(events, "event") << " of " << counted(streams, "stream") << '\n';
  if (!wrong) {
    const auto end = streams == 1 ? name_of(reader->heads().begin()->first) + " to seq " +
                                        terminal::grouped(reader->heads().begin()->second.version)
                                  : std::string("each stream to where the file ends");
    out << terminal::paint("What the file holds is whole: ", terminal::green, shown.colours) << terminal::printable(end)
        << ".\nWhether more stood behind it cannot be seen.\n";
    return exit_done;
  }
  if (events == 0) {
    out << terminal::paint("The file holds no event.", terminal::red, shown.colours) << '\n';
    return exit_problem;
  }
  out << terminal::paint("First bad record: ", terminal::red, shown.colours) << terminal::printable(wrong->detail)
      << "\nWhat stands before it is whole.\n";
  return exit_problem;
}

}  // namespace

int run_verify(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  const auto fail = [&](const error& why) { return terminal::fail(why, order.json, out, err); };
  try {
    std::error_code ignored;
    const bool is_file = order.url.empty() && order.data_folder.empty() && order.anchor_file.empty() &&
                         std::filesystem::is_regular_file(order.what, ignored);
    if (is_file) return verify_file(order, shown, out, err);
    if (const auto none = answers::no_such_file(order.what)) return fail(*none);
    if (!order.what.empty() && !domain::is_valid_id(order.what))
      return fail({errc::invalid, "'" + order.what + "' is neither the id of an execution nor a file"});
    if (!order.what.empty() && (!order.write_anchor.empty() || !order.anchor_file.empty()))
      return fail({errc::invalid, "an anchor is of the whole log: leave the execution out"});
    if (order.data_folder.empty()) return verify_at_server(order, shown, out, err);
    return order.what.empty() ? verify_all(order, shown, out, err) : verify_stream(order, shown, out, err);
  } catch (const std::exception& unforeseen) {  // memory
    return fail({errc::io, unforeseen.what()});
  }
}

}  // namespace planexe::auditing
