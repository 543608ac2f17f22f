#include "gateway/json/render_metrics.hpp"

#include <algorithm>
#include <cmath>

#include "domain/execution_status.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::execution_status;

/// Seconds to a millisecond.
double rounded_seconds(double seconds) {
  return std::round(seconds * 1'000) / 1'000;
}

void append_lengths(json_writer& writer, std::string_view name, const projections::length_histogram& lengths) {
  writer.key(name);
  writer.begin_object();
  writer.member("count", lengths.count);
  if (lengths.count > 0) {
    writer.member("mean", rounded_seconds(as_seconds(lengths.sum) / static_cast<double>(lengths.count)));
    writer.member("median", rounded_seconds(*lengths.quantile(0.5)));
    writer.member("p90", rounded_seconds(*lengths.quantile(0.9)));
    writer.member("p99", rounded_seconds(*lengths.quantile(0.99)));
    writer.member("longest", as_seconds(lengths.longest));
  }
  writer.end_object();
}

/// The most frequent first.
void append_errors(json_writer& writer, const projections::counters_row& counted) {
  std::vector<std::pair<std::string, std::uint64_t>> errors{counted.errors.begin(), counted.errors.end()};
  std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  writer.begin_array();
  for (const auto& [type, count] : errors) {
    writer.begin_object();
    writer.member("error_type", type);
    writer.member("count", count);
    writer.end_object();
  }
  writer.end_array();
}

/// Names that are the contract's, so that they need no escaping.
template <class Counts>
void append_counts(json_writer& writer, std::string_view name, const Counts& counts) {
  writer.key(name);
  writer.begin_object();
  for (const auto& [each, count] : counts) writer.member(each, count);
  writer.end_object();
}

void append_work(json_writer& writer, const server_figures& figures) {
  const auto& counted = figures.counters;
  const auto ended = counted.tasks_completed + counted.attempts_failed;
  if (ended > 0)
    writer.member("success_rate", static_cast<double>(counted.tasks_completed) / static_cast<double>(ended));
  writer.key("tasks");
  writer.begin_object();
  writer.member("completed", counted.tasks_completed);
  writer.member("failed", counted.tasks_failed);
  writer.member("skipped", counted.tasks_skipped);
  writer.member("escalated", counted.tasks_escalated);
  writer.member("ready", figures.ready_tasks);
  writer.member("held", figures.held_leases);
  writer.end_object();
  writer.key("attempts");
  writer.begin_object();
  writer.member("started", counted.attempts);
  writer.member("failed", counted.attempts_failed);
  writer.end_object();
  writer.key("reviews");
  writer.begin_object();
  writer.member("opened", counted.reviews_opened);
  writer.member("resolved", counted.reviews_resolved);
  writer.end_object();
  writer.key("durations_seconds");
  writer.begin_object();
  append_lengths(writer, "attempt", counted.attempt_lengths);
  append_lengths(writer, "wait", counted.waits);
  append_lengths(writer, "review", counted.review_lengths);
  append_lengths(writer, "execution", counted.execution_lengths);
  append_lengths(writer, "view_delay", figures.view_delays);
  writer.end_object();
  writer.key("errors");
  append_errors(writer, counted);
  append_counts(writer, "agents", figures.agents);
  std::vector<std::pair<std::string_view, std::uint64_t>> executions;
  for (std::size_t i = 0; i < figures.executions.size(); ++i)
    executions.emplace_back(domain::name_of(static_cast<execution_status>(i)), figures.executions[i]);
  append_counts(writer, "executions", executions);
  append_counts(writer, "events", counted.events);
}

void append_http(json_writer& writer, const server_counters& http) {
  writer.begin_object();
  writer.member("connections_open", http.connections_open);
  writer.member("connections", http.connections_accepted);
  writer.member("connections_refused", http.connections_refused);
  writer.member("requests", http.requests);
  writer.member("answers_2xx", http.answers_2xx);
  writer.member("answers_3xx", http.answers_3xx);
  writer.member("answers_4xx", http.answers_4xx);
  writer.member("answers_5xx", http.answers_5xx);
  writer.member("heads_refused", http.heads_refused);
  writer.member("deadlines_passed", http.deadlines_passed);
  writer.member("websockets_open", http.websockets_open);
  writer.member("event_streams_open", http.streams_open);
  writer.member("bytes_received", http.bytes_received);
  writer.member("bytes_sent", http.bytes_sent);
  writer.end_object();
}

void append_disk(json_writer& writer, const disk_figures& disk) {
  writer.begin_object();
  writer.member("state", domain::name_of(disk.state));
  writer.member("free_bytes", disk.free_bytes);
  writer.member("reserve_bytes", disk.reserve.new_work_bytes);
  writer.member("reports_reserve_bytes", disk.reserve.reports_bytes);
  if (disk.state != domain::disk_state::ok)
    writer.member("reason", domain::disk_refusal(disk.state, disk.free_bytes, disk.reserve));
  writer.end_object();
}

void append_views(json_writer& writer, std::span<const view_lag> views) {
  writer.begin_array();
  for (const auto& view : views) {
    writer.begin_object();
    writer.member("name", view.name);
    writer.member("checkpoint", view.checkpoint);
    writer.member("position", view.position);
    writer.member("rows", view.rows);
    writer.member("lag_events", view.events);
    writer.member("lag_ms", view.time.count());
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

void render_metrics(std::string& out, const server_figures& figures) {
  json_writer writer(out);
  writer.begin_object();
  writer.optional_member("version", figures.version);
  append_work(writer, figures);
  writer.member("log_position", figures.log_position);
  writer.key("commits");
  writer.begin_object();
  writer.member("batches", figures.commits.batches);
  writer.member("items", figures.commits.items);
  writer.member("seconds", rounded_seconds(figures.commits.seconds));
  writer.end_object();
  if (figures.disk) {
    writer.key("disk");
    append_disk(writer, *figures.disk);
  }
  writer.key("views");
  append_views(writer, figures.views);
  if (figures.http) {
    writer.key("http");
    append_http(writer, *figures.http);
  }
  writer.key("process");
  writer.begin_object();
  writer.optional_member("resident_bytes", figures.process.resident_bytes);
  writer.optional_member("open_descriptors", figures.process.open_descriptors);
  writer.optional_member("cpu_seconds", figures.process.cpu_seconds);
  writer.end_object();
  writer.end_object();
}

void render_views(std::string& out, std::span<const view_lag> views) {
  json_writer writer(out);
  append_views(writer, views);
}

}  // namespace planexe::gateway
