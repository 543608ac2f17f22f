// Which member of which struct is stored under which number, once for writing and reading. A structured binding names
// every member, so a member added to the domain does not compile until it has its number here.
// Numbers are never given to anything else. `always` marks members whose default is not zero or empty, `personal` texts
// that may be a person's words or name, which are sealed when an event is stored (sealing.hpp).
// Private to the codec. Pure.
#pragma once

#include <concepts>

#include "domain/event_record.hpp"
#include "domain/execution_state.hpp"
#include "eventstore/event_log.hpp"
#include "eventstore/wire.hpp"

namespace planexe::eventstore {

template <>
struct stored_enumerators<domain::execution_status> {
  using enum domain::execution_status;
  static constexpr domain::execution_status order[] = {created, queued,    running, blocked,
                                                       paused,  completed, failed,  cancelled};
};
template <>
struct stored_enumerators<domain::task_status> {
  using enum domain::task_status;
  static constexpr domain::task_status order[] = {queued, running, blocked, complete, error, skipped, cancelled};
};
template <>
struct stored_enumerators<domain::review_kind> {
  using enum domain::review_kind;
  static constexpr domain::review_kind order[] = {approval, failure, requested, escalated};
};
template <>
struct stored_enumerators<domain::review_action> {
  using enum domain::review_action;
  static constexpr domain::review_action order[] = {approve, reject, retry,    skip,     complete,
                                                    unblock, choose, reassign, decompose};
};
template <>
struct stored_enumerators<domain::sequencing> {
  using enum domain::sequencing;
  static constexpr domain::sequencing order[] = {phased, plan, dependencies};
};
template <>
struct stored_enumerators<domain::task_level> {
  using enum domain::task_level;
  static constexpr domain::task_level order[] = {phase, task, subtask};
};
template <>
struct stored_enumerators<domain::autonomy_tier> {
  using enum domain::autonomy_tier;
  static constexpr domain::autonomy_tier order[] = {agent_alone, agent_with_approval, person_led};
};
template <>
struct stored_enumerators<domain::decomposition_source> {
  using enum domain::decomposition_source;
  static constexpr domain::decomposition_source order[] = {person, agent, rules, model};
};
template <>
struct stored_enumerators<domain::risk_kind> {
  using enum domain::risk_kind;
  static constexpr domain::risk_kind order[] = {risk, failure_mode};
};
template <>
struct stored_enumerators<domain::redline_verdict> {
  using enum domain::redline_verdict;
  static constexpr domain::redline_verdict order[] = {none, allow, allow_with_safety_framing, refuse};
};
template <>
struct stored_enumerators<domain::notification_kind> {
  using enum domain::notification_kind;
  static constexpr domain::notification_kind order[] = {review_requested, task_escalated, execution_blocked,
                                                        execution_completed, execution_failed};
};
template <>
struct stored_enumerators<domain::key_role> {
  using enum domain::key_role;
  static constexpr domain::key_role order[] = {admin, operator_, viewer, agent};
};
template <>
struct stored_enumerators<domain::agent_kind> {
  using enum domain::agent_kind;
  static constexpr domain::agent_kind order[] = {ai, human, service};
};
template <>
struct stored_enumerators<domain::agent_standing> {
  using enum domain::agent_standing;
  static constexpr domain::agent_standing order[] = {active, paused, retired};
};
template <>
struct stored_enumerators<domain::leaf_stage> {
  using enum domain::leaf_stage;
  static constexpr domain::leaf_stage order[] = {waiting,  ready, held,   retrying, reviewing,
                                                 external, done,  failed, cancelled};
};

/// A T to be read into, or a const T to be written.
template <class Value, class T>
concept some = std::same_as<std::remove_const_t<Value>, T>;

// The least bytes a task is stored in: its confidence, its tier and whether agents may do it are always written.
inline constexpr std::size_t least_task_bytes = 14;

void describe(auto& a, some<domain::event_metadata> auto& value) {
  auto& [recorded_at, actor, causation_id, agent_timestamp, inherited] = value;
  a(1, recorded_at).personal(2, actor, stands_in::name)(3, causation_id)(4, agent_timestamp)(5, inherited);
}

// Plans.
void describe(auto& a, some<domain::estimate> auto& value) {
  auto& [days_min, days_realistic, days_max] = value;
  a(1, days_min)(2, days_realistic)(3, days_max);
}
void describe(auto& a, some<domain::retry_policy> auto& value) {
  auto& [max_attempts, backoff, multiplier, max_backoff, final_errors] = value;
  a.always(1, max_attempts).always(2, backoff).always(3, multiplier).always(4, max_backoff).repeated(5, final_errors);
}
void describe(auto& a, some<domain::confidence_factor> auto& value) {
  auto& [feature, weight] = value;
  a(1, feature)(2, weight);
}
void describe(auto& a, some<domain::task_definition> auto& value) {
  auto& [id, parent, level, title, description, action, params_json, assignee_role, resources, estimate, timeout, retry,
         priority, agent_executable, confidence, tier, required_capabilities, role_certainty, why, success_criteria] =
      value;
  a(1, id).index(2, parent)(3, level)(4, title)(5, description)(6, action)(7, params_json)(8, assignee_role);
  a.repeated(9, resources)(10, estimate)(11, timeout)(12, retry)(13, priority);
  a.always(14, agent_executable).always(15, confidence).always(16, tier);
  a.repeated(17, required_capabilities)(18, role_certainty).repeated(19, why)(20, success_criteria);
}
void describe(auto& a, some<domain::dependency> auto& value) {
  auto& [from, to, explanation] = value;
  a.index(1, from).index(2, to)(3, explanation);
}
void describe(auto& a, some<domain::team_role> auto& value) {
  auto& [name, description] = value;
  a(1, name)(2, description);
}
void describe(auto& a, some<domain::plan_risk> auto& value) {
  auto& [title, description, severity, mitigation, id, kind, likelihood, owner, early_warnings, tripwires, stop_rule,
         tasks] = value;
  a(1, title)(2, description)(3, severity)(4, mitigation)(5, id)(6, kind)(7, likelihood)(8, owner);
  a.repeated(9, early_warnings).repeated(10, tripwires)(11, stop_rule).packed(12, tasks);
}
void describe(auto& a, some<domain::plan_assumption> auto& value) {
  auto& [id, statement, test, falsifier, tasks] = value;
  a(1, id)(2, statement)(3, test)(4, falsifier).packed(5, tasks);
}
void describe(auto& a, some<domain::plan_warning> auto& value) {
  auto& [code, detail, task] = value;
  a(1, code)(2, detail)(3, task);
}
void describe(auto& a, some<domain::plan> auto& value) {
  auto& [id, title, goal, tasks, dependencies, roles, risks, warnings, redline, start_warning, start_date,
         assumptions] = value;
  a(1, id)(2, title)(3, goal).repeated(4, tasks, least_task_bytes).repeated(5, dependencies).repeated(6, roles);
  a.repeated(7, risks).repeated(8, warnings)(9, redline)(10, start_warning)(11, start_date);
  a.repeated(12, assumptions);
}
void describe(auto& a, some<domain::plan_imported> auto& value) {
  auto& [source] = value;
  a(1, source);
}

// Executions.
void describe(auto& a, some<domain::escalation_rung> auto& value) {
  auto& [after, to] = value;
  a.always(1, after)(2, to);
}
void describe(auto& a, some<domain::execution_options> auto& value) {
  auto& [sequencing, review_threshold, max_parallel, timeout, task_timeout, external_wait, retry, escalation, ladder,
         review_from_tier, human_from_tier, refusal_override] = value;
  a(1, sequencing).always(2, review_threshold)(3, max_parallel).always(4, timeout).always(5, task_timeout);
  a.always(6, external_wait)(7, retry).always(8, escalation).repeated(9, ladder)(10, review_from_tier);
  a(11, human_from_tier).personal(12, refusal_override);
}
void describe(auto& a, some<domain::execution_created> auto& value) {
  auto& [source, title, agent, priority, options] = value;
  a(1, source)(2, title)(3, agent)(4, priority)(5, options);
}
void describe(auto& a, some<domain::execution_queued> auto& value) {
  auto& [reason, deadline] = value;
  a(1, reason)(2, deadline);
}
void describe(auto&, some<domain::execution_started> auto&) {}
void describe(auto& a, some<domain::execution_paused> auto& value) {
  auto& [reason, by_switch] = value;
  a.personal(1, reason)(2, by_switch);
}
void describe(auto& a, some<domain::execution_resumed> auto& value) {
  auto& [to] = value;
  a(1, to);
}
void describe(auto& a, some<domain::execution_blocked> auto& value) {
  auto& [reason] = value;
  a(1, reason);
}
void describe(auto& a, some<domain::execution_unblocked> auto& value) {
  auto& [to] = value;
  a(1, to);
}
void describe(auto&, some<domain::execution_completed> auto&) {}
void describe(auto& a, some<domain::execution_failed> auto& value) {
  auto& [reason] = value;
  a(1, reason);
}
void describe(auto& a, some<domain::execution_cancelled> auto& value) {
  auto& [reason] = value;
  a.personal(1, reason);
}
void describe(auto& a, some<domain::execution_reprioritized> auto& value) {
  auto& [priority] = value;
  a(1, priority);
}
void describe(auto& a, some<domain::task_assigned> auto& value) {
  auto& [task, agent, attempt, lease_token, timeout_at, reason] = value;
  a(1, task)(2, agent)(3, attempt)(4, lease_token)(5, timeout_at)(6, reason);
}
void describe(auto& a, some<domain::task_started> auto& value) {
  auto& [task, agent, message] = value;
  a(1, task)(2, agent).personal(3, message);
}
void describe(auto& a, some<domain::task_progress> auto& value) {
  auto& [task, agent, percent, message] = value;
  a(1, task)(2, agent)(3, percent).personal(4, message);
}
void describe(auto& a, some<domain::task_complete> auto& value) {
  auto& [task, agent, output_json, message] = value;
  a(1, task)(2, agent).personal(3, output_json, stands_in::json).personal(4, message);
}
void describe(auto& a, some<domain::task_error> auto& value) {
  auto& [task, agent, attempt, error_type, error_message, charged, final_one] = value;
  a(1, task)(2, agent)(3, attempt)(4, error_type).personal(5, error_message).always(6, charged)(7, final_one);
}
void describe(auto& a, some<domain::task_retry_scheduled> auto& value) {
  auto& [task, retry_at] = value;
  a(1, task)(2, retry_at);
}
void describe(auto& a, some<domain::task_retry_due> auto& value) {
  auto& [task] = value;
  a(1, task);
}
void describe(auto& a, some<domain::task_blocked> auto& value) {
  auto& [task, agent, reason, until, blocking] = value;
  a(1, task)(2, agent).personal(3, reason)(4, until)(5, blocking);
}
void describe(auto& a, some<domain::task_unblocked> auto& value) {
  auto& [task, reason] = value;
  a(1, task).personal(2, reason);
}
void describe(auto& a, some<domain::task_skipped> auto& value) {
  auto& [task, note] = value;
  a(1, task).personal(2, note);
}
void describe(auto& a, some<domain::task_reassigned> auto& value) {
  auto& [task, agent, role] = value;
  a(1, task)(2, agent)(3, role);
}
void describe(auto& a, some<domain::task_escalated> auto& value) {
  auto& [task, reason, level, to] = value;
  a(1, task).personal(2, reason).always(3, level)(4, to);
}
void describe(auto& a, some<domain::lease_expired> auto& value) {
  auto& [task, agent, reason] = value;
  a(1, task)(2, agent)(3, reason);
}
void describe(auto& a, some<domain::review_requested> auto& value) {
  auto& [task, kind, reason] = value;
  a(1, task)(2, kind);
  // Why approval is asked for is said by the plan and the options, whoever started the execution.
  if (kind == domain::review_kind::approval)
    a(3, reason);
  else
    a.personal(3, reason);
}
void describe(auto& a, some<domain::review_resolved> auto& value) {
  auto& [task, action, note] = value;
  a(1, task)(2, action).personal(3, note);
}
void describe(auto& a, some<domain::report_rejected_stale> auto& value) {
  auto& [task, agent, lease_token, report] = value;
  a(1, task)(2, agent)(3, lease_token)(4, report);
}
void describe(auto& a, some<domain::new_subtask> auto& value) {
  auto& [definition, depends_on] = value;
  a(1, definition).repeated(2, depends_on);
}
void describe(auto& a, some<domain::decomposition> auto& value) {
  auto& [subtasks, source, model, response, notes] = value;
  a.repeated(1, subtasks, least_task_bytes)(2, source)(3, model).personal(4, response).personal(5, notes);
}
void describe(auto& a, some<domain::subtasks_added> auto& value) {
  auto& [task, agent, parts] = value;
  a(1, task)(2, agent)(3, parts);
}
void describe(auto& a, some<domain::execution_unstaffed> auto& value) {
  auto& [reason, escalate_at] = value;
  a(1, reason)(2, escalate_at);
}
void describe(auto&, some<domain::execution_staffed> auto&) {}
void describe(auto& a, some<domain::execution_forked> auto& value) {
  auto& [origin, origin_seq, origin_hash, title, agent, options, deadline, reason] = value;
  a(1, origin)(2, origin_seq)(3, origin_hash)(4, title)(5, agent)(6, options)(7, deadline).personal(8, reason);
}

// The server.
void describe(auto& a, some<domain::everything_paused> auto& value) {
  auto& [reason] = value;
  a.personal(1, reason);
}
void describe(auto& a, some<domain::everything_resumed> auto& value) {
  auto& [reason] = value;
  a.personal(1, reason);
}
void describe(auto& a, some<domain::notified_task> auto& value) {
  auto& [id, title, reason] = value;
  a(1, id)(2, title).personal(3, reason);
}
void describe(auto& a, some<domain::notification_content> auto& value) {
  auto& [kind, execution, execution_title, message, level, to, tasks, more_tasks, first_seq, last_seq, occurred_at] =
      value;
  a.always(1, kind)(2, execution)(3, execution_title)
      .personal(4, message)(5, level)(6, to)
      .repeated(7, tasks)(8, more_tasks);
  a(9, first_seq)(10, last_seq)(11, occurred_at);
}
void describe(auto& a, some<domain::notification_queued> auto& value) {
  auto& [number, position, agent, content] = value;
  a(1, number)(2, position)(3, agent)(4, content);
}
void describe(auto& a, some<domain::notification_delivered> auto& value) {
  auto& [number, attempt, status] = value;
  a(1, number)(2, attempt)(3, status);
}
void describe(auto& a, some<domain::notification_failed> auto& value) {
  auto& [number, attempt, detail, retry_at] = value;
  a(1, number)(2, attempt)(3, detail)(4, retry_at);
}
void describe(auto& a, some<domain::notification_dead_lettered> auto& value) {
  auto& [number, attempt, detail] = value;
  a(1, number)(2, attempt)(3, detail);
}
void describe(auto& a, some<domain::notification_redriven> auto& value) {
  auto& [number] = value;
  a(1, number);
}
void describe(auto& a, some<domain::key_created> auto& value) {
  auto& [key, name, role, agent, digest, expires_at] = value;
  a(1, key).personal(2, name, stands_in::name).always(3, role)(4, agent)(5, digest)(6, expires_at);
}
void describe(auto& a, some<domain::key_revoked> auto& value) {
  auto& [key] = value;
  a(1, key);
}
void describe(auto& a, some<domain::execution_archived> auto& value) {
  auto& [execution, title, status, events, first_position, last_position, head_hash, file_digest, created_at,
         finished_at] = value;
  a(1, execution)(2, title)(3, status)(4, events)(5, first_position)(6, last_position)(7, head_hash)(8, file_digest);
  a(9, created_at)(10, finished_at);
}
void describe(auto& a, some<domain::subject_erased> auto& value) {
  auto& [subject, reason] = value;
  a(1, subject).personal(2, reason);
}

// Agents.
void describe(auto& a, some<domain::capability> auto& value) {
  auto& [action, params_json] = value;
  a(1, action)(2, params_json);
}
void describe(auto& a, some<domain::agent_profile> auto& value) {
  auto& [name, kind, roles, capabilities, max_concurrent_tasks, webhook_url] = value;
  a.personal(1, name)(2, kind)
      .repeated(3, roles)
      .repeated(4, capabilities)
      .always(5, max_concurrent_tasks)
      .personal(6, webhook_url, stands_in::nothing);
}
void describe(auto& a, some<domain::agent_registered> auto& value) {
  auto& [profile] = value;
  a(1, profile);
}
void describe(auto& a, some<domain::agent_profile_changed> auto& value) {
  auto& [profile] = value;
  a(1, profile);
}
void describe(auto& a, some<domain::agent_standing_changed> auto& value) {
  auto& [standing] = value;
  a(1, standing);
}

// Snapshots.
void describe(auto& a, some<domain::lease> auto& value) {
  auto& [agent, token, since, timeout_at] = value;
  a(1, agent)(2, token)(3, since)(4, timeout_at);
}
void describe(auto& a, some<domain::open_review> auto& value) {
  auto& [kind, reason, since] = value;
  a(1, kind)(2, reason)(3, since);
}
void describe(auto& a, some<domain::external_wait> auto& value) {
  auto& [reason, since, until, blocking] = value;
  a(1, reason)(2, since)(3, until)(4, blocking);
}
void describe(auto& a, some<domain::task_failure> auto& value) {
  auto& [type, message] = value;
  a(1, type)(2, message);
}
void describe(auto& a, some<domain::attempt_end> auto& value) {
  auto& [agent, token, seq, at, failure] = value;
  a(1, agent)(2, token)(3, seq)(4, at)(5, failure);
}
void describe(auto& a, some<domain::escalation_state> auto& value) {
  auto& [level, at] = value;
  a(1, level)(2, at);
}
void describe(auto& a, some<domain::task_state> auto& value) {
  auto& [status, stage, unmet, gates, open_leaves, attempt, charged, progress_percent, lease, review, external,
         retry_at, failure, ends, output_json, resolution, pinned_agent, role, stale_token, since, escalation,
         started_at, completed_at, failed_for_good] = value;
  a(1, status)(2, stage)(3, unmet)(4, gates)(5, open_leaves)(6, attempt)(7, charged)(8, progress_percent)(9, lease);
  a(10, review)(11, external)(12, retry_at)(13, failure)
      .repeated(14, ends)(15, output_json)(16, resolution)(17, pinned_agent);
  a(18, role)(19, stale_token)(20, since)(21, started_at)(22, completed_at)(23, failed_for_good)(24, escalation);
}
void describe(auto& a, some<domain::staffing_gap> auto& value) {
  auto& [reason, since] = value;
  a(1, reason)(2, since);
}
void describe(auto& a, some<domain::kind_of_work> auto& value) {
  auto& [action, role, pinned, assigned_at] = value;
  a(1, action)(2, role)(3, pinned)(4, assigned_at);
}
void describe(auto& a, some<domain::fork_origin> auto& value) {
  auto& [execution, seq, moment, attempts, leaves_complete, leaves_skipped] = value;
  a(1, execution)(2, seq)(3, attempts)(4, leaves_complete)(5, leaves_skipped)(6, moment);
}
void describe(auto& a, some<domain::standstill> auto& value) {
  auto& [from, to] = value;
  a(1, from)(2, to);
}
/// All but the graph, which the execution's first event gives, and the grafts, which a snapshot holds before it.
void describe(auto& a, some<domain::execution_state> auto& value) {
  auto& [graph, status, status_since, status_message, version, title, agent, priority, options, begun, paused_by_switch,
         created_at, updated_at, started_at, completed_at, deadline_at, tasks, stages, leaves_complete, leaves_skipped,
         blocking, escalated, effort_done, held, unstaffed, kinds, grafts, origin, standstills] = value;
  a(1, status)(2, status_message)(3, version)(4, title)(5, agent)(6, priority)(7, options)(8, begun)(9, created_at);
  a(10, updated_at)(11, started_at)(12, completed_at)(13, deadline_at).each(14, tasks).packed(15, stages);
  a(16, leaves_complete)(17, leaves_skipped)(18, blocking)(19, effort_done).packed(20, held)(21, unstaffed);
  a(22, paused_by_switch).repeated(23, kinds)(24, escalated)(25, status_since)(26, origin).repeated(27, standstills);
}

// Answers.
void describe(auto& a, some<kept_answer> auto& value) {
  auto& [key, payload_digest, status, headers, body, expires_at] = value;
  a(1, key)(2, payload_digest)(3, status)(4, headers)(5, body)(6, expires_at);
}

}  // namespace planexe::eventstore
