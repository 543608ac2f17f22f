// The bridge: turns checked requests into messages to the actors, and their answers into responses. The only part of
// the gateway that knows the actors. Its handlers run on the I/O threads and never block: what takes long goes to one
// worker thread, what is read goes through the projector, what is written through the actors.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "domain/execution_events.hpp"
#include "eventstore/backup.hpp"
#include "gateway/http/options.hpp"
#include "gateway/http/routes.hpp"

namespace planexe::actors {
class runtime;
}
namespace planexe::plans {
class decomposer;
}
namespace planexe::eventstore {
struct archived_stream;
}

namespace planexe::gateway {

/// What the server is doing, for /readyz and for whoever asks for anything else.
enum class serving_state : std::uint8_t { starting, ready, draining, disabled };

/// Why a run of PlanExe's worker could not be had; `detail` is a line for the client.
struct run_refusal {
  enum class reason : std::uint8_t {
    unknown,      ///< no such run, or one that will never be complete
    too_large,    ///< over the limit of an upload
    unavailable,  ///< not complete yet, or the worker cannot be reached; it may be, later
  };
  reason why = reason::unavailable;
  std::string detail;
};
/// Fetches the zip of a run; blocks, until `deadline` at most. Several threads call it at once.
using run_fetcher = std::function<expected<std::string, run_refusal>(
    const std::string& run_id, std::chrono::steady_clock::time_point deadline, std::stop_token stop)>;

/// Makes a backup under a name, and lists those that there are; both block. Errors: `errc::conflict` for a name that is
/// taken, `errc::locked` while another one is made, `errc::too_large` where there is no room for it; their details are
/// for the client.
struct backup_place {
  std::function<result<eventstore::named_backup>(const std::string& name, std::stop_token stop)> make;
  std::function<result<std::vector<eventstore::named_backup>>()> list;
};

struct bridge_options {
  domain::execution_options defaults;  ///< of executions whose creator does not say otherwise
  double review_threshold = 0.7;
  bool websocket_enabled = true;
  /// Set by whoever learns first that nothing can be recorded any more; never cleared.
  std::shared_ptr<const std::atomic<bool>> storage_failed = std::make_shared<const std::atomic<bool>>(false);
  /// Commands under way at most; a further one is told 503.
  std::size_t most_commands = 4'096;
  /// Takes tasks apart; null: by templates alone.
  std::shared_ptr<plans::decomposer> decomposer{};
  /// Empty: there is no worker to fetch runs from.
  run_fetcher fetch_run{};
  /// What the HTTP server counts of itself; empty: it is not told. Any thread.
  std::function<server_counters()> http_counters{};
  /// Whether nobody gets in without a key.
  bool keys_required = false;
  std::string version{};  ///< of the program, for whoever asks
  /// Ends this server, and starts another over the same data and port: when somebody's words were erased. Empty:
  /// cannot. Any thread; returns at once.
  std::function<void()> start_anew{};
  /// Empty: there is no place for backups.
  std::optional<backup_place> backups{};
  /// Whether the file of an archived execution is there and is the one that was written; blocks while it is read, and
  /// holds nobody else up. Empty: this server has no archive.
  std::function<result<void>(const eventstore::archived_stream&)> check_archived{};
};

class actor_bridge {
 public:
  /// `runtime` must outlive the bridge.
  actor_bridge(actors::runtime& runtime, bridge_options options);
  ~actor_bridge();

  /// Learns the keys that the log has; before anything is served.
  result<void> load_keys();
  /// What the server asks about each request, before its body.
  authenticator make_authenticator();
  /// Binds every operation of the route table.
  void bind(router& routes);
  /// Any thread.
  void set_state(serving_state state);
  serving_state state() const;
  /// Refuses what comes from now on, and waits for the commands under way, `limit` at most.
  void drain(domain::milliseconds limit);
  /// Ends the worker; what it had not begun is told 503.
  void stop();

  /// What the parts of the bridge share (core.hpp).
  struct core;

 private:
  std::unique_ptr<core> core_;
};

}  // namespace planexe::gateway
