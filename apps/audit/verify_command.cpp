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
#include "apps/demo/http_client.hpp"
#include "apps/json_fields.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"
#include "records/reader.hpp"

#include "audit/text_forms.hpp"

namespace planexe::auditing {
namespace {

using json = nlohmann::ordered_json;

constexpr int exit_done = 0, exit_problem = 1, exit_usage = 2;
constexpr std::chrono::seconds request_timeout{600};  // a long history is read as a whole before the answer

int fail(std::ostream& err, const error& why) {
  err << terminal::printable(why.detail) << '\n';
  return why.code == errc::invalid ? exit_usage : exit_problem;
}

void print(std::ostream& out, const std::vector<std::string>& lines) {
  for (const auto& line : lines) out << line << '\n';
}

void print_json(std::ostream& out, const json& value) {
  out << value.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
}

// One execution, in a folder.

int verify_stream(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  const auto store =
      eventstore::rocksdb_store::open_to_check(order.data_folder, {.archive = archive_of(order.data_folder)});
  if (!store) return fail(err, store.error());
  const auto found = audit::audit_stream(**store, **store, projections::stream_of(domain::execution_id{order.what}));
  if (!found) {
    const bool absent = found.error().code == errc::not_found;
    return fail(err, absent ? error{errc::not_found, "no execution '" + order.what + "'"} : found.error());
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
  const auto before = anchor_of(order);
  if (!before) return fail(err, before.error());
  std::optional<audit::signing_key> key;
  if (!order.write_anchor.empty()) {
    auto read = audit::read_key(order.key_file);
    if (!read) return fail(err, read.error());
    if (std::filesystem::exists(order.write_anchor))
      return fail(err, {errc::conflict, order.write_anchor + " is there already"});
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
  if (!verdict) return fail(err, verdict.error());
  if (order.json)
    print_json(out, json::parse(audit::to_json(*verdict)));
  else
    print(out, verdict_text(*verdict, order.data_folder, shown));
  if (key) {
    if (const auto written = write_anchor(order, *verdict, *key); !written) return fail(err, written.error());
    if (!order.json) out << "anchor written to " << terminal::printable(order.write_anchor) << '\n';
  }
  return verdict->whole() ? exit_done : exit_problem;
}

// A record file.

/// Every event, its hash, and whether its line says what it is.
int verify_file(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  const records::rendering as_api{gateway::event_rendering_version, gateway::render_event};
  auto reader = records::record_reader::open(order.what, {.shown = as_api, .stands_at = {}});
  if (!reader) return fail(err, reader.error());
  std::uint64_t events = 0;
  std::optional<error> wrong;
  while (true) {
    const auto next = reader->next();
    if (!next) wrong = next.error();
    if (!next || !*next) break;
    ++events;
  }
  const auto streams = reader->heads().size();
  if (order.json) {
    json told{{"file", order.what}, {"whole", !wrong}, {"events", events}, {"streams", streams}};
    if (wrong) told["problem"] = wrong->detail;
    print_json(out, told);
    return wrong ? exit_problem : exit_done;
  }
  out << "checked " << grouped(events) << (events == 1 ? " event of " : " events of ") << grouped(streams)
      << (streams == 1 ? " stream\n" : " streams\n");
  if (!wrong) {
    out << terminal::paint("The file is whole.", terminal::green, shown.colours) << '\n';
    return exit_done;
  }
  out << terminal::paint("First bad record: ", terminal::red, shown.colours) << terminal::printable(wrong->detail)
      << "\nWhat stands before it is whole.\n";
  return exit_problem;
}

// By a server.

class asked_server {
 public:
  asked_server(const demo::endpoint& server, std::ostream& err) : client_(server, request_timeout), err_(err) {}

  result<json> get(const std::string& path, std::string* next = nullptr) {
    auto reply = client_.request("GET", path);
    if (!reply) return unexpected{reply.error()};
    auto body = json::parse(reply->body, nullptr, false);
    if (!reply->ok() || body.is_discarded()) {
      auto detail = fields::text_in(body, "detail");
      if (detail.empty()) detail = "the server answers " + std::to_string(reply->status);
      return unexpected{error{reply->status == 404 ? errc::not_found : errc::io, detail}};
    }
    if (next != nullptr) {
      const auto begin = reply->link.find('<'), end = reply->link.find('>');
      *next =
          begin == std::string::npos || end == std::string::npos ? "" : reply->link.substr(begin + 1, end - begin - 1);
    }
    return body;
  }

 private:
  demo::http_client client_;
  std::ostream& err_;
};

std::string line_of(const json& found) {
  const auto id = terminal::printable(fields::text_in(found, "execution_id"));
  const auto events = grouped(fields::count_in(found, "events"));
  if (fields::flag_in(found, "verified")) return id + ": whole, " + events + " events";
  return id + ": DAMAGED, events 1 to " + grouped(fields::count_in(found, "stands_to")) + " of " + events +
         " stand: " + terminal::printable(fields::text_in(found, "problem"));
}

int verify_one_at(const verify_order& order, asked_server& server, std::ostream& out, std::ostream& err) {
  const auto found = server.get("/api/executions/" + order.what + "/audit");
  if (!found) return fail(err, found.error());
  if (order.json)
    print_json(out, *found);
  else
    out << line_of(*found) << '\n';
  return fields::flag_in(*found, "verified") ? exit_done : exit_problem;
}

int verify_all_at(const verify_order& order, asked_server& server, const look& shown, std::ostream& out,
                  std::ostream& err) {
  json all = json::array();
  std::uint64_t events = 0, damaged = 0;
  progress_line line(err, shown.width, shown.moves);
  for (std::string path = "/api/executions?limit=1000"; !path.empty();) {
    const auto page = server.get(path, &path);
    if (!page) return fail(err, page.error());
    for (const auto& each : *page) {
      auto found = server.get("/api/executions/" + fields::text_in(each, "execution_id") + "/audit");
      if (!found && found.error().code == errc::not_found) continue;  // it has left the log since
      if (!found) return fail(err, found.error());
      events += fields::count_in(*found, "events");
      line.show(events, events);
      if (!fields::flag_in(*found, "verified")) {
        ++damaged;
        if (!order.json) out << line_of(*found) << '\n';
      }
      all.push_back(std::move(*found));
    }
  }
  if (order.json)
    print_json(out, all);
  else
    out << grouped(all.size()) << " executions, " << grouped(events) << " events, " << grouped(damaged)
        << " damaged. Agents, plans and the log's own chain: verify --data-dir\n";
  return damaged == 0 ? exit_done : exit_problem;
}

int verify_at(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  const std::string url = order.url.empty() ? "http://127.0.0.1:8090" : order.url;
  const auto endpoint = demo::endpoint_at(url);
  if (!endpoint) return fail(err, {errc::invalid, "--url: '" + url + "' is not of the form http://host:port"});
  asked_server server(*endpoint, err);
  return order.what.empty() ? verify_all_at(order, server, shown, out, err) : verify_one_at(order, server, out, err);
}

}  // namespace

int run_verify(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  try {
    std::error_code ignored;
    const bool is_file = order.url.empty() && order.data_folder.empty() && order.anchor_file.empty() &&
                         std::filesystem::is_regular_file(order.what, ignored);
    if (is_file) return verify_file(order, shown, out, err);
    if (!order.what.empty() && !domain::is_valid_id(order.what))
      return fail(err, {errc::invalid, "'" + order.what + "' is neither the id of an execution nor a file"});
    if (!order.what.empty() && (!order.write_anchor.empty() || !order.anchor_file.empty()))
      return fail(err, {errc::invalid, "an anchor is of the whole log: leave the execution out"});
    if (order.data_folder.empty()) return verify_at(order, shown, out, err);
    return order.what.empty() ? verify_all(order, shown, out, err) : verify_stream(order, shown, out, err);
  } catch (const std::exception& unforeseen) {  // memory
    return fail(err, {errc::io, unforeseen.what()});
  }
}

}  // namespace planexe::auditing
