#include "gateway/json/render_event.hpp"

#include "domain/execution_status.hpp"
#include "domain/keys.hpp"
#include "gateway/json/render_agent.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::execution_status;
using domain::task_status;

template <class Bytes>
std::string hex_of(const Bytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const auto each : bytes) {
    const auto byte = static_cast<std::uint8_t>(each);
    text += digits[byte >> 4U];
    text += digits[byte & 0x0FU];
  }
  return text;
}

/// The members of one event that its type decides, and the type's name.
struct event_members {
  json_writer& writer;

  void status(execution_status status) { writer.member("status", domain::name_of(status)); }
  void status(task_status status) { writer.member("status", domain::name_of(status)); }
  void message(std::string_view text) { writer.optional_member("message", text); }
  void task(const domain::task_id& id) { writer.member("task_id", id); }
  void task(const domain::task_id& id, const domain::agent_id& agent) {
    task(id);
    writer.optional_member("agent_id", agent);
  }

  void operator()(const domain::execution_created& e) {
    status(execution_status::created);
    if (e.source) writer.member("plan_id", e.source->id);
    writer.member("title", e.title);
    writer.optional_member("agent_id", e.agent);
    writer.member("priority", e.priority);
    writer.optional_member("override_refusal", e.options.refusal_override);
  }
  void operator()(const domain::execution_queued& e) {
    status(execution_status::queued);
    message(e.reason);
    writer.member("deadline_at", e.deadline);
  }
  void operator()(const domain::execution_started&) { status(execution_status::running); }
  void operator()(const domain::execution_paused& e) {
    status(execution_status::paused);
    message(e.reason);
    if (e.by_switch) writer.member("by_switch", true);
  }
  void operator()(const domain::execution_resumed& e) { status(e.to); }
  void operator()(const domain::execution_blocked& e) {
    status(execution_status::blocked);
    message(e.reason);
  }
  void operator()(const domain::execution_unblocked& e) { status(e.to); }
  void operator()(const domain::execution_completed&) { status(execution_status::completed); }
  void operator()(const domain::execution_failed& e) {
    status(execution_status::failed);
    message(e.reason);
  }
  void operator()(const domain::execution_cancelled& e) {
    status(execution_status::cancelled);
    message(e.reason);
  }
  void operator()(const domain::execution_forked& e) {
    writer.key("forked_from");
    writer.begin_object();
    writer.member("execution_id", e.origin);
    writer.member("seq", e.origin_seq);
    writer.member("hash", hex_of(e.origin_hash));
    writer.end_object();
    writer.member("title", e.title);
    writer.optional_member("agent_id", e.agent);
    writer.optional_member("deadline_at", e.deadline);
    if (e.options) append_options(writer, *e.options);
    message(e.reason);
  }
  void operator()(const domain::execution_reprioritized& e) { writer.member("priority", e.priority); }

  void operator()(const domain::task_assigned& e) {
    task(e.task, e.agent);
    status(task_status::running);
    message(e.reason);
    writer.member("attempt", e.attempt);
    writer.member("timeout_at", e.timeout_at);
  }
  void operator()(const domain::task_started& e) {
    task(e.task, e.agent);
    status(task_status::running);
    message(e.message);
  }
  void operator()(const domain::task_progress& e) {
    task(e.task, e.agent);
    status(task_status::running);
    message(e.message);
    writer.member("progress_percent", e.percent);
  }
  void operator()(const domain::task_complete& e) {
    task(e.task, e.agent);
    status(task_status::complete);
    message(e.message);
    writer.raw_member("output_data", e.output_json);
  }
  void operator()(const domain::task_error& e) {
    task(e.task, e.agent);
    status(task_status::error);
    writer.member("error_type", e.error_type);
    writer.member("error_message", e.error_message);
    writer.member("attempt", e.attempt);
    writer.member("attempt_charged", e.charged);
    writer.member("final", e.final);
  }
  void operator()(const domain::task_retry_scheduled& e) {
    task(e.task);
    status(task_status::queued);
    writer.member("retry_at", e.retry_at);
  }
  void operator()(const domain::task_retry_due& e) {
    task(e.task);
    status(task_status::queued);
  }
  void operator()(const domain::task_blocked& e) {
    task(e.task, e.agent);
    status(task_status::blocked);
    message(e.reason);
    writer.member("until", e.until);
    writer.member("blocking", e.blocking);
  }
  void operator()(const domain::task_unblocked& e) {
    task(e.task);
    status(task_status::queued);
    message(e.reason);
  }
  void operator()(const domain::task_skipped& e) {
    task(e.task);
    status(task_status::skipped);
    message(e.note);
  }
  void operator()(const domain::task_reassigned& e) {
    task(e.task, e.agent);
    writer.optional_member("assignee_role", e.role);
  }
  void operator()(const domain::task_escalated& e) {
    task(e.task);
    message(e.reason);
    writer.member("human_review_required", true);
    writer.member("level", e.level);
    writer.member("escalated_to", e.to.empty() ? "owner" : std::string_view{e.to});
  }
  void operator()(const domain::lease_expired& e) {
    task(e.task, e.agent);
    status(task_status::queued);
    message(e.reason);
  }
  void operator()(const domain::review_requested& e) {
    task(e.task);
    using enum domain::review_kind;
    status(e.kind == approval ? task_status::queued : e.kind == failure ? task_status::error : task_status::blocked);
    message(e.reason);
    writer.member("human_review_required", true);
    writer.member("review_kind", domain::name_of(e.kind));
  }
  void operator()(const domain::review_resolved& e) {
    task(e.task);
    message(e.note);
    writer.member("action", domain::name_of(e.action));
  }
  void operator()(const domain::report_rejected_stale& e) {
    task(e.task, e.agent);
    message("the sender does not hold the task any more");
    writer.member("report", e.report);
  }
  void operator()(const domain::execution_unstaffed& e) {
    message(e.reason);
    writer.member("escalate_at", e.escalate_at);
  }
  void operator()(const domain::execution_staffed&) {}
  void operator()(const domain::subtasks_added& e) {
    task(e.task, e.agent);
    status(task_status::queued);
    if (!e.parts) return;
    message(e.parts->notes);
    writer.member("source", domain::name_of(e.parts->source));
    writer.optional_member("model", e.parts->model);
    writer.optional_member("model_response", e.parts->response);
    writer.key("subtasks");
    writer.begin_array();
    for (const auto& part : e.parts->subtasks) {
      writer.begin_object();
      writer.member("subtask_id", part.definition.id);
      writer.member("title", part.definition.title);
      writer.member("action", part.definition.action);
      writer.key("depends_on");
      writer.begin_array();
      for (const auto& before : part.depends_on) writer.text(before.value);
      writer.end_array();
      writer.end_object();
    }
    writer.end_array();
  }

  void operator()(const domain::agent_registered& e) { profile(e.profile); }
  void operator()(const domain::agent_profile_changed& e) { profile(e.profile); }
  void operator()(const domain::agent_standing_changed& e) { writer.member("status", domain::name_of(e.standing)); }
  void operator()(const domain::plan_imported& e) {
    if (e.source) writer.member("title", e.source->title);
  }
  void operator()(const domain::everything_paused& e) { message(e.reason); }
  void operator()(const domain::everything_resumed& e) { message(e.reason); }
  void operator()(const domain::notification_queued& e) {
    writer.member("number", e.number);
    writer.optional_member("agent_id", e.agent);
    message(e.content.message);
  }
  void operator()(const domain::notification_delivered& e) {
    writer.member("number", e.number);
    writer.member("attempt", e.attempt);
    writer.member("http_status", e.status);
  }
  void operator()(const domain::notification_failed& e) {
    writer.member("number", e.number);
    writer.member("attempt", e.attempt);
    message(e.detail);
    writer.member("retry_at", e.retry_at);
  }
  void operator()(const domain::notification_dead_lettered& e) {
    writer.member("number", e.number);
    writer.member("attempt", e.attempt);
    message(e.detail);
  }
  void operator()(const domain::notification_redriven& e) { writer.member("number", e.number); }
  void operator()(const domain::key_created& e) {
    writer.member("key_id", e.key);
    writer.member("name", e.name);
    writer.member("role", domain::name_of(e.role));
    writer.optional_member("agent_id", e.agent);
    writer.optional_member("expires_at", e.expires_at);
  }
  void operator()(const domain::key_revoked& e) { writer.member("key_id", e.key); }
  void operator()(const domain::execution_archived& e) {
    writer.member("execution_id", e.execution);
    writer.member("title", e.title);
    writer.member("status", e.status);
    writer.member("events", e.events);
    writer.member("head_hash", hex_of(e.head_hash));
    writer.member("file_digest", hex_of(e.file_digest));
    writer.member("created_at", e.created_at);
    writer.member("finished_at", e.finished_at);
  }
  void operator()(const domain::subject_erased& e) {
    writer.member("subject", e.subject);
    message(e.reason);
  }
  void profile(const domain::agent_profile& profile) {
    writer.member("name", profile.name);
    writer.member("max_concurrent_tasks", profile.max_concurrent_tasks);
  }
};

struct type_namer {
  std::string_view operator()(const domain::execution_created&) const { return "execution_created"; }
  std::string_view operator()(const domain::execution_queued&) const { return "execution_queued"; }
  std::string_view operator()(const domain::execution_started&) const { return "execution_started"; }
  std::string_view operator()(const domain::execution_paused&) const { return "execution_paused"; }
  std::string_view operator()(const domain::execution_resumed&) const { return "execution_resumed"; }
  std::string_view operator()(const domain::execution_blocked&) const { return "execution_blocked"; }
  std::string_view operator()(const domain::execution_unblocked&) const { return "execution_unblocked"; }
  std::string_view operator()(const domain::execution_completed&) const { return "execution_completed"; }
  std::string_view operator()(const domain::execution_failed&) const { return "execution_failed"; }
  std::string_view operator()(const domain::execution_cancelled&) const { return "execution_cancelled"; }
  std::string_view operator()(const domain::execution_reprioritized&) const { return "execution_reprioritized"; }
  std::string_view operator()(const domain::task_assigned&) const { return "task_assigned"; }
  std::string_view operator()(const domain::task_started&) const { return "task_started"; }
  std::string_view operator()(const domain::task_progress&) const { return "task_progress"; }
  std::string_view operator()(const domain::task_complete&) const { return "task_complete"; }
  std::string_view operator()(const domain::task_error&) const { return "task_error"; }
  std::string_view operator()(const domain::task_retry_scheduled&) const { return "task_retry_scheduled"; }
  std::string_view operator()(const domain::task_retry_due&) const { return "task_retry_due"; }
  std::string_view operator()(const domain::task_blocked&) const { return "task_blocked"; }
  std::string_view operator()(const domain::task_unblocked&) const { return "task_unblocked"; }
  std::string_view operator()(const domain::task_skipped&) const { return "task_skipped"; }
  std::string_view operator()(const domain::task_reassigned&) const { return "task_reassigned"; }
  std::string_view operator()(const domain::task_escalated&) const { return "task_escalated"; }
  std::string_view operator()(const domain::lease_expired&) const { return "lease_expired"; }
  std::string_view operator()(const domain::subtasks_added&) const { return "subtasks_added"; }
  std::string_view operator()(const domain::execution_unstaffed&) const { return "execution_unstaffed"; }
  std::string_view operator()(const domain::execution_staffed&) const { return "execution_staffed"; }
  std::string_view operator()(const domain::review_requested&) const { return "review_requested"; }
  std::string_view operator()(const domain::review_resolved&) const { return "review_resolved"; }
  std::string_view operator()(const domain::report_rejected_stale&) const { return "report_rejected_stale"; }
  std::string_view operator()(const domain::agent_registered&) const { return "agent_registered"; }
  std::string_view operator()(const domain::agent_profile_changed&) const { return "agent_profile_changed"; }
  std::string_view operator()(const domain::agent_standing_changed&) const { return "agent_standing_changed"; }
  std::string_view operator()(const domain::plan_imported&) const { return "plan_imported"; }
  std::string_view operator()(const domain::everything_paused&) const { return "everything_paused"; }
  std::string_view operator()(const domain::everything_resumed&) const { return "everything_resumed"; }
  std::string_view operator()(const domain::notification_queued&) const { return "notification_queued"; }
  std::string_view operator()(const domain::notification_delivered&) const { return "notification_delivered"; }
  std::string_view operator()(const domain::notification_failed&) const { return "notification_failed"; }
  std::string_view operator()(const domain::notification_dead_lettered&) const { return "notification_dead_lettered"; }
  std::string_view operator()(const domain::notification_redriven&) const { return "notification_redriven"; }
  std::string_view operator()(const domain::key_created&) const { return "key_created"; }
  std::string_view operator()(const domain::key_revoked&) const { return "key_revoked"; }
  std::string_view operator()(const domain::execution_forked&) const { return "execution_forked"; }
  std::string_view operator()(const domain::execution_archived&) const { return "execution_archived"; }
  std::string_view operator()(const domain::subject_erased&) const { return "subject_erased"; }
};

std::string_view stream_member(domain::stream_kind kind) {
  switch (kind) {
    case domain::stream_kind::agent:
      return "agent_id";
    case domain::stream_kind::plan:
      return "plan_id";
    case domain::stream_kind::system:
      return "stream";
    case domain::stream_kind::execution:
      break;
  }
  return "execution_id";
}

void append_members(json_writer& writer, const domain::event_record& record) {
  const auto& metadata = record.metadata;
  writer.member("event_id", record.stream.id + ":" + std::to_string(record.seq));
  writer.member("seq", record.seq);
  writer.member(stream_member(record.stream.kind), record.stream.id);
  writer.member("event_type", event_type_name(record.payload));
  writer.member("version", record.seq);
  writer.member("actor", metadata.actor);
  std::visit([&](const auto& family) { std::visit(event_members{writer}, family); }, record.payload);
  writer.member("timestamp", metadata.recorded_at);
  writer.optional_member("agent_timestamp", metadata.agent_timestamp);
  writer.optional_member("causation_id", metadata.causation_id);
  if (metadata.inherited) writer.member("inherited", true);
  writer.member("hash", hex_of(record.hash));
}

void append_event(json_writer& writer, const domain::event_record& record) {
  writer.begin_object();
  append_members(writer, record);
  writer.end_object();
}

}  // namespace

std::string_view event_type_name(const domain::event& event) {
  return std::visit([](const auto& family) { return std::visit(type_namer{}, family); }, event);
}

void render_event(std::string& out, const domain::event_record& record) {
  json_writer writer(out);
  append_event(writer, record);
}

void render_events(std::string& out, std::span<const domain::event_record> records) {
  json_writer writer(out);
  writer.begin_array();
  for (const auto& record : records) append_event(writer, record);
  writer.end_array();
}

void render_event_message(std::string& out, const domain::event_record& record) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("type", "event");
  append_members(writer, record);
  writer.end_object();
}

}  // namespace planexe::gateway
