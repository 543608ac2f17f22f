#include "gateway/json/render_execution.hpp"

#include <array>

#include "domain/execution_status.hpp"
#include "gateway/json/render_forecast.hpp"
#include "gateway/json/render_risks.hpp"
#include "gateway/json/resolution_options.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::execution_state;
using domain::leaf_stage;
using domain::task_index;

double share(double part, double whole) {
  return whole > 0 ? rounded_percent(100 * part / whole) : 100;
}

void append_ids(json_writer& writer, std::string_view name, const std::vector<domain::agent_id>& ids) {
  writer.key(name);
  writer.begin_array();
  for (const auto& id : ids) writer.text(id.value);
  writer.end_array();
}

void append_origin(json_writer& writer, const domain::execution_id& origin, std::uint64_t seq) {
  if (origin.empty()) return;
  writer.key("forked_from");
  writer.begin_object();
  writer.member("execution_id", origin);
  writer.member("seq", seq);
  writer.end_object();
}

void append_ladder(json_writer& writer, const domain::execution_options& options) {
  writer.begin_array();
  for (std::uint32_t rung = 0; rung < std::max<std::size_t>(options.ladder.size(), 1); ++rung) {
    writer.begin_object();
    writer.member("after_hours", as_hours(domain::escalation_interval(options, rung)));
    writer.optional_member("to", domain::escalation_target(options, rung + 1));
    writer.end_object();
  }
  writer.end_array();
}

void append_blocker_cause(json_writer& writer, const execution_state& state, task_index leaf) {
  const auto& task = state.tasks[leaf];
  if (task.stage == leaf_stage::ready) {
    const auto waiting = domain::waiting_of(state, leaf);
    writer.member("kind", "agent");
    writer.member("reason", waiting->detail);
    writer.member("since", waiting->since);
  } else if (task.review) {
    writer.member("kind", "review");
    writer.member("review_kind", domain::name_of(task.review->kind));
    writer.member("reason", task.review->reason);
    writer.member("since", task.review->since);
  } else if (task.external) {
    writer.member("kind", "external");
    writer.member("reason", task.external->reason);
    writer.member("since", task.external->since);
  } else {
    writer.member("kind", "failed");
    writer.member("reason", task.failure ? task.failure->message : std::string{});
    writer.member("since", task.since);
  }
  append_escalation(writer, state, leaf);
  writer.optional_member("wake_at", domain::deadline_of(state, leaf));
}

/// Writes blockers of one execution.
class blocker_writer {
 public:
  blocker_writer(json_writer& writer, const execution_state& state) : writer_(writer), state_(state), options_(state) {}

  /// `execution`: where the list goes over several; else null.
  void append(task_index leaf, const domain::execution_id* execution) {
    const auto& definition = state_.definition(leaf);
    writer_.begin_object();
    if (execution != nullptr) {
      writer_.member("execution_id", *execution);
      writer_.member("execution_title", state_.title);
    }
    writer_.member("task_id", definition.id);
    writer_.member("title", definition.title);
    append_blocker_cause(writer_, state_, leaf);
    writer_.key("options");
    options_.append(writer_, leaf);
    if (!concerns_) concerns_.emplace(state_.graph->plan());
    concerns_->append(writer_, leaf);
    writer_.end_object();
  }

 private:
  json_writer& writer_;
  const execution_state& state_;
  resolution_options options_;
  std::optional<task_concerns> concerns_;  ///< most executions have no blocker
};

void append_blockers(json_writer& writer, const execution_state& state) {
  blocker_writer blockers(writer, state);
  writer.begin_array();
  for (const auto leaf : state.graph->leaves())
    if (domain::is_blocker(state, leaf)) blockers.append(leaf, nullptr);
  writer.end_array();
}

/// Members that a list's line and the whole execution share.
struct head_members {
  const domain::execution_id& id;
  const domain::plan_id& plan;
  std::string_view title;
  std::string_view goal;
  domain::execution_status status;
  std::string_view status_message;
  std::uint64_t version;
  const domain::agent_id& agent;
  std::int32_t priority;
};

void append_head(json_writer& writer, const head_members& head) {
  writer.member("execution_id", head.id);
  writer.member("plan_id", head.plan);
  writer.member("title", head.title);
  writer.member("goal", head.goal);
  writer.member("status", domain::name_of(head.status));
  writer.member("status_message", head.status_message);
  writer.member("version", head.version);
  writer.optional_member("agent_id", head.agent);
  writer.member("priority", head.priority);
}

/// Of an execution_state or an execution_row.
template <class Times>
void append_times(json_writer& writer, const Times& times) {
  writer.member("created_at", times.created_at);
  writer.optional_member("started_at", times.started_at);
  writer.optional_member("completed_at", times.completed_at);
  writer.member("updated_at", times.updated_at);
  writer.optional_member("deadline_at", times.deadline_at);
}

struct progress_numbers {
  std::uint32_t total = 0;
  std::uint32_t completed = 0;
  std::uint32_t skipped = 0;
  double effort_percent = 0;
  const domain::task_id* current = nullptr;
  const std::string* current_title = nullptr;
};

void append_progress(json_writer& writer, const progress_numbers& progress) {
  writer.begin_object();
  writer.member("tasks_total", progress.total);
  writer.member("tasks_completed", progress.completed);
  writer.member("tasks_skipped", progress.skipped);
  writer.member("percent", share(progress.completed + progress.skipped, progress.total));
  writer.member("effort_percent", progress.effort_percent);
  if (progress.current != nullptr) {
    writer.member("current_task_id", *progress.current);
    writer.member("current_task_title", *progress.current_title);
  }
  writer.end_object();
}

void append_row(json_writer& writer, const projections::execution_row& row) {
  writer.begin_object();
  append_head(writer, {row.id, row.plan, row.title, row.goal, row.status, row.status_message, row.version, row.agent,
                       row.priority});
  writer.key("progress");
  gateway::append_progress(writer, row);
  append_ids(writer, "agents", row.agents);
  writer.member("waiting_for_people", row.waiting_for_people);
  append_origin(writer, row.forked_from, row.forked_seq);
  append_times(writer, row);
  writer.end_object();
}

}  // namespace

void append_origin(json_writer& writer, const execution_state& state) {
  if (state.origin) append_origin(writer, state.origin->execution, state.origin->seq);
}

void append_options(json_writer& writer, const domain::execution_options& options) {
  writer.key("options");
  writer.begin_object();
  writer.member("sequencing", domain::name_of(options.sequencing));
  writer.member("review_threshold", options.review_threshold);
  writer.member("max_parallel", options.max_parallel);
  writer.member("timeout_hours", as_hours(options.timeout));
  writer.member("task_timeout_hours", as_hours(options.task_timeout));
  writer.member("external_wait_hours", as_hours(options.external_wait));
  writer.key("retry_policy");
  append_retry_policy(writer, options.retry);
  writer.key("escalation");
  append_ladder(writer, options);
  writer.member("review_from_tier", options.review_from_tier);
  writer.member("human_from_tier", options.human_from_tier);
  writer.optional_member("override_refusal", options.refusal_override);
  writer.end_object();
}

std::vector<domain::agent_id> holders_of(const execution_state& state) {
  std::set<domain::agent_id> agents;
  for (const auto leaf : state.held)
    if (state.tasks[leaf].lease) agents.insert(state.tasks[leaf].lease->agent);
  return {agents.begin(), agents.end()};
}

bool forces_pause(domain::execution_status status) {
  return status == domain::execution_status::paused;
}

bool forces_cancel(domain::execution_status status) {
  return status == domain::execution_status::cancelled || status == domain::execution_status::failed;
}

void append_retry_policy(json_writer& writer, const domain::retry_policy& policy) {
  writer.begin_object();
  writer.member("max_attempts", policy.max_attempts);
  writer.member("backoff_seconds", as_seconds(policy.backoff));
  constexpr domain::retry_policy usual;
  if (policy.multiplier != usual.multiplier) writer.member("multiplier", policy.multiplier);
  if (policy.max_backoff != usual.max_backoff) writer.member("max_backoff_seconds", as_seconds(policy.max_backoff));
  if (!policy.final_errors.empty()) {
    writer.key("non_retryable_errors");
    writer.begin_array();
    for (const auto& type : policy.final_errors) writer.text(type);
    writer.end_array();
  }
  writer.end_object();
}

void append_warnings(json_writer& writer, std::span<const domain::plan_warning> warnings,
                     std::span<const domain::plan_warning> dropped) {
  writer.begin_array();
  for (const auto part : {warnings, dropped})
    for (const auto& warning : part) {
      writer.begin_object();
      writer.member("code", warning.code);
      writer.member("detail", warning.detail);
      writer.optional_member("task_id", warning.task);
      writer.end_object();
    }
  writer.end_array();
}

void append_progress(json_writer& writer, const execution_state& state) {
  progress_numbers progress{state.leaf_total(), state.leaves_complete, state.leaves_skipped,
                            share(state.effort_done, state.graph->total_effort())};
  if (!state.held.empty()) {
    const auto& current = state.definition(*state.held.begin());
    progress.current = &current.id;
    progress.current_title = &current.title;
  }
  append_progress(writer, progress);
}

void append_progress(json_writer& writer, const projections::execution_row& row) {
  progress_numbers progress{row.tasks_total, row.tasks_completed, row.tasks_skipped,
                            rounded_percent(row.effort_percent)};
  if (!row.current_task.empty()) {
    progress.current = &row.current_task;
    progress.current_title = &row.current_task_title;
  }
  append_progress(writer, progress);
}

void render_execution(std::string& out, const domain::execution_id& id, const execution_state& state,
                      domain::timestamp now, bool archived) {
  const auto& plan = state.graph->plan();
  const auto message = domain::message_of(state);
  json_writer writer(out);
  writer.begin_object();
  append_head(writer,
              {id, plan.id, state.title, plan.goal, state.status, message, state.version, state.agent, state.priority});
  writer.key("progress");
  append_progress(writer, state);
  append_ids(writer, "agents", holders_of(state));
  append_origin(writer, state);
  append_options(writer, state.options);
  writer.key("blockers");
  append_blockers(writer, state);
  append_forecast(writer, state, now);
  writer.key("risks");
  append_risks(writer, plan);
  writer.key("warnings");
  append_warnings(writer, plan.warnings, state.graph->dropped());
  append_times(writer, state);
  if (archived) writer.member("archived", true);
  writer.end_object();
}

void render_execution_row(std::string& out, const projections::execution_row& row) {
  json_writer writer(out);
  append_row(writer, row);
}

void render_execution_rows(std::string& out, std::span<const projections::execution_row> rows) {
  json_writer writer(out);
  writer.begin_array();
  for (const auto& row : rows) append_row(writer, row);
  writer.end_array();
}

void render_status(std::string& out, const execution_state& state) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("status", domain::name_of(state.status));
  writer.member("force_pause", forces_pause(state.status));
  writer.member("force_cancel", forces_cancel(state.status));
  writer.member("version", state.version);
  writer.end_object();
}

blocker_page append_blockers(json_writer& writer, const domain::execution_id& id, const execution_state& state,
                             const domain::task_id& after, std::uint32_t room,
                             const std::function<bool(task_index)>& wanted) {
  blocker_writer blockers(writer, state);
  blocker_page page;
  const auto last = after.empty() ? domain::no_task : state.graph->find(after);
  for (const auto leaf : state.graph->leaves()) {
    if (last != domain::no_task && state.graph->place(leaf) <= state.graph->place(last)) continue;
    if (!domain::is_blocker(state, leaf) || !wanted(leaf)) continue;
    if (page.written == room) {
      page.more = true;
      break;
    }
    blockers.append(leaf, &id);
    page.last = state.definition(leaf).id;
    ++page.written;
  }
  return page;
}

void render_blockers(std::string& out, const execution_state& state) {
  json_writer writer(out);
  append_blockers(writer, state);
}

}  // namespace planexe::gateway
