// The text format 0.0.4: a family's HELP and TYPE once, then its samples.
#include <charconv>
#include <cmath>

#include "domain/execution_status.hpp"
#include "gateway/json/render_metrics.hpp"

namespace planexe::gateway {
namespace {

using domain::execution_status;

std::string_view text_of(double number, std::array<char, 32>& digits) {
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  if (std::isnan(number)) return "NaN";
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

class exposition {
 public:
  explicit exposition(std::string& out) : out_(out) {}

  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
    out_.append(type).append("\n");
  }
  void sample(double value) { line(name_, {}, {}, value); }
  void sample(std::uint64_t value) { line(name_, {}, {}, static_cast<double>(value)); }
  void sample(std::string_view label, std::string_view named, std::uint64_t value) {
    line(name_, label, named, static_cast<double>(value));
  }
  void sample(std::string_view label, std::string_view named, double value) { line(name_, label, named, value); }

  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "counter", help);
    sample(value);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "gauge", help);
    sample(value);
  }

  void histogram(std::string_view name, std::string_view help, const projections::length_histogram& lengths) {
    family(name, "histogram", help);
    const std::string buckets = std::string(name) + "_bucket";
    std::array<char, 32> digits{};
    std::uint64_t within = 0;
    for (std::size_t i = 0; i < projections::length_bounds.size(); ++i) {
      within += lengths.buckets[i];
      line(buckets, "le", text_of(projections::length_bounds[i], digits), static_cast<double>(within));
    }
    line(buckets, "le", "+Inf", static_cast<double>(lengths.count));
    line(std::string(name) + "_sum", {}, {}, static_cast<double>(lengths.sum.count()) / 1'000);
    line(std::string(name) + "_count", {}, {}, static_cast<double>(lengths.count));
  }

 private:
  void line(std::string_view name, std::string_view label, std::string_view named, double value) {
    out_ += name;
    if (!label.empty()) {
      out_.append("{").append(label).append("=\"");
      append_escaped(named);
      out_ += "\"}";
    }
    std::array<char, 32> digits{};
    out_.append(" ").append(text_of(value, digits)).append("\n");
  }

  /// Names of errors are the agents' own words.
  void append_escaped(std::string_view text) {
    for (const char c : text) {
      if (c == '\\' || c == '"') out_ += '\\';
      if (c == '\n')
        out_ += "\\n";
      else
        out_ += c;
    }
  }

  std::string& out_;
  std::string_view name_;
};

void append_work(exposition& to, const server_figures& figures) {
  const auto& counted = figures.counters;
  to.family("planexe_events_total", "counter", "Events in the log, by type.");
  for (const auto& [type, count] : counted.events) to.sample("type", type, count);
  to.family("planexe_executions", "gauge", "Executions, by status.");
  for (std::size_t i = 0; i < figures.executions.size(); ++i)
    to.sample("status", domain::name_of(static_cast<execution_status>(i)), figures.executions[i]);
  to.counter("planexe_attempts_total", "Tasks handed out to agents.", counted.attempts);
  to.counter("planexe_tasks_completed_total", "Tasks completed.", counted.tasks_completed);
  to.counter("planexe_tasks_failed_total", "Tasks that failed for good.", counted.tasks_failed);
  to.counter("planexe_tasks_skipped_total", "Tasks skipped by people.", counted.tasks_skipped);
  to.counter("planexe_task_escalations_total", "Waits that were escalated, each rung of the ladder.",
             counted.tasks_escalated);
  to.family("planexe_attempts_failed_total", "counter", "Attempts that failed, by the type of their error.");
  for (const auto& [type, count] : counted.errors) to.sample("error_type", type, count);
  to.counter("planexe_reviews_opened_total", "Questions to people.", counted.reviews_opened);
  to.counter("planexe_reviews_resolved_total", "Questions that people answered.", counted.reviews_resolved);
  to.histogram("planexe_attempt_duration_seconds", "From a hand-out to the completion.", counted.attempt_lengths);
  to.histogram("planexe_task_wait_seconds", "From ready to handed out.", counted.waits);
  to.histogram("planexe_review_duration_seconds", "From a question to a person's answer.", counted.review_lengths);
  to.histogram("planexe_execution_duration_seconds", "From the first hand-out to the last completion.",
               counted.execution_lengths);
  to.family("planexe_agents", "gauge", "Registered agents, by status.");
  for (const auto& [status, count] : figures.agents) to.sample("status", status, count);
  to.gauge("planexe_leases_held", "Tasks that agents hold.", figures.held_leases);
  to.gauge("planexe_tasks_ready", "Tasks that could be handed out now.", figures.ready_tasks);
}

void append_log(exposition& to, const server_figures& figures) {
  to.gauge("planexe_log_position", "Position of the last event in the log.", figures.log_position);
  to.counter("planexe_commits_total", "Batches written and synced since the start.", figures.commits.batches);
  to.counter("planexe_commit_items_total", "Steps written in those batches.", figures.commits.items);
  to.family("planexe_commit_seconds_total", "counter", "Time spent writing and syncing since the start.");
  to.sample(figures.commits.seconds);
  to.family("planexe_view_lag_events", "gauge", "Events that a view does not have yet.");
  for (const auto& view : figures.views) to.sample("view", view.name, view.events);
  to.family("planexe_view_lag_seconds", "gauge", "Age of the oldest event that a view does not have yet.");
  for (const auto& view : figures.views) to.sample("view", view.name, static_cast<double>(view.time.count()) / 1'000);
  to.family("planexe_view_rows", "gauge", "Rows of a view.");
  for (const auto& view : figures.views) to.sample("view", view.name, view.rows);
  to.histogram("planexe_view_delay_seconds", "From a batch's last event being recorded to the views having it.",
               figures.view_delays);
}

void append_disk(exposition& to, const disk_figures& disk) {
  to.gauge("planexe_disk_free_bytes", "Room left on the disk of the log.", disk.free_bytes);
  to.family("planexe_disk_reserve_bytes", "gauge", "With less room the disk is low, or full.");
  to.sample("state", domain::name_of(domain::disk_state::low), disk.reserve.new_work_bytes);
  to.sample("state", domain::name_of(domain::disk_state::full), disk.reserve.reports_bytes);
  to.family("planexe_disk_state", "gauge", "1 of the state that the disk is in; low: no new work; full: no reports.");
  for (const auto state : {domain::disk_state::ok, domain::disk_state::low, domain::disk_state::full})
    to.sample("state", domain::name_of(state), std::uint64_t{disk.state == state ? 1U : 0U});
}

void append_http(exposition& to, const server_counters& http) {
  to.gauge("planexe_http_connections_open", "Open connections.", http.connections_open);
  to.counter("planexe_http_connections_total", "Connections accepted.", http.connections_accepted);
  to.counter("planexe_http_connections_refused_total", "Connections refused for a limit.", http.connections_refused);
  to.counter("planexe_http_requests_total", "Requests.", http.requests);
  to.family("planexe_http_answers_total", "counter", "Answers, by class of status.");
  to.sample("class", "2xx", http.answers_2xx);
  to.sample("class", "3xx", http.answers_3xx);
  to.sample("class", "4xx", http.answers_4xx);
  to.sample("class", "5xx", http.answers_5xx);
  to.counter("planexe_http_heads_refused_total", "Requests with bad framing.", http.heads_refused);
  to.counter("planexe_http_deadlines_passed_total", "Connections that were too slow.", http.deadlines_passed);
  to.gauge("planexe_websockets_open", "Open WebSockets.", http.websockets_open);
  to.gauge("planexe_event_streams_open", "Open streams of server-sent events.", http.streams_open);
  to.counter("planexe_http_received_bytes_total", "Bytes of requests.", http.bytes_received);
  to.counter("planexe_http_sent_bytes_total", "Bytes of answers.", http.bytes_sent);
}

void append_process(exposition& to, const process_figures& process) {
  if (process.resident_bytes)
    to.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", *process.resident_bytes);
  if (process.open_descriptors)
    to.gauge("process_open_fds", "Number of open file descriptors.", *process.open_descriptors);
  if (!process.cpu_seconds) return;
  to.family("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.");
  to.sample(*process.cpu_seconds);
}

}  // namespace

void render_prometheus(std::string& out, const server_figures& figures) {
  exposition to(out);
  to.family("planexe_build_info", "gauge", "The program's version.");
  to.sample("version", figures.version, std::uint64_t{1});
  append_work(to, figures);
  append_log(to, figures);
  if (figures.disk) append_disk(to, *figures.disk);
  if (figures.http) append_http(to, *figures.http);
  append_process(to, figures.process);
}

}  // namespace planexe::gateway
