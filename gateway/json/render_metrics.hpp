// The server's figures, as Prometheus and people read them. Pure, any thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/disk_reserve.hpp"
#include "gateway/http/options.hpp"
#include "projections/counter_views.hpp"

namespace planexe::gateway {

/// How far a view is behind the log.
struct view_lag {
  std::string name;
  std::uint64_t checkpoint = 0;  ///< position that is stored
  std::uint64_t position = 0;    ///< position that is answered from
  std::uint64_t rows = 0;
  std::uint64_t events = 0;      ///< of the log that it does not have yet
  domain::milliseconds time{0};  ///< since the oldest of them was recorded
};

/// Of the process; what /proc does not tell is absent.
struct process_figures {
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> open_descriptors;
  std::optional<double> cpu_seconds;
};

struct commit_totals {
  std::uint64_t batches = 0;
  std::uint64_t items = 0;  ///< steps of actors that went into them
  double seconds = 0;       ///< spent writing and syncing
};

/// Of the disk that the log is on.
struct disk_figures {
  domain::disk_state state = domain::disk_state::ok;
  std::uint64_t free_bytes = 0;
  domain::disk_reserve reserve;
};

struct server_figures {
  std::string version;
  std::uint64_t log_position = 0;
  projections::counters_row counters;
  std::array<std::uint64_t, projections::execution_status_count> executions{};  ///< by status, archived ones aside
  std::map<std::string_view, std::uint64_t> agents;                             ///< by status
  std::uint64_t held_leases = 0;
  std::uint64_t ready_tasks = 0;
  std::vector<view_lag> views;
  projections::length_histogram view_delays;  ///< from recorded to seen by whoever reads
  commit_totals commits;
  std::optional<disk_figures> disk;
  std::optional<server_counters> http;
  process_figures process;
};

/// In the text format 0.0.4.
void render_prometheus(std::string& out, const server_figures& figures);
/// A JSON object.
void render_metrics(std::string& out, const server_figures& figures);
/// A JSON array.
void render_views(std::string& out, std::span<const view_lag> views);

}  // namespace planexe::gateway
