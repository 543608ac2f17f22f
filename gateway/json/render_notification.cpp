#include "gateway/json/render_notification.hpp"

#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::notification_stage;

void append_content(json_writer& writer, const domain::notification_content& content) {
  writer.member("execution_id", content.execution);
  writer.member("title", content.execution_title);
  writer.member("message", content.message);
  if (content.kind == domain::notification_kind::task_escalated) writer.member("level", content.level);
  writer.optional_member("escalated_to", content.to);
  writer.key("tasks");
  writer.begin_array();
  for (const auto& task : content.tasks) {
    writer.begin_object();
    writer.member("task_id", task.id);
    writer.member("title", task.title);
    writer.member("reason", task.reason);
    writer.end_object();
  }
  writer.end_array();
  if (content.more_tasks > 0) writer.member("more_tasks", content.more_tasks);
  writer.member("first_seq", content.first_seq);
  writer.member("last_seq", content.last_seq);
}

void append_notification(json_writer& writer, const domain::notification& notification) {
  writer.begin_object();
  writer.member("notification_id", domain::notification_id_of(notification));
  writer.member("type", type_of(notification.content.kind));
  writer.member("status", name_of(notification.stage));
  writer.member("timestamp", notification.content.occurred_at);
  writer.optional_member("agent_id", notification.agent);
  append_content(writer, notification.content);
  writer.member("attempts", notification.attempts);
  writer.member("queued_at", notification.queued_at);
  if (notification.stage == notification_stage::pending)
    writer.member("next_attempt_at", notification.next_attempt_at);
  else
    writer.member(notification.stage == notification_stage::dead ? "given_up_at" : "delivered_at",
                  notification.settled_at);
  if (notification.status != 0) writer.member("http_status", notification.status);
  writer.optional_member("last_failure", notification.detail);
  writer.end_object();
}

}  // namespace

std::string_view type_of(domain::notification_kind kind) {
  switch (kind) {
    case domain::notification_kind::review_requested:
      return "review.requested";
    case domain::notification_kind::execution_blocked:
      return "execution.blocked";
    case domain::notification_kind::execution_completed:
      return "execution.completed";
    case domain::notification_kind::execution_failed:
      return "execution.failed";
    case domain::notification_kind::task_escalated:
      break;
  }
  return "task.escalated";
}

std::string_view name_of(notification_stage stage) {
  switch (stage) {
    case notification_stage::delivered:
      return "delivered";
    case notification_stage::dead:
      return "dead";
    case notification_stage::pending:
      break;
  }
  return "pending";
}

std::optional<notification_stage> notification_stage_named(std::string_view name) {
  for (const auto stage : {notification_stage::pending, notification_stage::delivered, notification_stage::dead})
    if (name_of(stage) == name) return stage;
  return std::nullopt;
}

void render_notification_body(std::string& out, std::string_view id, const domain::notification_content& content) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", type_of(content.kind));
  writer.member("id", id);
  writer.member("timestamp", content.occurred_at);
  writer.key("data");
  writer.begin_object();
  append_content(writer, content);
  writer.end_object();
  writer.end_object();
}

void render_notification(std::string& out, const domain::notification& notification) {
  json_writer writer(out);
  append_notification(writer, notification);
}

void render_notifications(std::string& out, std::span<const domain::notification> notifications) {
  json_writer writer(out);
  writer.begin_array();
  for (const auto& each : notifications) append_notification(writer, each);
  writer.end_array();
}

}  // namespace planexe::gateway
