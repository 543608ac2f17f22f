#include "gateway/json/render_answer.hpp"

#include "domain/execution_status.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/task_members.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::task_index;
using domain::work_item;

constexpr std::size_t usual_task_bytes = 2048;  // a first guess that saves growing the answer step by step

/// All members but the one that names the execution's status, which differs between one receipt and many.
void append_receipt(json_writer& writer, const domain::report_receipt& receipt, std::string_view status_name) {
  if (receipt.seq > 0) {
    std::string id = receipt.execution.value;
    id += ':';
    id += std::to_string(receipt.seq);
    writer.member("event_id", id);
  }
  writer.member("execution_id", receipt.execution);
  if (receipt.seq > 0) writer.member("seq", receipt.seq);
  writer.member("recorded_at", receipt.recorded_at);
  writer.member(status_name, domain::name_of(receipt.status));
  writer.member("task_status", domain::name_of(receipt.task));
  writer.member("status_message", receipt.status_message);
  if (receipt.review_required) writer.member("human_review_required", true);
  writer.optional_member("escalated_to", receipt.escalated_to);
  if (receipt.duplicate) writer.member("duplicate", true);
  writer.member("force_pause", receipt.force_pause);
  writer.member("force_cancel", receipt.force_cancel);
}

void append_neighbours(json_writer& writer, std::string_view name, const domain::plan_graph& graph,
                       const std::vector<task_index>& tasks) {
  writer.key(name);
  writer.begin_array();
  for (const auto i : tasks) {
    writer.begin_object();
    writer.member("task_id", graph.task(i).id);
    writer.member("title", graph.task(i).title);
    writer.end_object();
  }
  writer.end_array();
}

void append_context(json_writer& writer, const work_item& work) {
  const auto& graph = *work.graph;
  writer.key("context");
  writer.begin_object();
  writer.member("plan_goal", graph.plan().goal);
  writer.member("phase", graph.task(graph.phase_of(work.task)).title);
  append_neighbours(writer, "previous_tasks", graph, work.previous);
  append_neighbours(writer, "upcoming_tasks", graph, work.upcoming);
  writer.key("prerequisite_results");
  writer.begin_array();
  for (const auto& [task, output] : work.prerequisite_results) {
    writer.begin_object();
    writer.member("task_id", graph.task(task).id);
    writer.member("title", graph.task(task).title);
    writer.raw_member("output_data", output);
    writer.end_object();
  }
  writer.end_array();
  writer.optional_member("resolution", work.resolution);
  writer.end_object();
}

void append_work(json_writer& writer, const work_item& work, domain::timestamp lease_expires_at) {
  const auto& task = work.graph->task(work.task);
  writer.begin_object();
  writer.member("execution_id", work.execution);
  writer.member("plan_id", work.graph->plan().id);
  writer.member("task_id", task.id);
  writer.member("title", task.title);
  writer.member("description", task.description);
  append_action(writer, task);
  writer.optional_member("success_criteria", task.success_criteria);
  writer.optional_member("assignee_role", task.assignee_role);
  writer.member("attempt", work.attempt);
  writer.member("timeout_hours", as_hours(work.timeout));
  writer.key("retry_policy");
  append_retry_policy(writer, work.retry);
  writer.member("lease_token", work.lease_token);
  writer.member("lease_expires_at", lease_expires_at);
  append_context(writer, work);
  writer.end_object();
}

void append_revoked(json_writer& writer, const std::vector<domain::work_revocation>& revoked) {
  writer.key("revoked");
  writer.begin_array();
  for (const auto& each : revoked) {
    writer.begin_object();
    writer.member("execution_id", each.execution);
    writer.member("task_id", each.task);
    writer.member("reason", each.reason);
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

unsigned http_status_of(const domain::report_receipt& receipt) {
  return receipt.duplicate || receipt.seq == 0 ? 200 : 201;
}

void render_receipt(std::string& out, const domain::report_receipt& receipt) {
  json_writer writer(out);
  writer.begin_object();
  append_receipt(writer, receipt, "status");
  writer.end_object();
}

void append_report_outcome(json_writer& writer, const domain::report_receipt& receipt) {
  writer.begin_object();
  writer.member("status", http_status_of(receipt));
  append_receipt(writer, receipt, "execution_status");
  writer.end_object();
}

void append_report_outcome(json_writer& writer, const problem& problem) {
  writer.raw(to_response(problem).body);
}

void render_work_answer(std::string& out, const domain::work_answer& answer) {
  out.reserve(out.size() + usual_task_bytes * (answer.tasks.size() + 1));
  json_writer writer(out);
  writer.begin_object();
  writer.member("work_available", !answer.tasks.empty());
  if (answer.tasks.empty()) {
    writer.key("next_task");
    writer.null();
    writer.key("tasks");
    writer.begin_array();
    writer.end_array();
  } else {
    const auto& first = *answer.tasks.front();
    writer.member("execution_id", first.execution);
    writer.member("plan_id", first.graph->plan().id);
    writer.key("next_task");
    const auto begin = out.size();
    append_work(writer, first, answer.lease_expires_at);
    // The first task stands twice; its text is copied, not made again.
    const std::string next_task = out.substr(begin);
    writer.key("tasks");
    writer.begin_array();
    writer.raw(next_task);
    for (std::size_t i = 1; i < answer.tasks.size(); ++i)
      append_work(writer, *answer.tasks[i], answer.lease_expires_at);
    writer.end_array();
  }
  append_revoked(writer, answer.revoked);
  writer.member("force_pause", answer.force_pause);
  writer.member("force_cancel", answer.force_cancel);
  writer.member("poll_after_seconds", answer.poll_after_seconds);
  writer.end_object();
}

}  // namespace planexe::gateway
