#include "apps/replay/sources.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "apps/named_file.hpp"
#include "apps/server_answers.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"
#include "records/load.hpp"

#include "archive/archive_folder.hpp"

namespace planexe::replaying {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using log_ptr = std::shared_ptr<const eventstore::event_log>;

constexpr std::chrono::seconds request_timeout{60};
constexpr std::size_t page_size = 1'000;  // events asked of a server at a time: the most it gives
constexpr std::size_t most_named = 5;     // executions of a file, where one has to be chosen
constexpr records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

/// Differs whenever something has been written to the folder. Cheap beside opening it.
std::string footprint_of(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(folder, failed)) {
    std::error_code gone;
    files.push_back(file.path().filename().string() + ":" + std::to_string(file.file_size(gone)));
  }
  std::sort(files.begin(), files.end());
  std::string footprint;
  for (const auto& file : files) footprint += file + '\n';
  return footprint;
}

/// Archived executions are read from the archive beside the log.
log_opener in_folder(const std::string& folder) {
  return [folder, known = log_ptr{}, footprint = std::string{}]() mutable -> result<log_ptr> {
    auto now = footprint_of(folder);
    if (known && now == footprint) return known;
    const auto archive = std::make_shared<const archive::archive_folder>(archive::folder_in(folder));
    auto store = eventstore::rocksdb_store::open_to_read(folder, {.archive = archive});
    if (!store) return unexpected{store.error()};
    known = std::move(*store);
    footprint = std::move(now);
    return known;
  };
}

/// What a server has told of an execution so far.
class told_by_server {
 public:
  told_by_server(demo::endpoint server, domain::execution_id id)
      : client_(std::move(server), request_timeout), id_(std::move(id)) {}

  result<log_ptr> ask_on() {
    for (bool goes_on = true; goes_on;) {
      const auto head = store_->head_of(projections::stream_of(id_));
      if (!head) return unexpected{head.error()};
      auto reply = get("/api/executions/" + id_.value + "/export?limit=" + std::to_string(page_size) +
                       "&after_seq=" + std::to_string(head->version));
      if (!reply) return unexpected{reply.error()};
      goes_on = !reply->link.empty();
      if (auto added = records::load_more(std::move(reply->body), *store_, as_api); !added)
        return unexpected{error{added.error().code, "what the server answers: " + added.error().detail}};
      const auto now = store_->head_of(projections::stream_of(id_));
      if (!now) return unexpected{now.error()};
      if (goes_on && now->version == head->version)
        return unexpected{error{errc::io, "the server says that there are more events, and gives none"}};
    }
    return log_ptr{store_};
  }
  std::string agent_name(const std::string& agent) {
    const auto reply = domain::is_valid_id(agent) ? get("/api/agents/" + agent) : unexpected{error{}};
    return reply ? fields::text_in(json::parse(reply->body, nullptr, false), "name") : std::string();
  }

 private:
  result<demo::http_reply> get(const std::string& path) {
    auto reply = client_.request("GET", path);
    if (!reply || reply->ok()) return reply;
    return unexpected{answers::refusal_of(*reply)};
  }

  demo::http_client client_;
  domain::execution_id id_;
  std::shared_ptr<eventstore::memory_store> store_ = std::make_shared<eventstore::memory_store>();
};

result<recording> from_server(const std::string& url, const domain::execution_id& id) {
  const auto server = answers::server_at(url);
  if (!server) return unexpected{server.error()};
  const auto told = std::make_shared<told_by_server>(*server, id);
  return recording::open([told] { return told->ask_on(); }, id,
                         [told](const std::string& agent) { return told->agent_name(agent); });
}

/// The only execution that a file holds, or the one that was named.
result<domain::execution_id> execution_in(const eventstore::event_log& log, const std::string& named) {
  if (!named.empty()) return domain::execution_id{named};
  const auto streams = log.list_streams(0, SIZE_MAX);
  if (!streams) return unexpected{streams.error()};
  std::vector<std::string> found;
  for (const auto& each : *streams)
    if (each.stream.kind == domain::stream_kind::execution) found.push_back(each.stream.id);
  if (found.size() == 1) return domain::execution_id{found.front()};
  if (found.empty()) return unexpected{error{errc::not_found, "the file holds no execution"}};
  std::string text = "the file holds " + std::to_string(found.size()) + " executions; name one of them:";
  for (std::size_t i = 0; i < std::min(found.size(), most_named); ++i) text += " " + found[i];
  if (found.size() > most_named) text += " …";
  return unexpected{error{errc::invalid, text}};
}

/// The file as it is now; it does not grow while it is looked at.
result<recording> from_file(const std::string& path, const std::string& named) {
  auto loaded = records::load(path, as_api);
  if (!loaded) {
    // A wrong line is not a wrong request.
    const auto code = loaded.error().code == errc::invalid ? errc::corrupt : loaded.error().code;
    return unexpected{error{code, answers::in_file(path, loaded.error().detail)}};
  }
  const log_ptr log{std::move(*loaded)};
  const auto id = execution_in(*log, named);
  if (!id) return unexpected{id.error()};
  return recording::open([log] { return result<log_ptr>{log}; }, *id);
}

}  // namespace

result<recording> open_recording(const replay_request& wanted) {
  std::error_code ignored;
  const bool has_source = !wanted.url.empty() || !wanted.data_folder.empty();
  if (!has_source && fs::is_regular_file(wanted.what, ignored)) return from_file(wanted.what, wanted.execution);
  if (auto none = answers::no_such_file(wanted.what)) return unexpected{std::move(*none)};
  if (!wanted.execution.empty()) return unexpected{error{errc::invalid, "there is no file '" + wanted.what + "'"}};
  if (!domain::is_valid_id(wanted.what)) return unexpected{error{errc::invalid, "'" + wanted.what + "' is not an id"}};
  const domain::execution_id id{wanted.what};
  if (!wanted.data_folder.empty()) return recording::open(in_folder(wanted.data_folder), id);
  return from_server(wanted.url.empty() ? answers::usual_server : wanted.url, id);
}

}  // namespace planexe::replaying
