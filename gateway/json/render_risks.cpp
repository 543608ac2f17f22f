#include "gateway/json/render_risks.hpp"

#include <algorithm>

#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::task_index;

std::string_view name_of(domain::risk_kind kind) {
  switch (kind) {
    case domain::risk_kind::risk:
      return "risk";
    case domain::risk_kind::failure_mode:
      return "failure_mode";
  }
  return "";
}

void append_lines(json_writer& writer, std::string_view name, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  writer.key(name);
  writer.begin_array();
  for (const auto& line : lines) writer.text(line);
  writer.end_array();
}

void append_task_ids(json_writer& writer, const domain::plan& plan, const std::vector<task_index>& tasks) {
  if (tasks.empty()) return;
  writer.key("tasks");
  writer.begin_array();
  for (const task_index task : tasks)
    if (task < plan.tasks.size()) writer.text(plan.tasks[task].id.value);
  writer.end_array();
}

/// What tells one risk from another at a glance.
void append_head(json_writer& writer, const domain::plan_risk& risk) {
  writer.optional_member("id", risk.id);
  writer.member("kind", name_of(risk.kind));
  writer.member("title", risk.title);
  writer.optional_member("severity", risk.severity);
  writer.optional_member("likelihood", risk.likelihood);
  writer.optional_member("owner", risk.owner);
}

}  // namespace

void append_risks(json_writer& writer, const domain::plan& plan) {
  writer.begin_array();
  for (const auto& risk : plan.risks) {
    writer.begin_object();
    append_head(writer, risk);
    writer.optional_member("description", risk.description);
    writer.optional_member("mitigation", risk.mitigation);
    append_lines(writer, "early_warnings", risk.early_warnings);
    append_lines(writer, "tripwires", risk.tripwires);
    writer.optional_member("stop_rule", risk.stop_rule);
    append_task_ids(writer, plan, risk.tasks);
    writer.end_object();
  }
  writer.end_array();
}

void append_assumptions(json_writer& writer, const domain::plan& plan) {
  writer.begin_array();
  for (const auto& assumption : plan.assumptions) {
    writer.begin_object();
    writer.optional_member("id", assumption.id);
    writer.member("statement", assumption.statement);
    writer.optional_member("test", assumption.test);
    writer.optional_member("falsifier", assumption.falsifier);
    append_task_ids(writer, plan, assumption.tasks);
    writer.end_object();
  }
  writer.end_array();
}

task_concerns::task_concerns(const domain::plan& plan)
    : plan_(plan), risks_(plan.tasks.size()), assumptions_(plan.tasks.size()) {
  const auto list = [&](const auto& said, by_task& attached) {
    for (std::uint32_t i = 0; i < said.size(); ++i)
      for (const task_index task : said[i].tasks)
        if (task < attached.size()) attached[task].push_back(i);
  };
  list(plan.risks, risks_);
  list(plan.assumptions, assumptions_);
}

std::vector<task_concerns::concern> task_concerns::of(const by_task& attached, task_index task) const {
  std::vector<concern> found;
  for (task_index at = task; at != domain::no_task; at = plan_.tasks[at].parent)
    for (const auto position : attached[at]) {
      if (found.size() == most_shown) return found;
      const bool shown =
          std::any_of(found.begin(), found.end(), [&](const concern& other) { return other.position == position; });
      if (!shown) found.push_back({position, at});
    }
  return found;
}

void task_concerns::append(json_writer& writer, task_index task) const {
  if (const auto found = of(risks_, task); !found.empty()) {
    writer.key("risks");
    writer.begin_array();
    for (const auto& [position, at] : found) {
      writer.begin_object();
      append_head(writer, plan_.risks[position]);
      writer.member("task_id", plan_.tasks[at].id);
      writer.end_object();
    }
    writer.end_array();
  }
  if (const auto found = of(assumptions_, task); !found.empty()) {
    writer.key("assumptions");
    writer.begin_array();
    for (const auto& [position, at] : found) {
      const auto& assumption = plan_.assumptions[position];
      writer.begin_object();
      writer.optional_member("id", assumption.id);
      writer.member("statement", assumption.statement);
      writer.member("task_id", plan_.tasks[at].id);
      writer.end_object();
    }
    writer.end_array();
  }
}

}  // namespace planexe::gateway
