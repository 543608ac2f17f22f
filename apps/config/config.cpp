#include "apps/config/config.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "apps/config/setting_files.hpp"
#include "apps/config/setting_values.hpp"

namespace planexe::config {
namespace {

/// What a setting does with its value: takes it, or says no. `allowed` of the setting then tells why.
using taker = bool (*)(server_config&, std::string_view);

struct known_setting {
  setting shown;
  taker take;
  bool secret = false;  ///< never repeated in a message
};

template <bool server_config::*Member>
bool take_flag(server_config& config, std::string_view text) {
  return read_boolean(text, config.*Member);
}
template <auto Member>
bool take_text(server_config& config, std::string_view text) {
  if (!is_printable(text)) return false;
  config.*Member = text;
  return true;
}
template <auto Member>
bool take_needed_text(server_config& config, std::string_view text) {
  return !text.empty() && take_text<Member>(config, text);
}
template <std::string server_config::*Member>
bool take_url(server_config& config, std::string_view text) {
  return (text.empty() || is_http_url(text)) && take_text<Member>(config, text);
}
template <auto Member, std::uint64_t Min, std::uint64_t Max>
bool take_count(server_config& config, std::string_view text) {
  std::uint64_t number = 0;
  if (!read_whole(text, Min, Max, number)) return false;
  using member_type = std::remove_reference_t<decltype(config.*Member)>;
  config.*Member = static_cast<member_type>(number);
  return true;
}

// Longer times overflow nothing, but nobody means them.
constexpr double longest_seconds = 366.0 * 24 * 3600;
constexpr double longest_hours = 366.0 * 24 * 10;

/// A time that must pass: under a millisecond it would be none.
template <domain::milliseconds server_config::*Member, bool Hours>
bool take_duration(server_config& config, std::string_view text) {
  double number = 0;
  if (!read_real(text, 0.000'001, Hours ? longest_hours : longest_seconds, number)) return false;
  const auto time = Hours ? domain::hours(number) : domain::seconds(number);
  if (time < domain::milliseconds{1}) return false;
  config.*Member = time;
  return true;
}
bool take_backoff(server_config& config, std::string_view text) {
  constexpr double longest = 7.0 * 24 * 3600;  // as the domain: a longer wait is a person's business
  double number = 0;
  if (!read_real(text, 0, longest, number)) return false;
  config.task_backoff = domain::seconds(number);
  return true;
}
bool take_retention(server_config& config, std::string_view text) {
  constexpr double longest_days = 36'500, hours_a_day = 24;
  double number = 0;
  if (!read_real(text, 0, longest_days, number)) return false;
  const auto time = domain::hours(number * hours_a_day);
  if (number > 0 && time < domain::milliseconds{1}) return false;
  config.event_log_retention = time;
  return true;
}
/// `HOURS:WHO, HOURS:WHO`; who may be left out.
bool take_ladder(server_config& config, std::string_view text) {
  constexpr std::size_t most_rungs = 16;
  std::vector<domain::escalation_rung> ladder;
  if (!is_printable(text)) return false;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto rung = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto colon = std::min(rung.find(':'), rung.size());
    double number = 0;
    if (!read_real(trimmed(rung.substr(0, colon)), 0.000'001, longest_hours, number)) return false;
    const auto after = domain::hours(number);
    if (after < domain::milliseconds{1} || ladder.size() == most_rungs) return false;
    rung.remove_prefix(std::min(colon + 1, rung.size()));
    ladder.push_back({after, std::string(trimmed(rung))});
  }
  config.escalation_ladder = std::move(ladder);
  return true;
}
bool take_threshold(server_config& config, std::string_view text) {
  return read_real(text, 0, 1, config.review_threshold);
}

template <auto Member, std::size_t N>
bool take_word(server_config& config, std::string_view text, const std::array<std::string_view, N>& words) {
  const auto found = std::find(words.begin(), words.end(), text);
  if (found == words.end()) return false;
  using member_type = std::remove_reference_t<decltype(config.*Member)>;
  config.*Member = static_cast<member_type>(found - words.begin());
  return true;
}
bool take_auth(server_config& config, std::string_view text) {
  return take_word<&server_config::auth>(config, text, std::array<std::string_view, 3>{"auto", "required", "off"});
}
bool take_level(server_config& config, std::string_view text) {
  return take_word<&server_config::level>(
      config, text, std::array<std::string_view, 6>{"trace", "debug", "info", "warn", "error", "off"});
}

using c = server_config;
constexpr std::string_view flag_rule = "true or false";
constexpr std::string_view text_rule = "text without control characters";
constexpr std::string_view needed_rule = "text without control characters, not empty";
constexpr std::string_view url_rule = "empty, or a URL that begins with http:// or https://";
constexpr std::string_view tier_rule = "a whole number from 0 to 3";
constexpr std::string_view megabytes_rule = "a whole number from 0 to 1000000000";
constexpr std::string_view seconds_rule = "a number of seconds from 0.001 to 31622400, decimals allowed";
constexpr std::string_view hours_rule = "a number of hours over 0 up to 87840, decimals allowed";

constexpr std::array table{
    known_setting{{"execution_enabled", flag_rule, "true", "false answers 503 on /api and starts nothing"},
                  take_flag<&c::execution_enabled>},
    known_setting{{"execution_host", needed_rule, "127.0.0.1", "address to listen on"},
                  take_needed_text<&c::execution_host>},
    known_setting{{"execution_port", "a whole number from 0 to 65535", "8090", "port to listen on; 0 takes a free one"},
                  take_count<&c::execution_port, 0, 65535>},
    known_setting{{"execution_data_dir", needed_rule, "./data", "where the log is kept"},
                  take_needed_text<&c::execution_data_dir>},
    known_setting{{"agent_poll_interval_seconds", seconds_rule, "300", "how often agents are told to poll"},
                  take_duration<&c::agent_poll_interval, false>},
    known_setting{{"agent_timeout_seconds", seconds_rule, "1800", "how long a silent agent keeps its tasks"},
                  take_duration<&c::agent_timeout, false>},
    known_setting{{"escalation_hours", hours_rule, "24", "when waiting for an agent is escalated"},
                  take_duration<&c::escalation, true>},
    known_setting{{"escalation_ladder", "rungs as HOURS:WHO with commas between them, 16 at most", "",
                   "who is told after how long a wait, and then whom; empty: the owner, after escalation_hours"},
                  take_ladder},
    known_setting{{"external_wait_hours", hours_rule, "48", "when waiting for something outside is escalated"},
                  take_duration<&c::external_wait, true>},
    known_setting{{"task_timeout_hours", hours_rule, "24", "how long one attempt may take"},
                  take_duration<&c::task_timeout, true>},
    known_setting{{"task_max_attempts", "a whole number from 1 to 100", "3", "attempts before a person is asked"},
                  take_count<&c::task_max_attempts, 1, 100>},
    known_setting{{"task_backoff_seconds", "a number of seconds from 0 to 604800, decimals allowed", "300",
                   "wait before the second attempt; doubles from then on"},
                  take_backoff},
    known_setting{{"execution_timeout_hours", hours_rule, "168", "how long an execution may take"},
                  take_duration<&c::execution_timeout, true>},
    known_setting{{"review_threshold", "a number from 0 to 1", "0.7",
                   "a leaf whose confidence is lower waits for a person; 0 asks nobody"},
                  take_threshold},
    known_setting{{"review_from_tier", tier_rule, "0", "a leaf of this tier or higher waits for a person; 0: none"},
                  take_count<&c::review_from_tier, 0, 3>},
    known_setting{
        {"human_from_tier", tier_rule, "0", "a leaf of this tier or higher is handed to people alone; 0: none"},
        take_count<&c::human_from_tier, 0, 3>},
    known_setting{{"decomposition_model", text_rule, "", "a model of PlanExe's llm_config.json; empty: rules only"},
                  take_text<&c::decomposition_model>},
    known_setting{{"config_path", text_rule, "", "where PlanExe's llm_config.json stands"}, take_text<&c::config_path>},
    known_setting{{"websocket_enabled", flag_rule, "true", "whether streams are offered over WebSockets"},
                  take_flag<&c::websocket_enabled>},
    known_setting{{"event_log_retention_days", "a number of days from 0 to 36500, decimals allowed", "90",
                   "how long executions that are over stay in the log before they are archived; 0: for ever"},
                  take_retention},
    known_setting{{"backup_dir", text_rule, "", "where the server makes backups; empty: nowhere"},
                  take_text<&c::backup_dir>},
    known_setting{{"disk_reserve_mb", megabytes_rule, "512",
                   "with less room on the data folder's disk no new work is taken on; 0: whatever is left"},
                  take_count<&c::disk_reserve_mb, 0, 1'000'000'000>},
    known_setting{{"disk_reserve_reports_mb", megabytes_rule, "128",
                   "with less room nothing is recorded for anybody; no more than disk_reserve_mb counts"},
                  take_count<&c::disk_reserve_reports_mb, 0, 1'000'000'000>},
    known_setting{{"worker_plan_url", url_rule, "", "PlanExe's worker, to fetch runs from"},
                  take_url<&c::worker_plan_url>},
    known_setting{{"notify_webhook_url", url_rule, "", "where notifications are sent"},
                  take_url<&c::notify_webhook_url>},
    known_setting{{"notify_webhook_secret", text_rule, "", "signs what is sent there"},
                  take_text<&c::notify_webhook_secret>,
                  true},
    known_setting{{"notify_backoff_seconds", seconds_rule, "5",
                   "wait before the second attempt to notify; doubles from then on, up to an hour"},
                  take_duration<&c::notify_backoff, false>},
    known_setting{{"notify_give_up_hours", hours_rule, "24", "how long notifying is tried"},
                  take_duration<&c::notify_give_up, true>},
    known_setting{{"notify_allow_private", flag_rule, "false",
                   "whether notifications may go to private addresses, and agents' own to this machine"},
                  take_flag<&c::notify_allow_private>},
    known_setting{{"auth", "auto, required or off", "auto", "who needs a key; auto: everybody beyond loopback"},
                  take_auth},
    known_setting{{"log_level", "trace, debug, info, warn, error or off", "info", "what is logged"}, take_level},
};

constexpr auto shown_settings = [] {
  std::array<setting, table.size()> shown{};
  for (std::size_t i = 0; i < table.size(); ++i) shown[i] = table[i].shown;
  return shown;
}();

unexpected<error> refuse(std::string detail) {
  return unexpected{error{errc::invalid, std::move(detail)}};
}

bool is_setting(std::string_view name) {
  return std::any_of(table.begin(), table.end(), [&](const known_setting& each) { return each.shown.name == name; });
}

/// A value as found, and where.
struct found_value {
  std::string text;
  std::string label;  ///< how the source calls the setting, for messages
};

/// All sources, in order of rank, as maps from a setting's name to its value.
class layers {
 public:
  result<void> gather(const config_sources& sources) {
    std::map<std::string, found_value> flags;
    for (const auto& [name, value] : sources.flags) {
      if (!is_setting(name)) return refuse("'" + name + "' is not a setting");
      flags[name] = {value, ""};
    }
    for (auto& [name, value] : flags) value.label = label(name, "a flag");
    ranked_.push_back(std::move(flags));
    ranked_.push_back(ours(sources.environment, "the environment"));
    if (sources.env_file) {
      auto variables = read_env_file(*sources.env_file);
      if (!variables) return unexpected{std::move(variables).error()};
      ranked_.push_back(ours(*variables, sources.env_file->string()));
    }
    if (sources.toml_file) {
      auto members = read_toml_file(*sources.toml_file);
      if (!members) return unexpected{std::move(members).error()};
      const auto place = sources.toml_file->string();
      std::map<std::string, found_value> values;
      for (const auto& [name, value] : *members) {
        if (!is_setting(name)) return refuse(place + ": '" + name + "' is not a setting");
        values[name] = {value, label(name, place)};
      }
      ranked_.push_back(std::move(values));
    }
    return {};
  }

  const found_value* find(std::string_view name) const {
    for (const auto& layer : ranked_)
      if (const auto found = layer.find(std::string(name)); found != layer.end()) return &found->second;
    return nullptr;
  }

 private:
  static std::string label(const std::string& name, const std::string& place) {
    return variable_of({name, {}, {}, {}}) + " (from " + place + ")";
  }
  static std::map<std::string, found_value> ours(const std::map<std::string, std::string>& variables,
                                                 const std::string& place) {
    std::map<std::string, found_value> values;
    for (const auto& each : table)
      if (const auto found = variables.find(variable_of(each.shown)); found != variables.end())
        values[std::string(each.shown.name)] = {found->second, label(std::string(each.shown.name), place)};
    return values;
  }

  std::vector<std::map<std::string, found_value>> ranked_;
};

/// Nobody beyond this machine gets in without a key.
result<void> check_access(const server_config& config) {
  if (is_loopback(config.execution_host) || config.auth != auth_mode::off) return {};
  return refuse("PLANEXE_AUTH: 'off' is allowed on loopback only, and PLANEXE_EXECUTION_HOST is '" +
                config.execution_host + "'");
}

}  // namespace

bool keys_required(const server_config& config) {
  return config.auth == auth_mode::required || !is_loopback(config.execution_host);
}

std::span<const setting> settings() {
  return shown_settings;
}

std::string variable_of(const setting& setting) {
  std::string variable = "PLANEXE_";
  for (const char c : setting.name) variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

std::string flag_of(const setting& setting) {
  std::string flag = "--" + std::string(setting.name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

result<server_config> load_config(const config_sources& sources) {
  layers values;
  if (auto gathered = values.gather(sources); !gathered) return unexpected{std::move(gathered).error()};
  server_config config;
  for (const auto& each : table) {
    const auto* value = values.find(each.shown.name);
    if (value == nullptr || each.take(config, value->text)) continue;
    const auto shown = each.secret ? std::string("its value") : "'" + shown_line(value->text) + "'";
    return refuse(value->label + ": " + shown + " is not " + std::string(each.shown.allowed));
  }
  if (auto allowed = check_access(config); !allowed) return unexpected{std::move(allowed).error()};
  return config;
}

domain::execution_options execution_defaults(const server_config& config) {
  domain::execution_options options;
  options.review_threshold = config.review_threshold;
  options.timeout = config.execution_timeout;
  options.task_timeout = config.task_timeout;
  options.external_wait = config.external_wait;
  options.escalation = config.escalation;
  options.ladder = config.escalation_ladder;
  options.review_from_tier = config.review_from_tier;
  options.human_from_tier = config.human_from_tier;
  options.retry.max_attempts = config.task_max_attempts;
  options.retry.backoff = config.task_backoff;
  return options;
}

}  // namespace planexe::config
