#include "gateway/json/render_preview.hpp"

#include <unordered_map>

#include "domain/schedule.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_forecast.hpp"
#include "gateway/json/render_plan.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::task_index;

/// Leaves by who does them.
struct tier_counts {
  std::uint32_t leaves = 0, agent_alone = 0, agent_with_approval = 0, person_led = 0;
  double effort_days = 0;

  void add(const domain::plan_graph& graph, task_index leaf) {
    ++leaves;
    const auto tier = graph.task(leaf).tier;
    ++(tier == domain::autonomy_tier::person_led            ? person_led
       : tier == domain::autonomy_tier::agent_with_approval ? agent_with_approval
                                                            : agent_alone);
    effort_days += domain::estimated_days(graph, leaf);
  }
  void append(json_writer& writer) const {
    writer.member("leaves", leaves);
    writer.member("agent_alone", agent_alone);
    writer.member("agent_with_approval", agent_with_approval);
    writer.member("person_led", person_led);
    writer.member("effort_days", rounded_days(effort_days));
  }
};

/// In the order in which an execution would be by default, or, where that cannot be, in that of the plan's own
/// dependencies, as a start would say.
struct ordered_plan {
  std::shared_ptr<const domain::plan_graph> graph;
  std::vector<domain::plan_warning> warnings;
};

ordered_plan order(const std::shared_ptr<const domain::plan>& plan) {
  ordered_plan ordered;
  auto graph = domain::plan_graph::build(plan, domain::sequencing::phased);
  if (!graph) {
    for (const auto& reason : graph.error()) ordered.warnings.push_back({"order_unclear", reason.message, {}});
    graph = domain::plan_graph::build(plan, domain::sequencing::dependencies);
  }
  if (!graph) return ordered;
  ordered.graph = *graph;
  for (const auto& dropped : ordered.graph->dropped()) ordered.warnings.push_back(dropped);
  return ordered;
}

void append_roles(json_writer& writer, const domain::plan_graph& graph) {
  std::vector<std::pair<std::string_view, tier_counts>> roles;  // as they first come
  std::unordered_map<std::string_view, std::size_t> places;
  for (const auto leaf : graph.leaves()) {
    const auto& name = graph.task(leaf).assignee_role;
    const auto [place, added] = places.try_emplace(name, roles.size());
    if (added) roles.emplace_back(name, tier_counts{});
    roles[place->second].second.add(graph, leaf);
  }
  writer.begin_array();
  for (const auto& [name, counts] : roles) {
    writer.begin_object();
    writer.member("role", name);
    counts.append(writer);
    writer.end_object();
  }
  writer.end_array();
}

void append_phases(json_writer& writer, const domain::plan_graph& graph, const domain::schedule& schedule) {
  std::vector<bool> critical(graph.size());
  for (const auto leaf : schedule.critical_path) critical[leaf] = true;
  writer.begin_array();
  for (task_index phase = 0; phase < graph.size(); ++phase) {
    if (graph.parent(phase) != domain::no_task) continue;
    tier_counts counts;
    double start = schedule.days, end = 0, critical_days = 0;
    for (const auto below : graph.subtree(phase)) {
      if (!graph.is_leaf(below)) continue;
      counts.add(graph, below);
      start = std::min(start, schedule.slots[below].earliest_start);
      end = std::max(end, schedule.slots[below].earliest_end);
      if (critical[below]) critical_days += domain::estimated_days(graph, below);
    }
    writer.begin_object();
    writer.member("task_id", graph.task(phase).id);
    writer.member("title", graph.task(phase).title);
    writer.member("tasks", graph.children(phase).size());
    counts.append(writer);
    writer.member("start_days", rounded_days(start));
    writer.member("end_days", rounded_days(end));
    writer.member("days", rounded_days(end - start));
    writer.member("critical_days", rounded_days(critical_days));
    writer.end_object();
  }
  writer.end_array();
}

void append_critical_path(json_writer& writer, const domain::plan_graph& graph, const domain::schedule& schedule) {
  writer.begin_array();
  for (const auto leaf : schedule.critical_path) {
    writer.begin_object();
    writer.member("task_id", graph.task(leaf).id);
    writer.member("title", graph.task(leaf).title);
    writer.member("start_days", rounded_days(schedule.slots[leaf].earliest_start));
    writer.member("end_days", rounded_days(schedule.slots[leaf].earliest_end));
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

void render_plan_preview(std::string& out, const projections::plan_row& row,
                         const std::shared_ptr<const domain::plan>& plan) {
  const auto ordered = order(plan);
  json_writer writer(out);
  writer.begin_object();
  append_plan_summary(writer, row);
  writer.key("preview");
  writer.begin_object();
  if (ordered.graph) {
    const auto schedule = domain::schedule_plan(*ordered.graph);
    writer.member("days", rounded_days(schedule.days));
    writer.key("roles");
    append_roles(writer, *ordered.graph);
    writer.key("phases");
    append_phases(writer, *ordered.graph, schedule);
    writer.key("critical_path");
    append_critical_path(writer, *ordered.graph, schedule);
  }
  writer.key("warnings");  // about the order; those of the reader are the summary's
  append_warnings(writer, ordered.warnings, {});
  std::string tasks;
  render_plan_tasks(tasks, *plan);
  writer.raw_member("tasks", tasks);
  writer.end_object();
  writer.end_object();
}

}  // namespace planexe::gateway
