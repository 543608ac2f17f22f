#include "projections/activity_views.hpp"

#include <array>

#include "domain/execution_status.hpp"
#include "domain/keys.hpp"
#include "eventstore/codec.hpp"
#include "projections/row_layout.hpp"

namespace planexe::projections {
namespace {

using namespace domain;

constexpr std::array<std::string_view, 40> notable{
    "agent_profile_changed", "agent_registered",     "agent_standing_changed",
    "everything_paused",     "everything_resumed",   "execution_archived",
    "execution_blocked",     "execution_cancelled",  "execution_completed",
    "execution_created",     "execution_failed",     "execution_forked",
    "execution_paused",      "execution_queued",     "execution_reprioritized",
    "execution_resumed",     "execution_staffed",    "execution_started",
    "execution_unblocked",   "execution_unstaffed",  "key_created",
    "key_revoked",           "lease_expired",        "notification_dead_lettered",
    "notification_redriven", "plan_imported",        "report_rejected_stale",
    "review_requested",      "review_resolved",      "subject_erased",
    "subtasks_added",        "task_assigned",        "task_blocked",
    "task_complete",         "task_error",           "task_escalated",
    "task_reassigned",       "task_retry_scheduled", "task_skipped",
    "task_unblocked",
};

/// Fills an entry from an event; false for one that nobody wants to hear of.
struct teller {
  activity_row& row;

  bool about(const task_id& task, const std::string& message = {}) const {
    row.task = task;
    row.message = message;
    return true;
  }
  bool about(const task_id& task, const agent_id& agent, const std::string& message = {}) const {
    row.agent = agent;
    return about(task, message);
  }
  bool says(const std::string& message) const {
    row.message = message;
    return true;
  }

  bool operator()(const execution_created& e) const {
    row.agent = e.agent;
    if (!e.options.refusal_override.empty()) row.message = "against PlanExe's refusal: " + e.options.refusal_override;
    return true;
  }
  bool operator()(const execution_queued& e) const { return says(e.reason); }
  bool operator()(const execution_started&) const { return true; }
  bool operator()(const execution_paused& e) const { return says(e.reason); }
  bool operator()(const execution_resumed&) const { return true; }
  bool operator()(const execution_blocked& e) const { return says(e.reason); }
  bool operator()(const execution_unblocked&) const { return true; }
  bool operator()(const execution_completed&) const { return true; }
  bool operator()(const execution_failed& e) const { return says(e.reason); }
  bool operator()(const execution_cancelled& e) const { return says(e.reason); }
  bool operator()(const execution_reprioritized& e) const { return says("priority " + std::to_string(e.priority)); }
  bool operator()(const execution_forked& e) const {
    row.agent = e.agent;
    return says("from " + e.origin.value + " at " + std::to_string(e.origin_seq));
  }
  bool operator()(const execution_unstaffed& e) const { return says(e.reason); }
  bool operator()(const execution_staffed&) const { return true; }
  bool operator()(const task_assigned& e) const { return about(e.task, e.agent, e.reason); }
  bool operator()(const task_started&) const { return false; }
  bool operator()(const task_progress&) const { return false; }
  bool operator()(const task_complete& e) const { return about(e.task, e.agent, e.message); }
  bool operator()(const task_error& e) const {
    return about(e.task, e.agent, e.error_message.empty() ? e.error_type : e.error_type + ": " + e.error_message);
  }
  bool operator()(const task_retry_scheduled& e) const {
    return about(e.task, "tried again at " + format_rfc3339(e.retry_at));
  }
  bool operator()(const task_retry_due&) const { return false; }
  bool operator()(const task_blocked& e) const { return about(e.task, e.agent, e.reason); }
  bool operator()(const task_unblocked& e) const { return about(e.task, e.reason); }
  bool operator()(const task_skipped& e) const { return about(e.task, e.note); }
  bool operator()(const task_reassigned& e) const { return about(e.task, e.agent, e.role); }
  bool operator()(const task_escalated& e) const { return about(e.task, e.reason); }
  bool operator()(const lease_expired& e) const { return about(e.task, e.agent, e.reason); }
  bool operator()(const review_requested& e) const { return about(e.task, e.reason); }
  bool operator()(const review_resolved& e) const {
    const std::string action{name_of(e.action)};
    return about(e.task, e.note.empty() ? action : action + ": " + e.note);
  }
  bool operator()(const subtasks_added& e) const {
    const auto parts = e.parts ? e.parts->subtasks.size() : 0;
    return about(e.task, e.agent, std::to_string(parts) + (parts == 1 ? " subtask" : " subtasks"));
  }
  bool operator()(const report_rejected_stale& e) const { return about(e.task, e.agent, e.report); }

  bool operator()(const agent_registered& e) const { return says(e.profile.name); }
  bool operator()(const agent_profile_changed& e) const { return says(e.profile.name); }
  bool operator()(const agent_standing_changed& e) const { return says(std::string(name_of(e.standing))); }

  bool operator()(const plan_imported& e) const {
    if (e.source) row.title = e.source->title;
    return true;
  }

  bool operator()(const everything_paused& e) const { return says(e.reason); }
  bool operator()(const everything_resumed& e) const { return says(e.reason); }
  bool operator()(const notification_queued&) const { return false; }
  bool operator()(const notification_delivered&) const { return false; }
  bool operator()(const notification_failed&) const { return false; }
  bool operator()(const notification_dead_lettered& e) const {
    return says("notification " + std::to_string(e.number) + ": " + e.detail);
  }
  bool operator()(const notification_redriven& e) const { return says("notification " + std::to_string(e.number)); }
  bool operator()(const key_created& e) const {
    row.agent = e.agent;
    return says(std::string(name_of(e.role)) + " " + e.name);
  }
  bool operator()(const key_revoked& e) const { return says(e.key); }
  bool operator()(const execution_archived& e) const {
    row.execution = e.execution;
    row.title = e.title;
    return says(std::to_string(e.events) + " events");
  }
  bool operator()(const subject_erased& e) const { return says(e.subject); }
};

/// States of executions that have left the log: entries may be made anew long after what they tell of was archived.
class archived_states {
 public:
  explicit archived_states(const execution_views& executions) : executions_(executions) {}

  result<const execution_state*> find(const execution_id& id) {
    constexpr std::size_t most_kept = 16;  // neighbours in the log; bounds memory
    if (known_.size() >= most_kept && !known_.contains(id)) known_.clear();
    auto& state = known_[id];
    if (!state) {
      auto replayed = executions_.state_at(id, UINT64_MAX);
      if (!replayed) return unexpected{replayed.error()};
      state = std::move(*replayed);
    }
    return state.get();
  }

 private:
  const execution_views& executions_;
  std::unordered_map<execution_id, std::shared_ptr<const execution_state>> known_;
};

/// Positions in the order of their digits.
std::string key_of(std::uint64_t position) {
  constexpr std::size_t most_digits = 20;
  auto digits = std::to_string(position);
  return std::string(most_digits - digits.size(), '0') + digits;
}

}  // namespace

std::span<const std::string_view> activity_types() {
  return notable;
}

result<void> activity_views::restore(const eventstore::derived_store::view_rows& rows) {
  for (const auto& [key, bytes] : rows.rows) {
    auto row = parse_row<activity_row>(bytes);
    if (!row || key_of(row->position) != key || row->position > rows.checkpoint)
      return unexpected{error{errc::corrupt, "a stored row of the activity is damaged"}};
    rows_.push_back(std::move(*row));
  }
  if (rows_.size() > most_activity)
    return unexpected{error{errc::corrupt, "the stored activity has more rows than it can have"}};
  titled_ = stored_ = rows.checkpoint;
  return {};
}

void activity_views::reset() {
  rows_.clear();
  dropped_.clear();
  titled_ = stored_ = 0;
}

result<void> activity_views::apply(const event_record& record) {
  if (record.metadata.inherited) return {};  // the execution that it happened to has told of it
  activity_row row;
  if (!std::visit([&](const auto& family) { return std::visit(teller{row}, family); }, record.payload)) return {};
  row.position = record.position;
  row.seq = record.seq;
  row.event_type = eventstore::type_name(record.payload);
  row.actor = record.metadata.actor;
  row.at = record.metadata.recorded_at;
  if (record.stream.kind == stream_kind::execution) row.execution.value = record.stream.id;
  if (record.stream.kind == stream_kind::agent) row.agent.value = record.stream.id;
  rows_.push_back(std::move(row));
  if (rows_.size() <= most_activity) return {};
  if (rows_.front().position <= stored_) dropped_.push_back(rows_.front().position);
  rows_.pop_front();
  return {};
}

result<void> activity_views::look_titles_up() {
  archived_states left(executions_);
  for (auto row = rows_.rbegin(); row != rows_.rend() && row->position > titled_; ++row) {
    if (row->execution.empty()) continue;
    const auto* execution = executions_.row(row->execution);
    if (execution != nullptr) row->title = execution->title;
    if (execution != nullptr ? row->task.empty() : !row->title.empty()) continue;
    const auto state = execution != nullptr ? executions_.peek(row->execution) : left.find(row->execution);
    if (!state) return unexpected{state.error()};
    if (!(*state)->exists()) continue;
    row->title = (*state)->title;
    const auto task = (*state)->graph->find(row->task);
    if (task != no_task) row->task_title = (*state)->definition(task).title;
  }
  if (!rows_.empty()) titled_ = rows_.back().position;
  return {};
}

void activity_views::exchange(projection& other) {
  auto& same = static_cast<activity_views&>(other);
  std::swap(rows_, same.rows_);
  std::swap(titled_, same.titled_);
  std::swap(stored_, same.stored_);
  std::swap(dropped_, same.dropped_);
}

result<void> activity_views::changes(eventstore::derived_store::view_write& write) {
  if (auto titled = look_titles_up(); !titled) return titled;
  for (const auto position : std::exchange(dropped_, {})) write.deletes.push_back(key_of(position));
  for (auto row = rows_.rbegin(); row != rows_.rend() && row->position > stored_; ++row)
    write.puts.emplace_back(key_of(row->position), stored_form(*row));
  if (!rows_.empty()) stored_ = rows_.back().position;
  return {};
}

result<const std::deque<activity_row>*> activity_views::rows() {
  if (auto titled = look_titles_up(); !titled) return unexpected{titled.error()};
  return &rows_;
}

}  // namespace planexe::projections
