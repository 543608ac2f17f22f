#include "apps/server_process.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>

#include "actors/read_side.hpp"
#include "actors/runtime.hpp"
#include "apps/backups.hpp"
#include "apps/disk_watch.hpp"
#include "apps/outside.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/actor_bridge/bridge.hpp"
#include "gateway/http/server.hpp"
#include "gateway/json/render_event.hpp"
#include "gateway/route_table.hpp"
#include "projections/replay.hpp"

#include "archive/archiving.hpp"
#include "dashboard/dashboard_files.hpp"

namespace planexe::apps {
namespace {

constexpr records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

/// Writes an execution's file for the archivist.
actors::archive_preparer archive_preparer_of(const eventstore::rocksdb_store& store,
                                             std::shared_ptr<const archive::archive_folder> folder) {
  return [&store, folder = std::move(folder)](const domain::execution_id& id) -> result<actors::archive_step> {
    auto ready = archive::prepare(store, store, *folder, as_api, id);
    if (!ready) return unexpected{ready.error()};
    return actors::archive_step{std::move(ready->what), std::move(ready->retires)};
  };
}

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;

domain::disk_reserve reserve_of(const config::server_config& config) {
  const auto new_work = config.disk_reserve_mb * megabyte;
  return {.new_work_bytes = new_work, .reports_bytes = std::min(config.disk_reserve_reports_mb * megabyte, new_work)};
}

actors::runtime_options runtime_options_of(const config::server_config& config, webhook_sender& webhooks,
                                           actors::archive_preparer prepare_archive,
                                           std::shared_ptr<const actors::disk_board> disk) {
  return {.agent_timeout = config.agent_timeout,
          .poll_after_seconds = static_cast<double>(config.agent_poll_interval.count()) / 1'000.0,
          .review_threshold = config.review_threshold,
          .send_notification = [&webhooks](actors::outgoing_notification notification,
                                           auto done) { webhooks.send(std::move(notification), std::move(done)); },
          .notifies_server = !config.notify_webhook_url.empty(),
          .delivery = {.backoff = config.notify_backoff, .give_up = config.notify_give_up},
          .keep_executions_for = config.event_log_retention,
          .prepare_archive = std::move(prepare_archive),
          .disk = std::move(disk)};
}

gateway::server_options server_options_of(const config::server_config& config) {
  gateway::server_options options;
  options.host = config.execution_host;
  options.port = config.execution_port;
  // A server on loopback answers only to names of loopback, so that a web page elsewhere cannot reach it by DNS.
  if (config::is_loopback(config.execution_host))
    options.allowed_hosts = {"localhost", "127.0.0.1", "::1", "[::1]", config.execution_host};
  return options;
}

/// A server that asks for keys needs one that can make the others. Without a log there is none.
result<void> check_entrance(const config::server_config& config, const eventstore::event_log* log) {
  if (!config::keys_required(config)) return {};
  if (log != nullptr) {
    const auto keys = projections::replay_keys(*log);
    if (!keys) return unexpected{keys.error()};
    if (domain::has_live_key(*keys, domain::key_role::admin, actors::wall_clock{}.now())) return {};
  }
  const auto folder = config.execution_data_dir.string();
  return unexpected{error{errc::invalid,
                          "keys are required (PLANEXE_AUTH, PLANEXE_EXECUTION_HOST), and '" + folder +
                              "' has no live key of the role admin; make one with: planexe-ax keys create --role admin "
                              "--name YOUR_NAME --data-dir " +
                              folder}};
}

}  // namespace

struct server_process::impl {
  /// The sender's threads must not outlive what they report to.
  ~impl() {
    if (webhooks) webhooks->stop();
  }

  actors::wall_clock clock;
  actors::id_source ids;
  std::unique_ptr<eventstore::rocksdb_store> store;
  std::shared_ptr<actors::disk_board> disk;
  std::unique_ptr<disk_watch> watch;
  std::unique_ptr<webhook_sender> webhooks;
  std::unique_ptr<actors::runtime> runtime;
  const std::shared_ptr<std::atomic<bool>> storage_failed = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<gateway::actor_bridge> bridge;
  gateway::router routes{gateway::route_table()};
  std::unique_ptr<gateway::server> http;
  std::atomic<const gateway::server*> listening{nullptr};  ///< `http`, for whoever asks while it starts
  std::size_t executions_found = 0;
  bool stopped = false;
};

result<std::unique_ptr<server_process>> server_process::start(const config::server_config& config,
                                                              std::function<void(const error&)> on_storage_failure,
                                                              std::function<void()> start_anew) {
  auto content = std::make_unique<impl>();
  auto& self = *content;
  auto decomposer = make_decomposer(config);
  if (!decomposer) return unexpected{decomposer.error()};
  auto webhooks = webhook_sender::make(config);
  if (!webhooks) return unexpected{webhooks.error()};
  self.webhooks = std::move(*webhooks);
  std::error_code ignored;
  if (!std::filesystem::exists(config.execution_data_dir, ignored))  // which a start that is refused does not make
    if (auto entrance = check_entrance(config, nullptr); !entrance) return unexpected{entrance.error()};
  const auto folder = config.execution_data_dir.string();
  const auto archive = std::make_shared<const archive::archive_folder>(archive::folder_in(folder));
  auto store = eventstore::rocksdb_store::open(folder, {.archive = archive});
  if (!store) return unexpected{store.error()};
  self.store = std::move(*store);

  if (auto entrance = check_entrance(config, self.store.get()); !entrance) return unexpected{entrance.error()};
  auto on_failure = [failed = self.storage_failed,
                     on_storage_failure = std::move(on_storage_failure)](const error& why) {
    *failed = true;
    on_storage_failure(why);
  };
  self.disk = std::make_shared<actors::disk_board>(reserve_of(config));
  self.watch = std::make_unique<disk_watch>(config.execution_data_dir, self.disk);
  auto runtime = actors::runtime::start(
      runtime_options_of(config, *self.webhooks, archive_preparer_of(*self.store, archive), self.disk), *self.store,
      *self.store, self.clock, self.ids, std::move(on_failure));
  if (!runtime) return unexpected{runtime.error()};
  self.runtime = std::move(*runtime);
  self.executions_found = self.runtime->views().executions.rows().size();

  self.bridge = std::make_unique<gateway::actor_bridge>(
      *self.runtime,
      gateway::bridge_options{.defaults = config::execution_defaults(config),
                              .review_threshold = config.review_threshold,
                              .websocket_enabled = config.websocket_enabled,
                              .storage_failed = self.storage_failed,
                              .decomposer = std::move(*decomposer),
                              .fetch_run = make_run_fetcher(config),
                              .http_counters =
                                  [&self] {
                                    const auto* http = self.listening.load();
                                    return http ? http->counters() : gateway::server_counters{};
                                  },
                              .keys_required = config::keys_required(config),
                              .version = PLANEXE_VERSION,
                              .start_anew = std::move(start_anew),
                              .backups = make_backup_place(config.backup_dir, *self.store, self.disk, PLANEXE_VERSION),
                              .check_archived = [archive](const auto& wanted) { return archive->check(wanted); }});
  if (auto loaded = self.bridge->load_keys(); !loaded) return unexpected{loaded.error()};
  self.bridge->bind(self.routes);
  gateway::bind_static_files(self.routes, dashboard::files());
  auto options = server_options_of(config);
  options.authenticate = self.bridge->make_authenticator();
  auto http = gateway::server::start(std::move(options), self.routes);
  if (!http) return unexpected{http.error()};
  self.http = std::move(*http);
  self.listening = self.http.get();

  if (config.execution_enabled) {
    const auto recovered = std::make_shared<std::promise<void>>();
    self.runtime->recover([recovered] { recovered->set_value(); });
    recovered->get_future().wait();
    self.bridge->set_state(gateway::serving_state::ready);
  } else {
    self.bridge->set_state(gateway::serving_state::disabled);
  }
  return std::unique_ptr<server_process>{new server_process{std::move(content)}};
}

server_process::server_process(std::unique_ptr<impl> content) : impl_(std::move(content)) {}
server_process::~server_process() {
  stop();
}

std::uint16_t server_process::port() const {
  return impl_->http->port();
}
std::size_t server_process::executions_found() const {
  return impl_->executions_found;
}

void server_process::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  constexpr domain::milliseconds longest_drain{10'000};
  impl_->http->stop_accepting();
  impl_->store->stop_reclaiming();  // the archivist may be at it, for minutes
  impl_->bridge->drain(longest_drain);
  impl_->bridge->stop();
  impl_->webhooks->stop();
  // Polls and streams that wait are told 503 by the actors' end; the gateway then has nothing left to wait for.
  impl_->runtime->stop();
  impl_->http->stop();
}

}  // namespace planexe::apps
