#include "apps/moving/export_log.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <set>

#include "apps/moving/incident_test.hpp"
#include "apps/server_answers.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"
#include "records/export.hpp"
#include "records/reader.hpp"
#include "records/writer.hpp"

#include "archive/archive_folder.hpp"

namespace planexe::moving {
namespace {

using json = nlohmann::ordered_json;
using records::event_taker;

constexpr int exit_done = 0;
constexpr std::chrono::seconds request_timeout{60};
constexpr std::size_t page_size = 1'000;  // events asked of the server at a time: the most it gives
constexpr records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

eventstore::rocksdb_settings with_archive(const std::string& folder) {
  return {.archive = std::make_shared<const archive::archive_folder>(archive::folder_in(folder))};
}

unexpected<error> no_such_seq(std::uint64_t version) {
  return unexpected{error{errc::not_found, "the execution has events 1 to " + std::to_string(version)}};
}

/// Gives events to `take`, and returns how many there were.
using event_source = std::function<result<std::uint64_t>(const event_taker& take)>;

result<std::uint64_t> give_stream(const eventstore::event_log& log, const export_order& order,
                                  const event_taker& take) {
  const auto stream = projections::stream_of(domain::execution_id{order.execution});
  const auto head = log.head_of(stream);
  if (!head) return unexpected{head.error()};
  if (head->version == 0) return unexpected{error{errc::not_found, "no execution '" + order.execution + "'"}};
  if (order.last_seq && *order.last_seq > head->version) return no_such_seq(head->version);
  return records::each_of_stream(log, stream, 0, order.last_seq.value_or(head->version), take);
}

/// Page by page, so that neither side holds all of it. Every page is checked to hang on the one before.
result<std::uint64_t> give_from_server(const demo::endpoint& server, const export_order& order,
                                       const event_taker& take) {
  demo::http_client client{server, request_timeout};
  const auto stream = projections::stream_of(domain::execution_id{order.execution});
  eventstore::stream_head head;
  while (true) {
    auto path = "/api/executions/" + order.execution + "/export?limit=" + std::to_string(page_size) +
                "&after_seq=" + std::to_string(head.version);
    if (order.last_seq) path += "&at_seq=" + std::to_string(*order.last_seq);
    auto reply = client.request("GET", path);
    if (!reply) return unexpected{reply.error()};
    if (!reply->ok()) return unexpected{answers::refusal_of(*reply)};
    const bool goes_on = !reply->link.empty();
    auto reader = records::record_reader::over(
        std::move(reply->body),
        {.shown = {}, .stands_at = [&](const domain::stream_id& asked) -> result<eventstore::stream_head> {
           return asked == stream ? head : eventstore::stream_head{};
         }});
    if (!reader) return unexpected{reader.error()};
    while (true) {
      const auto next = reader->next();
      if (!next) return unexpected{error{next.error().code, "what the server answers: " + next.error().detail}};
      if (!*next) break;
      if (auto taken = take((*next)->stored); !taken) return unexpected{taken.error()};
    }
    const auto before = head.version;
    if (const auto read = reader->heads().find(stream); read != reader->heads().end()) head = read->second;
    if (!goes_on) return head.version;
    if (head.version == before)
      return unexpected{error{errc::io, "the server says that there are more events, and gives none"}};
  }
}

/// Where the events come from; `store` is opened where that is a folder.
result<event_source> source_of(const export_order& order, std::unique_ptr<const eventstore::rocksdb_store>& store) {
  if (order.data_folder.empty()) {
    const auto server = answers::server_at(order.url);
    if (!server) return unexpected{server.error()};
    return event_source{[&order, server = *server](const auto& take) { return give_from_server(server, order, take); }};
  }
  auto opened = eventstore::rocksdb_store::open_to_read(order.data_folder, with_archive(order.data_folder));
  if (!opened) return unexpected{opened.error()};
  store = std::move(*opened);
  if (order.execution.empty())
    return event_source{[&log = *store](const auto& take) { return records::each_of_log(log, take); }};
  return event_source{[&order, &log = *store](const auto& take) { return give_stream(log, order, take); }};
}

/// Which executions are not over where the export ends: who holds a task of theirs is in the file, token and all.
class open_executions {
 public:
  result<void> look_at(const eventstore::stored_event& event) {
    if (event.stream.kind != domain::stream_kind::execution) return {};
    const auto decoded = eventstore::decode(event.bytes);
    if (!decoded) return unexpected{decoded.error()};
    const auto& told = std::get<domain::execution_event>(decoded->payload);
    const bool ends = std::holds_alternative<domain::execution_completed>(told) ||
                      std::holds_alternative<domain::execution_failed>(told) ||
                      std::holds_alternative<domain::execution_cancelled>(told);
    const bool begins = event.seq == 1 || std::holds_alternative<domain::execution_queued>(told);
    if (ends) open_.erase(event.stream.id);
    if (begins) open_.insert(event.stream.id);
    return {};
  }
  /// Empty: all are over.
  std::string warning() const {
    if (open_.empty()) return {};
    const auto which =
        open_.size() == 1 ? "execution '" + *open_.begin() + "' is" : std::to_string(open_.size()) + " executions are";
    return which +
           " not over: the export holds lease tokens of tasks that are held, with which anyone could report in "
           "an agent's name to a server that asks for no keys";
  }

 private:
  std::set<std::string> open_;
};

result<records::written_file> write_file(const std::string& path, const event_source& source) {
  const auto packed = path.ends_with(".zst") ? records::packing::zstd : records::packing::plain;
  auto writer =
      records::record_writer::create(path, {.shown = as_api, .packed = packed, .before = records::standing::kept});
  if (!writer) return unexpected{writer.error()};
  if (auto given = source([&](const auto& event) { return writer->write(event); }); !given)
    return unexpected{given.error()};
  return writer->finish();
}

void say(const export_order& order, const std::string& path, const records::written_file& file,
         const std::string& warning, std::ostream& out) {
  if (order.json) {
    json said{
        {"file", path}, {"events", file.events}, {"bytes", file.bytes}, {"sha256", eventstore::to_hex(file.digest)}};
    if (!warning.empty()) said["warning"] = warning;
    out << said.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
  } else {
    out << terminal::counted(file.events, "event") << " in " << terminal::printable(path) << '\n';
  }
}

result<void> write_lines(const event_source& source, std::ostream& out) {
  std::string line;
  const auto given = source([&](const eventstore::stored_event& event) -> result<void> {
    line.clear();
    if (auto appended = records::append_line(line, event, as_api); !appended) return appended;
    out << line;
    return out ? result<void>{} : unexpected{error{errc::io, "the output cannot be written"}};
  });
  if (!given) return unexpected{given.error()};
  return out.flush() ? result<void>{} : unexpected{error{errc::io, "the output cannot be written"}};
}

result<void> export_to(const export_order& order, std::ostream& out, std::ostream& err) {
  std::unique_ptr<const eventstore::rocksdb_store> store;
  const auto given = source_of(order, store);
  if (!given) return unexpected{given.error()};
  open_executions open;
  const event_source source = [&](const event_taker& take) {
    return (*given)([&](const eventstore::stored_event& event) -> result<void> {
      if (auto looked = open.look_at(event); !looked) return looked;
      return take(event);
    });
  };
  const bool to_file = !order.output.empty();
  const auto test = order.output + "_test.cpp";
  if (std::error_code ignored; order.as_test && std::filesystem::exists(test, ignored))
    return unexpected{error{errc::conflict, test + " is there already"}};
  if (to_file) {
    const auto path = order.as_test ? order.output + ".jsonl" : order.output;
    const auto file = write_file(path, source);
    if (!file) return unexpected{file.error()};
    if (order.as_test)
      if (auto made = write_incident_test(path, test); !made) {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        return made;
      }
    say(order, path, *file, open.warning(), out);
  } else if (auto written = write_lines(source, out); !written) {
    return written;
  }
  if (const auto warning = open.warning(); !warning.empty() && !(to_file && order.json))
    err << terminal::printable(warning) << '\n';
  return {};
}

/// What is wrong with the question itself; empty: nothing.
std::string why_not(const export_order& order) {
  if (!order.execution.empty() && !domain::is_valid_id(order.execution))
    return "'" + order.execution + "' is not an id";
  if (order.execution.empty() && order.last_seq) return "--at goes with an execution";
  if (order.execution.empty() && order.data_folder.empty())
    return "--all takes --data-dir: no server gives its whole log";
  if (order.last_seq == 0U) return "--at is a seq from 1";
  if (order.as_test && order.execution.empty()) return "--as-test goes with an execution";
  if (order.data_folder.empty())
    if (const auto server = answers::server_at(order.url); !server) return server.error().detail;
  if (order.as_test && order.output.empty()) return "--as-test takes -o, the test's path without an ending";
  return {};
}

}  // namespace

int run_export(const export_order& order, std::ostream& out, std::ostream& err) {
  try {
    if (const auto wrong = why_not(order); !wrong.empty())
      return terminal::fail({errc::invalid, wrong}, order.json, out, err);
    const auto done = export_to(order, out, err);
    if (done) return exit_done;
    // What a server or a file has wrong is not a wrong request.
    const auto code = done.error().code == errc::invalid ? errc::corrupt : done.error().code;
    return terminal::fail({code, done.error().detail}, order.json, out, err);
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, order.json, out, err);
  }
}

}  // namespace planexe::moving
