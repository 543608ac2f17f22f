// What each command comes to. Nothing here changes a state: a decision is events, or a reason why not.
#include <algorithm>

#include "domain/execution_commands.hpp"
#include "domain/execution_status.hpp"
#include "domain/retry.hpp"

namespace planexe::domain {
namespace {

constexpr std::size_t most_rungs = 16;  // of an escalation ladder

constexpr milliseconds longest_span = hours(24 * 366 * 10);  // ten years; what is added to a time must stay a time

/// An agent that cannot take a task apart will not do better on its next attempt: a person is asked at once.
constexpr std::string_view decomposition_failed = "decomposition_failed";

decision refuse(rejection_code code, std::string detail) {
  return {.events = {}, .rejection = rejection{code, std::move(detail), {}}, .duplicate_of = {}};
}

decision accept(std::vector<execution_event> events = {}) {
  return {.events = std::move(events), .rejection = {}, .duplicate_of = {}};
}

std::string in_quotes(std::string_view text) {
  return "'" + std::string(text) + "'";
}

decision refuse_field(std::string field, std::string message) {
  auto refused = refuse(rejection_code::validation_failed, field + " " + message);
  refused.rejection->errors.push_back({std::move(field), std::move(message)});
  return refused;
}

bool is_percent(double value) {
  return value >= 0 && value <= 100;  // false for what is not a number
}

decision refuse_change(const execution_state& state, execution_status to) {
  return refuse(
      rejection_code::invalid_transition,
      "an execution cannot go from " + std::string(name_of(state.status)) + " to " + std::string(name_of(to)));
}

/// Asks for those leaves that `asks` is true of.
template <class Asks>
void request_approvals(const plan_graph& graph, const execution_options& options, std::vector<execution_event>& events,
                       Asks&& asks) {
  for (const auto leaf : graph.leaves()) {
    const auto& task = graph.task(leaf);
    auto reason = approval_reason(options, task);
    if (!reason || !asks(leaf)) continue;
    events.emplace_back(review_requested{task.id, review_kind::approval, std::move(*reason)});
  }
}

/// Why a plan may not be started, if it may not.
std::optional<decision> refuse_start(const plan& plan, const execution_options& options, bool confirmed) {
  if (plan.redline == redline_verdict::refuse && options.refusal_override.empty())
    return refuse(rejection_code::plan_refused,
                  "PlanExe's redline gate refused this plan; an admin can override that, with a reason, where an "
                  "execution of it is created");
  if (!plan.start_warning.empty() && !confirmed)
    return refuse(rejection_code::confirmation_required,
                  "to start it in spite of this, send confirm_warnings: true. " + plan.start_warning);
  return std::nullopt;
}

class decider {
 public:
  decider(const execution_state& state, timestamp now) : state_(state), now_(now) {}

  decision operator()(const create_execution& c) const {
    if (state_.exists()) return refuse(rejection_code::already_exists, "the execution exists already");
    if (auto problems = problems_of(c.options); !problems.empty()) {
      auto refused = refuse(rejection_code::validation_failed, "the options are not valid");
      refused.rejection->errors = std::move(problems);
      return refused;
    }
    if (!c.options.refusal_override.empty() && c.source->redline != redline_verdict::refuse)
      return refuse_field("override_refusal", "goes with a plan that PlanExe's redline gate refused, and this is none");
    const auto graph = plan_graph::build(c.source, c.options.sequencing);
    if (!graph) {
      auto refused = refuse(rejection_code::validation_failed, "the plan cannot be executed");
      for (const auto& problem : graph.error()) refused.rejection->errors.push_back({problem.field, problem.message});
      return refused;
    }
    std::vector<execution_event> events;
    events.emplace_back(
        execution_created{c.source, c.title.empty() ? c.source->title : c.title, c.agent, c.priority, c.options});
    if (c.start) {
      if (auto refused = refuse_start(*c.source, c.options, c.confirm_warnings)) return *refused;
      events.emplace_back(execution_queued{"started", now_ + c.options.timeout});
      request_approvals(**graph, c.options, events, [](task_index) { return true; });
    }
    return accept(std::move(events));
  }

  decision operator()(const queue_execution& c) const {
    switch (state_.status) {
      case execution_status::queued:
        return accept();
      case execution_status::paused:
      case execution_status::blocked:
        return (*this)(resume_execution{});
      case execution_status::created: {
        if (auto refused = refuse_start(state_.graph->plan(), state_.options, c.confirm_warnings)) return *refused;
        std::vector<execution_event> events{execution_queued{"started", now_ + state_.options.timeout}};
        // A person may have finished some of them before the start.
        request_approvals(*state_.graph, state_.options, events,
                          [&](task_index leaf) { return state_.tasks[leaf].stage != leaf_stage::done; });
        return accept(std::move(events));
      }
      case execution_status::failed: {
        std::vector<execution_event> events{execution_queued{"retried", now_ + state_.options.timeout}};
        // What was rejected before anybody had it comes back as the question that it was.
        request_approvals(*state_.graph, state_.options, events, [&](task_index leaf) {
          return state_.tasks[leaf].failed_for_good && state_.tasks[leaf].attempt == 0;
        });
        return accept(std::move(events));
      }
      default:
        return refuse_change(state_, execution_status::queued);
    }
  }

  decision operator()(const pause_execution& c) const {
    if (state_.status == execution_status::paused) return accept();
    if (!can_change(state_.status, execution_status::paused))
      return c.by_switch ? accept() : refuse_change(state_, execution_status::paused);
    return accept({execution_paused{c.reason, c.by_switch}});
  }

  decision operator()(const resume_execution& c) const {
    if (c.by_switch && !state_.paused_by_switch) return accept();
    if (state_.status == execution_status::running) return accept();
    if (state_.status == execution_status::blocked)
      return refuse(rejection_code::invalid_transition,
                    "a blocked execution goes on by itself when its cause ends: " + message_of(state_));
    if (state_.status == execution_status::queued)
      return refuse(rejection_code::invalid_transition,
                    "a queued execution runs as soon as an agent takes a task of it");
    if (state_.status != execution_status::paused) return refuse_change(state_, execution_status::running);
    const bool anything_left = state_.in(leaf_stage::done) < state_.leaf_total();
    return accept(
        {execution_resumed{state_.begun || !anything_left ? execution_status::running : execution_status::queued}});
  }

  decision operator()(const cancel_execution& c) const {
    if (state_.status == execution_status::cancelled) return accept();
    if (!can_change(state_.status, execution_status::cancelled))
      return refuse_change(state_, execution_status::cancelled);
    return accept({execution_cancelled{c.reason}});
  }

  decision operator()(const steer_execution& c) const {
    auto steered = c.change ? std::visit(*this, *c.change) : accept();
    if (steered.rejection || !c.priority) return steered;
    if (is_final(state_.status))
      return refuse(rejection_code::invalid_transition, "the execution is " + std::string(name_of(state_.status)));
    if (*c.priority == state_.priority) return steered;
    steered.events.insert(steered.events.begin(), execution_reprioritized{*c.priority});
    return steered;
  }

  decision operator()(const time_out_execution&) const {
    if (!state_.deadline_at || now_ < *state_.deadline_at) return accept();
    std::vector<execution_event> events;
    // The table knows no way from QUEUED to FAILED: an execution that nobody began is blocked first.
    if (state_.status == execution_status::queued)
      events.emplace_back(execution_blocked{"nobody began it before its deadline"});
    else if (!can_change(state_.status, execution_status::failed))
      return accept();
    events.emplace_back(execution_failed{"the execution's own timeout has passed"});
    return accept(std::move(events));
  }

  decision operator()(const assign_task& c) const {
    if (!hands_out(state_))
      return refuse(rejection_code::invalid_transition, "the execution is " + std::string(name_of(state_.status)));
    if (c.task >= state_.tasks.size() || state_.tasks[c.task].stage != leaf_stage::ready)
      return refuse(rejection_code::task_not_held, "the task is not ready");
    if (state_.options.max_parallel != 0 && state_.held.size() >= state_.options.max_parallel)
      return refuse(rejection_code::unavailable, "max_parallel tasks are held already");
    const auto& task = state_.tasks[c.task];
    // A claim that was made before a person gave the task to somebody else.
    const auto& only = pinned_agent_of(state_, c.task);
    if (!only.empty() && only != c.agent)
      return refuse(rejection_code::task_not_held, "the task waits for agent " + in_quotes(only.value));
    std::vector<execution_event> events;
    if (state_.unstaffed) events.emplace_back(execution_staffed{});
    if (state_.status == execution_status::blocked) events.emplace_back(execution_unblocked{execution_status::running});
    events.emplace_back(task_assigned{state_.definition(c.task).id, c.agent, task.attempt + 1, c.lease_token,
                                      now_ + timeout_of(state_, c.task), c.reason});
    return accept(std::move(events));
  }

  decision operator()(const start_task& c) const {
    return as_holder(c.report, "task_started", [&](task_index, const task_state&) {
      return accept({task_started{c.report.task, c.report.agent, c.message}});
    });
  }
  decision operator()(const report_progress& c) const {
    if (!is_percent(c.percent)) return refuse_field("progress_percent", "must be between 0 and 100");
    return as_holder(c.report, "task_progress", [&](task_index, const task_state&) {
      return accept({task_progress{c.report.task, c.report.agent, c.percent, c.message}});
    });
  }
  decision operator()(const heartbeat& c) const {
    if (c.percent && !is_percent(*c.percent)) return refuse_field("progress_percent", "must be between 0 and 100");
    return as_holder(c.report, "heartbeat", [&](task_index, const task_state& task) {
      if (!c.percent || *c.percent == task.progress_percent) return accept();
      return accept({task_progress{c.report.task, c.report.agent, *c.percent, c.message}});
    });
  }

  decision operator()(const complete_task& c) const {
    if (const auto* end = ended_by(c.report)) {
      const auto& task = state_.tasks[state_.graph->find(c.report.task)];
      if (task.status == task_status::complete && end == &task.ends.back() && task.output_json == c.output_json)
        return duplicate(*end);
    }
    return as_holder(c.report, "task_complete", [&](task_index, const task_state&) {
      return accept({task_complete{c.report.task, c.report.agent, c.output_json, c.message}});
    });
  }

  decision operator()(const fail_task& c) const {
    if (const auto* end = ended_by(c.report); end && end->failure == task_failure{c.error_type, c.error_message})
      return duplicate(*end);
    return as_holder(c.report, "task_error", [&](task_index leaf, const task_state& task) {
      std::vector<execution_event> events{
          task_error{c.report.task, c.report.agent, task.attempt, c.error_type, c.error_message, true, false}};
      const bool ask_person = c.review_required || c.error_type == decomposition_failed;
      after_failure(state_, leaf, {c.error_type, c.error_message, c.retryable, ask_person, c.jitter}, now_, events);
      return accept(std::move(events));
    });
  }

  decision operator()(const block_task& c) const {
    if (const auto* end = ended_by(c.report)) {
      const auto& task = state_.tasks[state_.graph->find(c.report.task)];
      if (task.external && end == &task.ends.back() && task.external->reason == c.reason) return duplicate(*end);
    }
    return as_holder(c.report, "task_blocked", [&](task_index, const task_state&) {
      const auto wait = std::clamp(c.max_wait.value_or(state_.options.external_wait), milliseconds{0}, longest_span);
      return accept({task_blocked{c.report.task, c.report.agent, c.reason, now_ + wait, c.blocking}});
    });
  }

  decision operator()(const unblock_task& c) const {
    const auto leaf = state_.graph->find(c.report.task);
    if (leaf == no_task) return unknown_task(c.report.task);
    const auto& task = state_.tasks[leaf];
    if (!task.external || is_final(state_.status) || state_.status == execution_status::failed)
      return refuse(rejection_code::task_not_held, "the task is not blocked");
    if (task.ends.empty() || task.ends.back().agent != c.report.agent)
      return refuse(rejection_code::task_not_held, "the task was blocked by another agent");
    // The block of an earlier attempt is over; its end must not end a later one's.
    if (ended_by(c.report) != &task.ends.back()) return refuse_stale(c.report, task, "task_unblocked");
    std::vector<execution_event> events{task_unblocked{c.report.task, c.reason}};
    if (task.review)
      events.emplace_back(review_resolved{c.report.task, review_action::unblock, "the agent says that it can go on"});
    return accept(std::move(events));
  }

  decision operator()(const propose_subtasks& c) const {
    if (!c.parts) return refuse_field("subtasks", "is required");
    if (const auto* end = ended_by(c.report)) {
      const auto task = state_.graph->find(c.report.task);
      if (!state_.graph->is_leaf(task) && parts_of(task) == *c.parts) return duplicate(*end);
    }
    return as_holder(c.report, "subtasks_proposed", [&](task_index leaf, const task_state&) {
      std::vector<execution_event> events;
      if (auto problems = take_apart(leaf, c.report.agent, c.parts, events); !problems.empty())
        return refuse_parts(problems);
      return accept(std::move(events));
    });
  }

  decision operator()(const note_staffing& c) const {
    if (c.staffed) return state_.unstaffed ? accept({execution_staffed{}}) : accept();
    // While something is held or due, or before the first hand-out, it is only a matter of waiting.
    const bool matters = state_.begun && hands_out(state_) && state_.in(leaf_stage::ready) > 0 &&
                         state_.in(leaf_stage::held) + state_.in(leaf_stage::retrying) == 0;
    if (state_.unstaffed || !matters) return accept();
    return accept({execution_unstaffed{c.reason, now_ + state_.options.escalation}});
  }

  decision operator()(const release_task& c) const {
    const auto* held = lease_of(c.task, c.lease_token);
    if (!held) return accept();
    return accept({lease_expired{state_.definition(c.task).id, held->agent, c.reason}});
  }

  decision operator()(const wake_retry& c) const {
    if (c.task >= state_.tasks.size() || is_final(state_.status)) return accept();
    const auto& task = state_.tasks[c.task];
    if (task.stage != leaf_stage::retrying || now_ < *task.retry_at) return accept();
    return accept({task_retry_due{state_.definition(c.task).id}});
  }

  decision operator()(const time_out_attempt& c) const {
    const auto* held = lease_of(c.task, c.lease_token);
    if (!held || now_ < held->timeout_at) return accept();
    const std::string message = "no result within the task's timeout";
    std::vector<execution_event> events{task_error{state_.definition(c.task).id, held->agent,
                                                   state_.tasks[c.task].attempt, "timeout", message, true, false}};
    after_failure(state_, c.task, {"timeout", message, true, false, c.jitter}, now_, events);
    return accept(std::move(events));
  }

  decision operator()(const escalate_wait& c) const {
    if (c.task >= state_.tasks.size() || is_final(state_.status)) return accept();
    const auto& task = state_.tasks[c.task];
    if (task.stage != leaf_stage::external || now_ < task.external->until) return accept();
    const auto& id = state_.definition(c.task).id;
    const auto reason = "waited too long for something outside: " + task.external->reason;
    return accept({review_requested{id, review_kind::escalated, reason},
                   task_escalated{id, reason, 1, escalation_target(state_.options, 1)}});
  }

  decision operator()(const escalate_overdue&) const {
    std::vector<execution_event> events;
    for (const auto leaf : state_.graph->leaves()) {
      const auto due = escalation_due(state_, leaf);
      if (!due || now_ < *due) continue;
      const auto& task = state_.tasks[leaf];
      const auto level = task.escalation.level + 1;
      auto reason = task.review ? "nobody has decided yet: " + task.review->reason
                                : "nobody has taken it yet: " + waiting_of(state_, leaf)->detail;
      events.emplace_back(task_escalated{state_.definition(leaf).id, std::move(reason), level,
                                         escalation_target(state_.options, level)});
    }
    return accept(std::move(events));
  }

  decision operator()(const resolve_review& c) const;

 private:
  decision unknown_task(const task_id& id) const {
    return refuse(rejection_code::not_found, "the execution has no task " + in_quotes(id.value));
  }

  const lease* lease_of(task_index leaf, const std::string& token) const {
    if (leaf >= state_.tasks.size()) return nullptr;
    const auto& held = state_.tasks[leaf].lease;
    return held && held->token == token ? &*held : nullptr;
  }

  static decision duplicate(const attempt_end& end) { return {.events = {}, .rejection = {}, .duplicate_of = end.seq}; }

  /// The end of the attempt that `report` is about, if its sender ended it.
  const attempt_end* ended_by(const report_header& report) const {
    const auto leaf = state_.graph->find(report.task);
    if (leaf == no_task) return nullptr;
    const auto& task = state_.tasks[leaf];
    if (report.lease_token.empty()) {  // then it is about the attempt that is held or, without one, about the last
      const bool last = !task.lease && !task.ends.empty() && task.ends.back().agent == report.agent;
      return last ? &task.ends.back() : nullptr;
    }
    for (const auto& end : task.ends)
      if (end.agent == report.agent && end.token == report.lease_token) return &end;
    return nullptr;
  }

  template <class Decide>
  decision as_holder(const report_header& report, std::string_view name, Decide&& decide_it) const {
    const auto leaf = state_.graph->find(report.task);
    if (leaf == no_task) return unknown_task(report.task);
    const auto& task = state_.tasks[leaf];
    if (!state_.graph->is_leaf(leaf) && task.attempt == 0)
      return refuse_field("task_id", "has subtasks; report about one of those");
    const bool holds = task.lease && task.lease->agent == report.agent &&
                       (report.lease_token.empty() || report.lease_token == task.lease->token);
    if (holds) return decide_it(leaf, task);
    return refuse_stale(report, task, name);
  }

  decision refuse_stale(const report_header& report, const task_state& task, std::string_view name) const {
    auto refused = refuse(rejection_code::lease_lost, "agent " + in_quotes(report.agent.value) +
                                                          " does not hold task " + in_quotes(report.task.value));
    // One record a lost lease: a client that repeats itself must not fill the log.
    if (!report.lease_token.empty() && report.lease_token != task.stale_token)
      refused.events.emplace_back(
          report_rejected_stale{report.task, report.agent, report.lease_token, std::string(name)});
    return refused;
  }

  /// What `task` was taken apart into.
  const decomposition& parts_of(task_index task) const {
    static const decomposition nothing;
    for (const auto& done : state_.grafts)
      if (done.task == state_.definition(task).id) return *done.parts;
    return nothing;
  }

  /// Appends what follows from taking `leaf` apart, or says all that is wrong with the parts.
  std::vector<plan_problem> take_apart(task_index leaf, const agent_id& by,
                                       const std::shared_ptr<const decomposition>& parts,
                                       std::vector<execution_event>& events) const {
    const auto grown = graft(*state_.graph, leaf, *parts);
    if (!grown) return grown.error();
    events.emplace_back(subtasks_added{state_.definition(leaf).id, by, parts});
    if (state_.status != execution_status::created)  // else they are asked about with all the others, at the start
      request_approvals(**grown, state_.options, events, [&](task_index part) { return part >= state_.graph->size(); });
    return {};
  }

  static decision refuse_parts(const std::vector<plan_problem>& problems) {
    auto refused = refuse(rejection_code::validation_failed, "the task cannot be taken apart like this");
    for (const auto& problem : problems) refused.rejection->errors.push_back({problem.field, problem.message});
    return refused;
  }

  decision decompose(const resolve_review& c, task_index target) const;

  /// Appends what `c` does to one leaf; says why not otherwise.
  std::optional<std::string> resolve(const resolve_review& c, task_index leaf,
                                     std::vector<execution_event>& events) const;

  const execution_state& state_;
  timestamp now_;
};

std::optional<std::string> decider::resolve(const resolve_review& c, task_index leaf,
                                            std::vector<execution_event>& events) const {
  const auto& task = state_.tasks[leaf];
  const auto& id = state_.definition(leaf).id;
  const auto settle_review = [&](const std::string& note) {
    if (task.review) events.emplace_back(review_resolved{id, c.action, note});
  };
  const auto end_lease = [&](const char* why) {
    if (task.lease) events.emplace_back(lease_expired{id, task.lease->agent, why});
  };
  if (task.stage == leaf_stage::done || task.stage == leaf_stage::cancelled) return "the task is finished";
  switch (c.action) {
    case review_action::approve:
    case review_action::choose:
      if (!task.review) return "nothing about the task waits for a person";
      if (task.review->kind == review_kind::failure) return "it has failed: retry, skip, complete or reject it";
      settle_review(c.action == review_action::choose ? c.option + (c.note.empty() ? "" : ": " + c.note) : c.note);
      return {};
    case review_action::reject:
      if (!task.review) return "nothing about the task waits for a person";
      settle_review(c.note);
      events.emplace_back(
          task_error{id, {}, task.attempt, "rejected", c.note.empty() ? "rejected by a person" : c.note, false, true});
      return {};
    case review_action::retry:
      if (!task.failed_for_good && (!task.review || task.review->kind == review_kind::approval))
        return "the task has not failed";
      events.emplace_back(review_resolved{id, c.action, c.note});
      return {};
    case review_action::unblock:
      if (!task.external) return "the task is not blocked by anything outside";
      events.emplace_back(task_unblocked{id, c.note});
      settle_review(c.note);
      return {};
    case review_action::skip:
      end_lease("a person skipped the task");
      settle_review(c.note);
      events.emplace_back(task_skipped{id, c.note});
      return {};
    case review_action::complete:
      end_lease("a person completed the task");
      settle_review(c.note);
      events.emplace_back(task_complete{id, {}, c.output_json, c.note});
      return {};
    case review_action::reassign:
      end_lease("a person gave the task to somebody else");
      events.emplace_back(task_reassigned{id, c.agent, c.role});
      if (task.review && task.review->kind != review_kind::approval) settle_review(c.note);
      return {};
    case review_action::decompose:
      break;  // by `decompose`: it can be wrong in more ways than one
  }
  return "only a task without subtasks can be taken apart";
}

decision decider::decompose(const resolve_review& c, task_index target) const {
  const auto& task = state_.tasks[target];
  const auto& id = state_.definition(target).id;
  if (!state_.graph->is_leaf(target))
    return refuse(rejection_code::invalid_transition, "the task has subtasks already; take one of those apart");
  if (task.stage == leaf_stage::done || task.stage == leaf_stage::cancelled)
    return refuse(rejection_code::invalid_transition, "the task is finished");
  if (!c.parts) return refuse_field("subtasks", "is required");
  std::vector<execution_event> events;
  if (task.lease) events.emplace_back(lease_expired{id, task.lease->agent, "a person took the task apart"});
  if (task.review) events.emplace_back(review_resolved{id, c.action, c.note});
  if (auto problems = take_apart(target, {}, c.parts, events); !problems.empty()) return refuse_parts(problems);
  return accept(std::move(events));
}

decision decider::operator()(const resolve_review& c) const {
  const auto target = state_.graph->find(c.task);
  if (target == no_task) return unknown_task(c.task);
  if (is_final(state_.status) || state_.status == execution_status::failed)
    return refuse(rejection_code::invalid_transition, "the execution is " + std::string(name_of(state_.status)));
  if (c.action == review_action::decompose) return decompose(c, target);
  std::vector<execution_event> events;
  if (state_.graph->is_leaf(target)) {
    if (auto why = resolve(c, target, events)) return refuse(rejection_code::invalid_transition, std::move(*why));
    return accept(std::move(events));
  }
  std::string last_reason = "nothing below the task waits for a person";
  for (const auto leaf : state_.graph->subtree(target)) {
    const auto& task = state_.tasks[leaf];
    // A wait for something outside that is not overdue is a person's business only where they end it.
    const bool concerned = task.review || (task.external && c.action == review_action::unblock);
    if (!state_.graph->is_leaf(leaf) || !concerned) continue;
    if (auto why = resolve(c, leaf, events)) last_reason = std::move(*why);
  }
  if (events.empty()) return refuse(rejection_code::invalid_transition, std::move(last_reason));
  return accept(std::move(events));
}

}  // namespace

std::vector<field_error> problems_of(const execution_options& options) {
  std::vector<field_error> problems;
  const auto check = [&](bool good, const char* field, const char* message) {
    if (!good) problems.push_back({field, message});
  };
  const auto is_span = [](milliseconds span) { return span > milliseconds{0} && span <= longest_span; };
  const char* span = "must be positive and no longer than ten years";
  check(options.review_threshold >= 0 && options.review_threshold <= 1, "options.review_threshold",
        "must be between 0 and 1");
  check(is_span(options.timeout), "options.timeout_hours", span);
  check(is_span(options.task_timeout), "options.task_timeout", span);
  check(is_span(options.external_wait), "options.external_wait", span);
  check(is_span(options.escalation), "options.escalation", span);
  check(options.retry.max_attempts > 0, "options.retry_policy.max_attempts", "must be at least 1");
  check(options.retry.backoff >= milliseconds{0} && options.retry.backoff <= longest_span,
        "options.retry_policy.backoff_seconds", "must not be negative or longer than ten years");
  check(options.retry.multiplier >= 1 && options.retry.multiplier <= 100, "options.retry_policy.multiplier",
        "must be between 1 and 100");
  check(is_span(options.retry.max_backoff), "options.retry_policy.max_backoff_seconds", span);
  check(options.ladder.size() <= most_rungs, "options.escalation", "has too many rungs");
  for (const auto& rung : options.ladder) check(is_span(rung.after), "options.escalation.after_hours", span);
  return problems;
}

decision decide(const execution_state& state, const execution_command& command, timestamp now) {
  if (!state.exists() && !std::holds_alternative<create_execution>(command))
    return refuse(rejection_code::not_found, "no such execution");
  return std::visit(decider{state, now}, command);
}

std::optional<execution_event> settle(const execution_state& state) {
  using enum execution_status;
  if (state.status != queued && state.status != running && state.status != blocked) return std::nullopt;
  const auto able = state.unstaffed ? 0 : state.in(leaf_stage::ready);
  const auto active = state.in(leaf_stage::held) + able + state.in(leaf_stage::retrying);
  const auto outside = state.in(leaf_stage::reviewing) + state.in(leaf_stage::external);
  const bool all_done = state.in(leaf_stage::done) == state.leaf_total();
  const bool stuck = !all_done && active == 0 && outside == 0 && !state.unstaffed;
  if (state.status == queued && (state.begun || all_done || stuck) && state.blocking == 0) return execution_started{};
  if (all_done) return execution_completed{};
  if (stuck) return execution_failed{"a task that the plan needs has failed for good"};
  if (state.blocking > 0 || active == 0) {
    if (state.status == blocked) return std::nullopt;
    return execution_blocked{block_of(state)};
  }
  if (state.status == blocked) return execution_unblocked{state.begun ? running : queued};
  return std::nullopt;
}

}  // namespace planexe::domain
