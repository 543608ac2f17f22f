// The server's figures, for Prometheus and for people.
#include <doctest/doctest.h>

#include "gateway/json/render_metrics.hpp"
#include "tests/gateway/json_fixtures.hpp"
#include "tests/gateway/prometheus_text.hpp"

namespace planexe::tests {

using namespace gateway;

namespace {

server_figures some_figures() {
  server_figures figures;
  figures.version = "1.2.3";
  figures.log_position = 42;
  figures.counters.events = {{"task_assigned", 5}, {"task_complete", 3}};
  figures.counters.errors = {{"odd \"one\"\n\\", 2}, {"timeout", 7}};
  figures.executions[2] = 4;  // RUNNING
  figures.counters.attempts = 12;
  figures.counters.attempts_failed = 9;
  figures.counters.tasks_completed = 3;
  for (const double length : {0.0005, 0.3, 7.0, 5e6}) figures.counters.attempt_lengths.add(domain::seconds(length));
  figures.agents = {{"active", 1}, {"idle", 2}};
  figures.views = {{"executions.2", 40, 41, 6, 1, domain::milliseconds{250}}};
  figures.commits = {10, 30, 1.5};
  figures.disk = disk_figures{domain::disk_state::low, 300 << 20, {512 << 20, 128 << 20}};
  figures.http = server_counters{.requests = 99, .answers_2xx = 90, .websockets_open = 3};
  figures.process = {.resident_bytes = 1 << 20, .open_descriptors = 12, .cpu_seconds = 0.25};
  return figures;
}

std::map<std::string, metric_family> read(const server_figures& figures) {
  std::string text;
  render_prometheus(text, figures);
  std::map<std::string, metric_family> families;
  const auto wrong = read_prometheus(text, families);
  CHECK_MESSAGE(wrong.empty(), wrong);
  return families;
}

}  // namespace

TEST_CASE("the figures are well-formed Prometheus text and say what they should") {
  auto families = read(some_figures());
  const auto value = [&](const std::string& family, const std::string& sample) {
    REQUIRE_MESSAGE(families[family].samples.contains(sample), sample);
    return families[family].samples.at(sample);
  };
  CHECK_EQ(value("planexe_build_info", R"(planexe_build_info{version="1.2.3"})"), 1);
  CHECK_EQ(value("planexe_events_total", R"(planexe_events_total{type="task_assigned"})"), 5);
  CHECK_EQ(value("planexe_executions", R"(planexe_executions{status="RUNNING"})"), 4);
  CHECK_EQ(families["planexe_executions"].samples.size(), 8);
  CHECK_EQ(value("planexe_attempts_failed_total", R"(planexe_attempts_failed_total{error_type="odd \"one\"\n\\"})"), 2);
  CHECK_EQ(value("planexe_attempt_duration_seconds", R"(planexe_attempt_duration_seconds_bucket{le="0.001"})"), 1);
  CHECK_EQ(value("planexe_attempt_duration_seconds", R"(planexe_attempt_duration_seconds_bucket{le="0.5"})"), 2);
  CHECK_EQ(value("planexe_attempt_duration_seconds", R"(planexe_attempt_duration_seconds_bucket{le="10"})"), 3);
  CHECK_EQ(value("planexe_attempt_duration_seconds", R"(planexe_attempt_duration_seconds_bucket{le="+Inf"})"), 4);
  CHECK_EQ(value("planexe_attempt_duration_seconds", "planexe_attempt_duration_seconds_sum"),
           doctest::Approx(5000007.3));
  CHECK_EQ(value("planexe_view_lag_events", R"(planexe_view_lag_events{view="executions.2"})"), 1);
  CHECK_EQ(value("planexe_view_lag_seconds", R"(planexe_view_lag_seconds{view="executions.2"})"), 0.25);
  CHECK_EQ(value("planexe_commit_seconds_total", "planexe_commit_seconds_total"), 1.5);
  CHECK_EQ(value("planexe_disk_free_bytes", "planexe_disk_free_bytes"), 300 << 20);
  CHECK_EQ(value("planexe_disk_reserve_bytes", R"(planexe_disk_reserve_bytes{state="full"})"), 128 << 20);
  CHECK_EQ(value("planexe_disk_state", R"(planexe_disk_state{state="low"})"), 1);
  CHECK_EQ(value("planexe_disk_state", R"(planexe_disk_state{state="ok"})"), 0);
  CHECK_EQ(value("planexe_http_requests_total", "planexe_http_requests_total"), 99);
  CHECK_EQ(value("planexe_http_answers_total", R"(planexe_http_answers_total{class="2xx"})"), 90);
  CHECK_EQ(value("planexe_websockets_open", "planexe_websockets_open"), 3);
  CHECK_EQ(value("process_resident_memory_bytes", "process_resident_memory_bytes"), 1 << 20);
  CHECK_EQ(value("process_open_fds", "process_open_fds"), 12);
}

TEST_CASE("a server that has done nothing yet has figures too") {
  const auto families = read({});
  CHECK(!families.contains("planexe_http_requests_total"));
  CHECK(!families.contains("process_open_fds"));
  const auto body = rendered([](std::string& text) { render_metrics(text, {}); });
  CHECK(!body.contains("success_rate"));
  CHECK(!body.contains("http"));
  CHECK(!body.contains("disk"));
  CHECK(body.at("durations_seconds").at("attempt") == json{{"count", 0}});
}

TEST_CASE("the reader of Prometheus text finds what is wrong") {
  const std::string good = "# HELP a_total Help.\n# TYPE a_total counter\na_total 1\n";
  std::map<std::string, metric_family> families;
  CHECK(read_prometheus(good, families).empty());
  for (const auto* bad : {"a_total 1\n", "# HELP a_total Help.\n# TYPE a_total counter\na_total 1",
                          "# HELP a_total Help.\n# TYPE a_total counter\na_total 1\na_total 2\n",
                          "# HELP a_total Help.\n# TYPE a_total counter\na_total x\n",
                          "# HELP a_total Help.\n# TYPE a_total counter\na_total -1\n",
                          "# HELP a_total Help.\n# TYPE a_total counter\na_total{b=\"c\"d\"} 1\n",
                          "# HELP a Help.\n# TYPE a counter\na 1\n", "# TYPE a gauge\na 1\n", "\n",
                          "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
                          "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum "
                          "1\na_count 1\n"}) {
    std::map<std::string, metric_family> nothing;
    CHECK_MESSAGE(!read_prometheus(bad, nothing).empty(), bad);
  }
}

TEST_CASE("the figures as JSON have rates and quantiles, and errors by frequency") {
  const auto body = rendered([](std::string& text) { render_metrics(text, some_figures()); });
  CHECK(body.at("success_rate") == 0.25);
  CHECK(body.at("errors").at(0) == json{{"error_type", "timeout"}, {"count", 7}});
  CHECK(body.at("errors").at(1).at("error_type") == "odd \"one\"\n\\");
  const auto& attempts = body.at("durations_seconds").at("attempt");
  CHECK(attempts.at("count") == 4);
  CHECK(attempts.at("median") <= attempts.at("p90"));
  CHECK(attempts.at("p90") <= attempts.at("p99"));
  CHECK(attempts.at("p99") <= attempts.at("longest"));
  CHECK(attempts.at("longest") == 5e6);
  CHECK(body.at("agents") == json{{"active", 1}, {"idle", 2}});
  CHECK(body.at("executions").at("RUNNING") == 4);
  CHECK(body.at("events").at("task_complete") == 3);
  CHECK(body.at("views").at(0).at("lag_events") == 1);
  CHECK(body.at("views").at(0).at("lag_ms") == 250);
  CHECK(body.at("disk").at("state") == "low");
  CHECK(body.at("disk").at("free_bytes") == 300 << 20);
  CHECK(body.at("disk").at("reserve_bytes") == 512 << 20);
  CHECK(body.at("disk").at("reason").get<std::string>().find("300 MB left") != std::string::npos);
  CHECK(body.at("http").at("requests") == 99);
  CHECK(body.at("process").at("open_descriptors") == 12);
}

}  // namespace planexe::tests
