// The server's settings: every variable of the contract, its default, where it may come from and what it may be.
// Read once at the start, on the main thread; a plain value afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/execution_events.hpp"
#include "domain/result.hpp"

namespace planexe::config {

/// Who may call: everybody on loopback and keys elsewhere; keys everywhere; everybody (loopback only).
enum class auth_mode : std::uint8_t { automatic, required, off };
enum class log_level : std::uint8_t { trace, debug, info, warn, error, off };

struct server_config {
  bool execution_enabled = true;
  std::string execution_host = "127.0.0.1";
  std::uint16_t execution_port = 8090;  ///< 0: any free one
  std::filesystem::path execution_data_dir = "./data";
  domain::milliseconds agent_poll_interval = domain::seconds(300);
  domain::milliseconds agent_timeout = domain::seconds(1800);
  domain::milliseconds escalation = domain::hours(24);
  std::vector<domain::escalation_rung> escalation_ladder;  ///< empty: one rung after `escalation`
  domain::milliseconds external_wait = domain::hours(48);
  domain::milliseconds task_timeout = domain::hours(24);
  std::uint32_t task_max_attempts = 3;
  domain::milliseconds task_backoff = domain::seconds(300);
  domain::milliseconds execution_timeout = domain::hours(168);
  double review_threshold = 0.7;
  std::uint32_t review_from_tier = 0;  ///< 0: tiers ask nobody
  std::uint32_t human_from_tier = 0;   ///< 0: agents may do any tier
  std::string decomposition_model;     ///< empty: rules only
  std::string config_path;
  bool websocket_enabled = true;
  domain::milliseconds event_log_retention = domain::hours(24 * 90);  ///< 0: for ever
  std::string backup_dir;                                             ///< empty: the server makes none
  std::uint32_t disk_reserve_mb = 512;
  std::uint32_t disk_reserve_reports_mb = 128;
  std::string worker_plan_url;
  std::string notify_webhook_url;
  std::string notify_webhook_secret;
  domain::milliseconds notify_backoff = domain::seconds(5);
  domain::milliseconds notify_give_up = domain::hours(24);
  bool notify_allow_private = false;
  auth_mode auth = auth_mode::automatic;
  log_level level = log_level::info;

  friend bool operator==(const server_config&, const server_config&) = default;
};

/// What a new execution gets where its creator does not say otherwise.
domain::execution_options execution_defaults(const server_config& config);

/// One setting, for command lines and documentation.
struct setting {
  std::string_view name;           ///< as in the TOML file and in flags' maps: `execution_port`
  std::string_view allowed;        ///< what a value may be, in words: "a whole number from 0 to 65535"
  std::string_view default_value;  ///< as text
  std::string_view summary;
};
std::span<const setting> settings();
/// `PLANEXE_EXECUTION_PORT`
std::string variable_of(const setting& setting);
/// `--execution-port`
std::string flag_of(const setting& setting);

/// The first source that has a setting decides: flags, environment, .env, TOML, default.
struct config_sources {
  std::map<std::string, std::string> flags;        ///< by a setting's name
  std::map<std::string, std::string> environment;  ///< by variable; others than ours may be there
  std::optional<std::filesystem::path> env_file;   ///< need not exist; variables that are not ours are left alone
  std::optional<std::filesystem::path> toml_file;  ///< must exist
};

/// `errc::invalid` with one line that names the variable, where it stands, its value and what is allowed.
result<server_config> load_config(const config_sources& sources);

/// Whether nobody gets in without a key.
bool keys_required(const server_config& config);

/// Whether a host is reached from this machine alone: localhost, 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view host);

}  // namespace planexe::config
