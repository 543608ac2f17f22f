// The server's settings: where each comes from, and what each may be.
#include "apps/config/config.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <set>

#include "apps/usual_server.hpp"

namespace planexe::config {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// A folder of its own, gone with the test.
class scratch_folder {
 public:
  scratch_folder() {
    auto name = (fs::temp_directory_path() / "planexe-config-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  fs::path file(const char* name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  fs::path missing() const { return path_ / "missing"; }

 private:
  fs::path path_;
};

server_config loaded(const config_sources& sources) {
  const auto config = load_config(sources);
  REQUIRE_MESSAGE(config, config.error().detail);
  return *config;
}

std::string refusal(const config_sources& sources) {
  const auto config = load_config(sources);
  REQUIRE(!config);
  CHECK(config.error().code == errc::invalid);
  CHECK(config.error().detail.find('\n') == std::string::npos);
  return config.error().detail;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("without any source every setting has the contract's default") {
  const auto config = loaded({});
  CHECK(config == server_config{});
  CHECK(config.execution_enabled);
  CHECK(config.execution_host == "127.0.0.1");
  CHECK(config.execution_port == 8090);
  CHECK(answers::usual_server == "http://" + config.execution_host + ":" + std::to_string(config.execution_port));
  CHECK(config.execution_data_dir == "./data");
  CHECK(config.agent_poll_interval == std::chrono::seconds(300));
  CHECK(config.agent_timeout == std::chrono::seconds(1800));
  CHECK(config.escalation == std::chrono::hours(24));
  CHECK(config.external_wait == std::chrono::hours(48));
  CHECK(config.task_timeout == std::chrono::hours(24));
  CHECK(config.task_max_attempts == 3);
  CHECK(config.task_backoff == std::chrono::seconds(300));
  CHECK(config.execution_timeout == std::chrono::hours(168));
  CHECK(config.review_threshold == 0.7);
  CHECK(config.notify_backoff == std::chrono::seconds(5));
  CHECK(config.notify_give_up == std::chrono::hours(24));
  CHECK_FALSE(config.notify_allow_private);
  CHECK(config.websocket_enabled);
  CHECK(config.event_log_retention == std::chrono::hours(24 * 90));
  CHECK(config.auth == auth_mode::automatic);
  CHECK(config.level == log_level::info);
}

TEST_CASE("executions stay for days with decimals, or for ever") {
  const auto stay = [](const std::string& days) {
    config_sources sources;
    sources.flags["event_log_retention_days"] = days;
    return loaded(sources).event_log_retention;
  };
  CHECK(stay("0") == std::chrono::hours(0));
  CHECK(stay("0.5") == std::chrono::hours(12));
  CHECK(stay("0.00000002") == milliseconds(1));
  CHECK(stay("36500") == std::chrono::hours(24 * 36'500));
}

TEST_CASE("the defaults as text are the defaults, and so is the file that ships") {
  config_sources from_table;
  for (const auto& setting : settings()) from_table.flags[std::string(setting.name)] = setting.default_value;
  CHECK(loaded(from_table) == server_config{});
  const fs::path shipped = fs::path(PLANEXE_SOURCE_DIR) / "configs/planexe-ax.toml";
  CHECK(loaded({.toml_file = shipped}) == server_config{});
  std::ifstream in(shipped);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const auto& setting : settings())
    CHECK_MESSAGE(contains(text, "\n" + std::string(setting.name) + " = "), setting.name);
}

TEST_CASE("a flag beats the environment, that beats .env, that beats the TOML file") {
  const scratch_folder folder;
  config_sources sources;
  sources.toml_file = folder.file("a.toml", "execution_port = 1\n");
  CHECK(loaded(sources).execution_port == 1);
  sources.env_file = folder.file(".env", "PLANEXE_EXECUTION_PORT=2\n");
  CHECK(loaded(sources).execution_port == 2);
  sources.environment["PLANEXE_EXECUTION_PORT"] = "3";
  CHECK(loaded(sources).execution_port == 3);
  sources.flags["execution_port"] = "4";
  CHECK(loaded(sources).execution_port == 4);
}

TEST_CASE("sources are taken setting by setting") {
  const scratch_folder folder;
  config_sources sources;
  sources.toml_file = folder.file("a.toml", "execution_port = 1\nreview_threshold = 0\n");
  sources.environment["PLANEXE_EXECUTION_PORT"] = "3";
  const auto config = loaded(sources);
  CHECK(config.execution_port == 3);
  CHECK(config.review_threshold == 0);
  CHECK(config.task_max_attempts == 3);
}

TEST_CASE("every setting takes a value of its kind") {
  const auto config = loaded({.flags = {{"execution_enabled", "No"},
                                        {"execution_host", "::1"},
                                        {"execution_port", "0"},
                                        {"execution_data_dir", "/tmp/x y"},
                                        {"agent_poll_interval_seconds", "0.5"},
                                        {"agent_timeout_seconds", "1e1"},
                                        {"escalation_hours", "0.001"},
                                        {"escalation_ladder", "4:ann, 0.5 : Project Sponsor,8"},
                                        {"external_wait_hours", "1.5"},
                                        {"task_timeout_hours", "2"},
                                        {"task_max_attempts", "100"},
                                        {"task_backoff_seconds", "0.05"},
                                        {"execution_timeout_hours", "87840"},
                                        {"review_threshold", "1"},
                                        {"review_from_tier", "2"},
                                        {"human_from_tier", "3"},
                                        {"decomposition_model", "m"},
                                        {"config_path", "/c"},
                                        {"websocket_enabled", "0"},
                                        {"event_log_retention_days", "1"},
                                        {"backup_dir", "/b"},
                                        {"disk_reserve_mb", "7"},
                                        {"disk_reserve_reports_mb", "0"},
                                        {"worker_plan_url", "http://localhost:8000"},
                                        {"notify_webhook_url", "https://example.org/h#x"},
                                        {"notify_webhook_secret", "s"},
                                        {"notify_backoff_seconds", "0.05"},
                                        {"notify_give_up_hours", "0.5"},
                                        {"notify_allow_private", "true"},
                                        {"auth", "off"},
                                        {"log_level", "trace"}}});
  const server_config expected{
      false,
      "::1",
      0,
      "/tmp/x y",
      milliseconds(500),
      milliseconds(10'000),
      milliseconds(3'600),
      {{std::chrono::hours(4), "ann"}, {std::chrono::minutes(30), "Project Sponsor"}, {std::chrono::hours(8), ""}},
      milliseconds(5'400'000),
      std::chrono::hours(2),
      100,
      milliseconds(50),
      std::chrono::hours(87'840),
      1,
      2,
      3,
      "m",
      "/c",
      false,
      std::chrono::hours(24),
      "/b",
      7,
      0,
      "http://localhost:8000",
      "https://example.org/h#x",
      "s",
      milliseconds(50),
      std::chrono::minutes(30),
      true,
      auth_mode::off,
      log_level::trace};
  CHECK(config == expected);
}

TEST_CASE("a wrong value is told with its variable, its source and what is allowed") {
  const std::string blank_line = "a\nb";
  const std::vector<std::pair<const char*, std::vector<std::string>>> cases{
      {"execution_enabled", {"", "maybe", "2"}},
      {"execution_host", {"", "a\x01"}},
      {"execution_port", {"", "-1", "65536", "80.5", "8090x", " 80", "0x10"}},
      {"execution_data_dir", {"", blank_line}},
      {"agent_poll_interval_seconds", {"", "0", "-1", "nan", "inf", "1s", "1e300", "0.0001"}},
      {"agent_timeout_seconds", {"0", "31622401"}},
      {"escalation_hours", {"0", "-0.5", "87841", "0.0000001"}},
      {"escalation_ladder", {"ann", "0:ann", "4:ann,,", "x:ann", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"}},
      {"external_wait_hours", {"0", "x"}},
      {"task_timeout_hours", {"0", "1,5"}},
      {"task_max_attempts", {"0", "101", "2.5", "three"}},
      {"task_backoff_seconds", {"-0.1", "604801", ""}},
      {"execution_timeout_hours", {"0", "1h"}},
      {"review_threshold", {"-0.1", "1.1", "nan", ""}},
      {"review_from_tier", {"4", "-1", ""}},
      {"human_from_tier", {"4", "all"}},
      {"decomposition_model", {blank_line}},
      {"config_path", {blank_line}},
      {"websocket_enabled", {"ja"}},
      {"event_log_retention_days", {"", "-1", "36501", "0.0000000001", "nan"}},
      {"backup_dir", {blank_line}},
      {"disk_reserve_mb", {"", "-1", "1.5", "1000000001"}},
      {"disk_reserve_reports_mb", {"some", "1e3"}},
      {"worker_plan_url", {"localhost:8000", "ftp://x", "http://", "http://a b"}},
      {"notify_webhook_url", {"example.org"}},
      {"notify_webhook_secret", {blank_line}},
      {"notify_backoff_seconds", {"", "0", "-1", "31622401"}},
      {"notify_give_up_hours", {"0", "1h"}},
      {"notify_allow_private", {"", "perhaps"}},
      {"auth", {"", "on", "AUTO"}},
      {"log_level", {"", "verbose"}},
  };
  std::set<std::string_view> covered;
  for (const auto& [name, values] : cases) {
    const auto known =
        std::find_if(settings().begin(), settings().end(), [&](const auto& s) { return s.name == name; });
    REQUIRE(known != settings().end());
    covered.insert(known->name);
    for (const auto& value : values) {
      const auto line = refusal({.environment = {{variable_of(*known), value}}});
      CHECK_MESSAGE(contains(line, variable_of(*known)), line);
      CHECK_MESSAGE(contains(line, "the environment"), line);
      CHECK_MESSAGE(contains(line, known->allowed), line);
      const bool shows_value = known->name == "notify_webhook_secret" || value == blank_line || value == "a\x01" ||
                               contains(line, "'" + value + "'");
      CHECK_MESSAGE(shows_value, line);
    }
  }
  CHECK(covered.size() == settings().size());
}

TEST_CASE("a secret is never repeated") {
  CHECK(!contains(refusal({.environment = {{"PLANEXE_NOTIFY_WEBHOOK_SECRET", "hush\n"}}}), "hush"));
}

TEST_CASE("a very long value is told in short") {
  CHECK(refusal({.flags = {{"execution_port", std::string(100'000, '9')}}}).size() < 500);
}

TEST_CASE("names that are not settings are refused in flags and TOML, and left alone in the environment") {
  const scratch_folder folder;
  CHECK(contains(refusal({.flags = {{"port", "1"}}}), "'port'"));
  const auto line = refusal({.toml_file = folder.file("a.toml", "execution_port = 1\nexecution_prot = 2\n")});
  CHECK(contains(line, "execution_prot"));
  CHECK(contains(line, "a.toml"));
  CHECK(loaded({.environment = {{"PLANEXE_OTHER", "x"}, {"PATH", "y"}},
                .env_file = folder.file(".env", "OPENROUTER_API_KEY=z\nPLANEXE_UNKNOWN=1\n")}) == server_config{});
}

TEST_CASE(".env files are read as people write them") {
  const scratch_folder folder;
  const auto env = folder.file(".env",
                               "# settings\r\n"
                               "\n"
                               "export PLANEXE_EXECUTION_PORT = 81 # ours\r\n"
                               "PLANEXE_DECOMPOSITION_MODEL=\"a \\\"b\\\" # c\"  # comment\n"
                               "PLANEXE_CONFIG_PATH='single \\ quoted'\n"
                               "PLANEXE_NOTIFY_WEBHOOK_URL=https://example.org/#part\n"
                               "PLANEXE_NOTIFY_WEBHOOK_SECRET=\n"
                               "  PLANEXE_LOG_LEVEL=debug");
  const auto config = loaded({.env_file = env});
  CHECK(config.execution_port == 81);
  CHECK(config.decomposition_model == "a \"b\" # c");
  CHECK(config.config_path == "single \\ quoted");
  CHECK(config.notify_webhook_url == "https://example.org/#part");
  CHECK(config.notify_webhook_secret.empty());
  CHECK(config.level == log_level::debug);
}

TEST_CASE("a broken .env file is told with its line") {
  const scratch_folder folder;
  for (const auto* text : {"A=1\nnonsense\n", "A=1\n=2\n", "A=1\nB C=2\n", "A=1\nB=\"open\n", "A=1\nB='x' y\n"})
    CHECK_MESSAGE(contains(refusal({.env_file = folder.file(".env", text)}), "line 2"), text);
}

TEST_CASE("a broken TOML file is told with its line, and values that are no settings with their name") {
  const scratch_folder folder;
  CHECK(contains(refusal({.toml_file = folder.file("a.toml", "execution_port = 1\nauth = \n")}), "line 2"));
  CHECK(contains(refusal({.toml_file = folder.file("a.toml", "[auth]\nx = 1\n")}), "'auth'"));
  CHECK(contains(refusal({.toml_file = folder.file("a.toml", "execution_port = [1]\n")}), "'execution_port'"));
  CHECK(contains(refusal({.toml_file = folder.file("a.toml", "execution_port = 1.5\n")}), "PLANEXE_EXECUTION_PORT"));
  CHECK(contains(refusal({.toml_file = folder.file("a.toml", "auth = 'open'\n")}), "a.toml"));
}

TEST_CASE("a TOML file must exist, a .env file need not") {
  const scratch_folder folder;
  CHECK(contains(refusal({.toml_file = folder.missing()}), "missing"));
  CHECK(loaded({.env_file = folder.missing()}) == server_config{});
  CHECK(contains(refusal({.env_file = folder.file("x", "").parent_path()}), "not a file"));
}

TEST_CASE("only loopback is served without keys") {
  for (const auto* host : {"127.0.0.1", "127.8.9.10", "localhost", "::1"}) {
    CHECK(is_loopback(host));
    for (const auto* auth : {"auto", "required", "off"}) {
      const auto config = loaded({.flags = {{"execution_host", host}, {"auth", auth}}});
      CHECK(keys_required(config) == (config.auth == auth_mode::required));
    }
  }
  for (const auto* host : {"0.0.0.0", "192.168.1.2", "::", "example.org", "127.0.0.1.example.org", "127.1",
                           "127.0.0.256", "128.0.0.1", "localhost.example.org", "127.0.0.1 "}) {
    CHECK(!is_loopback(host));
    for (const auto* auth : {"auto", "required"})
      CHECK(keys_required(loaded({.flags = {{"execution_host", host}, {"auth", auth}}})));
    const auto line = refusal({.flags = {{"execution_host", host}, {"auth", "off"}}});
    CHECK_MESSAGE(contains(line, host), line);
    CHECK_MESSAGE(contains(line, "PLANEXE_AUTH"), line);
  }
}

TEST_CASE("what executions get by default follows from the settings") {
  const auto config = loaded({.flags = {{"review_threshold", "0.2"},
                                        {"task_timeout_hours", "1"},
                                        {"external_wait_hours", "2"},
                                        {"execution_timeout_hours", "3"},
                                        {"task_max_attempts", "4"},
                                        {"task_backoff_seconds", "5"}}});
  const auto options = execution_defaults(config);
  CHECK(options.review_threshold == 0.2);
  CHECK(options.task_timeout == std::chrono::hours(1));
  CHECK(options.external_wait == std::chrono::hours(2));
  CHECK(options.timeout == std::chrono::hours(3));
  CHECK(options.retry == domain::retry_policy{4, domain::seconds(5)});
  CHECK(execution_defaults({}) == domain::execution_options{});
}

TEST_CASE("settings have names for every source") {
  const auto& port = settings()[2];
  CHECK(variable_of(port) == "PLANEXE_EXECUTION_PORT");
  CHECK(flag_of(port) == "--execution-port");
}

}  // namespace planexe::config
