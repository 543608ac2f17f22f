// The server's figures: for Prometheus, as JSON, and the load of each role over all executions.
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gateway/actor_bridge/agent_crowds.hpp"
#include "gateway/actor_bridge/figures.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

/// What a role has to do, and who there is for it.
struct role_line {
  projections::role_load load;
  std::uint64_t agents = 0, active = 0, capacity = 0;
};

void count_agents(role_line& line, const std::vector<agent_crowd>& crowds) {
  for (const auto& crowd : crowds) {
    if (!domain::serves_role(crowd.profile, line.load.role)) continue;
    line.agents += crowd.agents;
    line.active += crowd.active;
    line.capacity += crowd.capacity;
  }
}

void render_roles(std::string& out, const std::vector<role_line>& lines) {
  json_writer writer(out);
  writer.begin_array();
  for (const auto& line : lines) {
    writer.begin_object();
    writer.member("role", line.load.role);
    writer.member("agents", line.agents);
    writer.member("agents_active", line.active);
    writer.member("capacity", line.capacity);
    writer.member("held", line.load.held);
    writer.member("ready", line.load.ready);
    writer.member("waiting", line.load.waiting);
    writer.member("reviewing", line.load.reviewing);
    writer.member("completed", line.load.completed);
    writer.member("failed", line.load.failed);
    writer.end_object();
  }
  writer.end_array();
}

using render_figures = void (*)(std::string&, const server_figures&);

void answer_figures(actor_bridge::core& core, responder answer, std::string_view content_type, render_figures render) {
  core.read([&core, content_type, render, to = share(std::move(answer))] {
    auto figures = figures_of(core);
    if (!figures) return to->fail(to_problem(figures.error()));
    core.work([content_type, render, to, figures = std::move(*figures)]() mutable {
      figures.process = figures_of_process();
      std::string text;
      render(text, figures);
      to->send({.status = 200, .content_type = std::string(content_type), .body = std::move(text), .headers = {}});
    });
  });
}

}  // namespace

result<std::vector<view_lag>> lags_of(const actor_bridge::core& core) {
  const auto head = core.env.log.head();
  if (!head) return unexpected{head.error()};
  const auto position = core.views.runner.position();
  domain::milliseconds late{0};
  if (position < head->position) {
    const auto next = core.env.log.read_all(position, 1);
    if (!next) return unexpected{next.error()};
    if (!next->empty())
      late = std::max(core.env.time.now() - next->front().metadata.recorded_at, domain::milliseconds{0});
  }
  std::vector<view_lag> lags;
  for (const auto& view : core.views.runner.standings())
    lags.push_back({.name = std::string(view.name),
                    .checkpoint = view.checkpoint,
                    .position = view.position,
                    .rows = view.rows,
                    .events = head->position - std::min(head->position, view.position),
                    .time = late});
  return lags;
}

result<server_figures> figures_of(actor_bridge::core& core) {
  server_figures figures;
  figures.version = core.options.version;
  auto lags = lags_of(core);
  if (!lags) return unexpected{lags.error()};
  figures.views = std::move(*lags);
  figures.counters = core.views.counters.row();
  figures.executions = core.views.executions.by_status();
  figures.log_position = core.views.runner.position();
  for (const auto* status : {"active", "idle", "unreachable", "paused", "retired"}) figures.agents[status] = 0;
  for (const auto* row : core.views.agents.listed()) {
    ++figures.agents[presence_of(core.env, *row).status];
    figures.held_leases += row->held.size();
  }
  const auto roles = core.views.roles.totals();
  if (!roles) return unexpected{roles.error()};
  for (const auto& [name, load] : **roles) figures.ready_tasks += load.ready;
  figures.view_delays = core.views.delays;
  const auto& commits = core.env.commits;
  figures.commits = {commits.batches, commits.items, static_cast<double>(commits.microseconds) / 1e6};
  figures.disk = disk_figures{core.env.disk->state(), core.env.disk->free_bytes(), core.env.disk->reserve()};
  if (core.options.http_counters) figures.http = core.options.http_counters();
  return figures;
}

process_figures figures_of_process() {
  process_figures figures;
  std::uint64_t pages = 0, resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> pages >> resident_pages)
    figures.resident_bytes = resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::error_code unreadable;
  std::uint64_t descriptors = 0;
  for (std::filesystem::directory_iterator each("/proc/self/fd", unreadable), end; !unreadable && each != end;
       each.increment(unreadable))
    ++descriptors;
  if (!unreadable && descriptors > 0) figures.open_descriptors = descriptors - 1;  // but for the folder's own
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    figures.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  }
  return figures;
}

void actor_bridge::core::bind_metrics(router& routes) {
  bind(routes, "get_metrics_text", [this](const request&, responder answer) {
    answer_figures(*this, std::move(answer), "text/plain; version=0.0.4; charset=utf-8", &render_prometheus);
  });
  bind(routes, "get_metrics", [this](const request&, responder answer) {
    answer_figures(*this, std::move(answer), "application/json", &render_metrics);
  });
  bind(routes, "list_roles", [this](const request&, responder answer) {
    read([this, to = share(std::move(answer))] {
      const auto totals = views.roles.totals();
      if (!totals) return to->fail(to_problem(totals.error()));
      std::vector<role_line> lines;
      for (const auto& [name, load] : **totals) lines.push_back({.load = load});
      work([crowds = crowds_of(*this), lines = std::move(lines), to]() mutable {
        for (auto& line : lines) count_agents(line, *crowds);
        std::string text;
        render_roles(text, lines);
        to->send(json_response(200, std::move(text)));
      });
    });
  });
}

}  // namespace planexe::gateway
