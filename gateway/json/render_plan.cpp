#include "gateway/json/render_plan.hpp"

#include "domain/execution_status.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_risks.hpp"
#include "gateway/json/task_members.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::task_index;

void append_decomposition(json_writer& writer, const projections::plan_row& row) {
  writer.key("decomposition");
  writer.begin_object();
  writer.member("agent_executable", row.agent_executable);
  writer.member("needs_review", row.needs_review);
  writer.member("human", row.human);
  writer.member("mean_confidence", row.mean_confidence);
  writer.end_object();
}

/// The dependencies that the plan gives, with their reasons; `dependencies` is their number.
void append_edges(json_writer& writer, const domain::plan& plan) {
  writer.begin_array();
  for (const auto& dependency : plan.dependencies) {
    writer.begin_object();
    writer.member("from", plan.tasks[dependency.from].id);
    writer.member("to", plan.tasks[dependency.to].id);
    writer.optional_member("explanation", dependency.explanation);
    writer.end_object();
  }
  writer.end_array();
}

/// The tasks of a plan with what hangs below and before each.
class plan_tree {
 public:
  plan_tree(json_writer& writer, const domain::plan& plan)
      : writer_(writer), plan_(plan), children_(plan.tasks.size()), before_(plan.tasks.size()) {
    for (task_index i = 0; i < plan.tasks.size(); ++i) {
      const auto parent = plan.tasks[i].parent;
      (parent == domain::no_task ? roots_ : children_[parent]).push_back(i);
    }
    for (const auto& dependency : plan.dependencies) before_[dependency.to].push_back(dependency.from);
  }

  void append() { append_all(roots_); }

 private:
  // Recursion is as deep as the plan, which `max_plan_depth` bounds.
  void append_all(const std::vector<task_index>& tasks) {
    writer_.begin_array();
    for (const auto i : tasks) append_task(i);
    writer_.end_array();
  }

  void append_task(task_index i) {
    const auto& task = plan_.tasks[i];
    writer_.begin_object();
    append_identity(writer_, plan_, i);
    append_action(writer_, task);
    append_capabilities(writer_, task);
    writer_.optional_member("assignee_role", task.assignee_role);
    append_texts("resources", task.resources);
    writer_.key("prerequisites");
    writer_.begin_array();
    for (const auto before : before_[i]) writer_.text(plan_.tasks[before].id.value);
    writer_.end_array();
    append_estimate(writer_, task);
    if (task.timeout) writer_.member("timeout_hours", as_hours(*task.timeout));
    if (task.retry) {
      writer_.key("retry_policy");
      append_retry_policy(writer_, *task.retry);
    }
    append_judgement(writer_, task);
    if (!children_[i].empty()) {
      writer_.key("children");
      append_all(children_[i]);
    }
    writer_.end_object();
  }

  void append_texts(std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    writer_.key(name);
    writer_.begin_array();
    for (const auto& text : texts) writer_.text(text);
    writer_.end_array();
  }

  json_writer& writer_;
  const domain::plan& plan_;
  std::vector<task_index> roots_;
  std::vector<std::vector<task_index>> children_, before_;
};

}  // namespace

void append_plan_summary(json_writer& writer, const projections::plan_row& row) {
  writer.optional_member("plan_id", row.id);
  writer.member("title", row.title);
  writer.member("goal", row.goal);
  writer.member("phases", row.phases);
  writer.member("tasks", row.tasks);
  writer.member("tasks_total", row.tasks_total);
  writer.member("dependencies", row.dependencies);
  writer.key("roles");
  writer.begin_array();
  for (const auto& role : row.roles) writer.text(role);
  writer.end_array();
  writer.key("warnings");
  append_warnings(writer, row.warnings, {});
  append_decomposition(writer, row);
  writer.optional_member("redline", domain::name_of(row.redline));
  writer.optional_member("start_warning", row.start_warning);
  if (!row.id.empty()) writer.member("imported_at", row.imported_at);
}

void render_plan_row(std::string& out, const projections::plan_row& row) {
  json_writer writer(out);
  writer.begin_object();
  append_plan_summary(writer, row);
  writer.end_object();
}

void render_plan_rows(std::string& out, std::span<const projections::plan_row> rows) {
  json_writer writer(out);
  writer.begin_array();
  for (const auto& row : rows) {
    writer.begin_object();
    append_plan_summary(writer, row);
    writer.end_object();
  }
  writer.end_array();
}

void render_plan(std::string& out, const projections::plan_row& row, const domain::plan& plan) {
  json_writer writer(out);
  writer.begin_object();
  append_plan_summary(writer, row);
  writer.key("team");
  writer.begin_array();
  for (const auto& role : plan.roles) {
    writer.begin_object();
    writer.member("name", role.name);
    writer.optional_member("description", role.description);
    writer.end_object();
  }
  writer.end_array();
  writer.key("risks");
  append_risks(writer, plan);
  writer.key("assumptions");
  append_assumptions(writer, plan);
  writer.key("edges");
  append_edges(writer, plan);
  writer.optional_member("start_date", plan.start_date);
  writer.end_object();
}

void render_plan_tasks(std::string& out, const domain::plan& plan) {
  json_writer writer(out);
  plan_tree(writer, plan).append();
}

}  // namespace planexe::gateway
