// How each event changes the state. Every change of a leaf goes through `evolver::change`, which keeps the stage, the
// status, the counters and what other tasks wait for; no event touches those by hand.
#include <algorithm>
#include <cassert>

#include "domain/execution_state.hpp"

namespace planexe::domain {
namespace {

leaf_stage stage_of(const task_state& task) {
  switch (task.status) {
    case task_status::complete:
    case task_status::skipped:
      return leaf_stage::done;
    case task_status::cancelled:
      return leaf_stage::cancelled;
    default:
      break;
  }
  if (task.failed_for_good) return leaf_stage::failed;
  if (task.lease) return leaf_stage::held;
  if (task.review) return leaf_stage::reviewing;
  if (task.external) return leaf_stage::external;
  if (task.retry_at) return leaf_stage::retrying;
  return task.gates == 0 ? leaf_stage::ready : leaf_stage::waiting;
}

task_status status_of(const task_state& task) {
  switch (task.stage) {
    case leaf_stage::waiting:
    case leaf_stage::ready:
    case leaf_stage::retrying:
      return task_status::queued;
    case leaf_stage::held:
      return task_status::running;
    case leaf_stage::external:
      return task_status::blocked;
    case leaf_stage::failed:
      return task_status::error;
    case leaf_stage::reviewing:
      if (task.review->kind == review_kind::approval) return task_status::queued;
      return task.review->kind == review_kind::failure ? task_status::error : task_status::blocked;
    case leaf_stage::done:
    case leaf_stage::cancelled:
      break;
  }
  return task.status;
}

class evolver {
 public:
  evolver(execution_state& state, event_moment moment, std::vector<task_index>* touched)
      : state_(state), moment_(moment), touched_(touched) {}

  void operator()(const execution_created& e) {
    auto graph = plan_graph::build(e.source, e.options.sequencing);
    assert(graph.has_value());  // it was built once before the event was recorded
    if (!graph) return;
    state_.graph = *graph;
    state_.status = execution_status::created;
    state_.title = e.title;
    state_.agent = e.agent;
    state_.priority = e.priority;
    state_.options = e.options;
    state_.created_at = moment_.at;
    lay_out();
  }
  void operator()(const execution_queued& e) {
    state_.status = execution_status::queued;
    state_.status_message = e.reason;
    state_.begun = false;
    state_.unstaffed.reset();
    state_.deadline_at = e.deadline;
    state_.completed_at.reset();
    for (const auto leaf : state_.graph->leaves()) {  // a retry takes up what had failed
      const auto& task = state_.tasks[leaf];
      if (task.failed_for_good || (task.review && task.review->kind == review_kind::failure))
        change(leaf, [](task_state& t) {
          t.failed_for_good = false;
          t.review.reset();
          t.charged = 0;
        });
    }
  }
  void operator()(const execution_started&) {
    state_.status = execution_status::running;
    state_.status_message.clear();
    if (!state_.started_at) state_.started_at = moment_.at;
  }
  void operator()(const execution_paused& e) {
    move_to(execution_status::paused, e.reason);
    state_.paused_by_switch = e.by_switch;
    state_.unstaffed.reset();  // nothing is handed out; afterwards it is looked at anew
  }
  void operator()(const execution_resumed& e) { move_to(e.to, {}); }
  void operator()(const execution_blocked& e) { move_to(execution_status::blocked, e.reason); }
  void operator()(const execution_unblocked& e) { move_to(e.to, {}); }
  void operator()(const execution_completed&) { end(execution_status::completed, {}); }
  void operator()(const execution_failed& e) {
    end(execution_status::failed, e.reason);
    release_held();
  }
  void operator()(const execution_cancelled& e) {
    end(execution_status::cancelled, e.reason);
    for (const auto leaf : state_.graph->leaves())
      if (state_.tasks[leaf].stage != leaf_stage::done)
        change(leaf, [](task_state& t) {
          t.lease.reset();
          t.status = task_status::cancelled;
        });
  }
  void operator()(const execution_reprioritized& e) { state_.priority = e.priority; }
  void operator()(const execution_forked& e) {
    release_held();
    // What had not begun or was over stays so; all else waits for a person.
    if (state_.status != execution_status::created && !is_final(state_.status) &&
        state_.status != execution_status::failed)
      move_to(execution_status::paused,
              e.reason.empty() ? "begun from '" + e.origin.value + "' as it was at " + std::to_string(e.origin_seq)
                               : e.reason);
    state_.unstaffed.reset();
    state_.title = e.title;
    state_.agent = e.agent;
    if (e.options) state_.options = *e.options;
    state_.created_at = moment_.at;
    state_.deadline_at = e.deadline;
    if (!state_.started_at) state_.begun = false;  // it was about to start; nothing of it is handed out any more
    note_origin(e);
    const auto passed = moment_.at - state_.updated_at;
    if (passed > milliseconds{0}) state_.standstills.push_back({state_.updated_at, moment_.at});
    for (const auto leaf : state_.graph->leaves()) wait_anew(state_.tasks[leaf], std::max(passed, milliseconds{0}));
  }

  void operator()(const task_assigned& e) {
    state_.begun = true;
    if (const auto leaf = state_.graph->find(e.task); leaf != no_task) note_assigned(leaf);
    change(e.task, [&](task_state& t) {
      t.lease = lease{e.agent, e.lease_token, moment_.at, e.timeout_at};
      t.attempt = e.attempt;
      t.retry_at.reset();
      t.progress_percent = 0;
      if (!t.started_at) t.started_at = moment_.at;
    });
  }
  void operator()(const task_started&) {}
  void operator()(const task_progress& e) {
    change(e.task, [&](task_state& t) { t.progress_percent = e.percent; });
  }
  void operator()(const task_complete& e) {
    change(e.task, [&](task_state& t) {
      end_attempt(t, e.agent);
      clear_waits(t);
      t.failed_for_good = false;
      t.status = task_status::complete;
      t.output_json = e.output_json;
      t.progress_percent = 100;
      t.completed_at = moment_.at;
    });
  }
  void operator()(const task_error& e) {
    change(e.task, [&](task_state& t) {
      end_attempt(t, e.agent);
      t.failure = task_failure{e.error_type, e.error_message};
      t.ends.back().failure = t.failure;
      t.progress_percent = 0;
      if (e.charged) ++t.charged;
      t.failed_for_good = e.final;
    });
  }
  void operator()(const task_retry_scheduled& e) {
    change(e.task, [&](task_state& t) { t.retry_at = e.retry_at; });
  }
  void operator()(const task_retry_due& e) {
    change(e.task, [](task_state& t) { t.retry_at.reset(); });
  }
  void operator()(const task_blocked& e) {
    change(e.task, [&](task_state& t) {
      end_attempt(t, e.agent);
      t.failure.reset();  // of an earlier attempt: this one ended otherwise
      t.external = external_wait{e.reason, moment_.at, e.until, e.blocking};
    });
  }
  void operator()(const task_unblocked& e) {
    change(e.task, [&](task_state& t) {
      t.external.reset();
      t.resolution = e.reason;
    });
  }
  void operator()(const task_skipped& e) {
    change(e.task, [&](task_state& t) {
      t.lease.reset();
      clear_waits(t);
      t.failed_for_good = false;
      t.status = task_status::skipped;
      t.resolution = e.note;
      t.completed_at = moment_.at;
    });
  }
  void operator()(const task_reassigned& e) {
    change(e.task, [&](task_state& t) {
      t.pinned_agent = e.agent;
      if (!e.role.empty()) t.role = e.role;
    });
  }
  void operator()(const task_escalated& e) {
    const auto i = state_.graph->find(e.task);
    if (i == no_task || !state_.graph->is_leaf(i)) return;
    end_escalation(state_.tasks[i]);
    state_.tasks[i].escalation = {e.level, moment_.at};
    ++state_.escalated;
  }
  void operator()(const execution_unstaffed& e) { state_.unstaffed = staffing_gap{e.reason, moment_.at}; }
  void operator()(const execution_staffed&) { state_.unstaffed.reset(); }
  void operator()(const lease_expired& e) {
    change(e.task, [](task_state& t) {
      t.lease.reset();
      t.progress_percent = 0;
    });
  }
  void operator()(const review_requested& e) {
    change(e.task, [&](task_state& t) { t.review = open_review{e.kind, e.reason, moment_.at}; });
  }
  void operator()(const review_resolved& e) {
    change(e.task, [&](task_state& t) {
      t.review.reset();
      t.external.reset();
      t.resolution = e.note;
      // Whoever gets it now has all of its attempts.
      if (e.action == review_action::retry || e.action == review_action::reassign) t.charged = 0;
      if (e.action == review_action::retry) t.failed_for_good = false;
    });
  }
  void operator()(const report_rejected_stale& e) {
    // Also of a task that has been taken apart since.
    if (const auto i = state_.graph->find(e.task); i != no_task) state_.tasks[i].stale_token = e.lease_token;
  }
  void operator()(const subtasks_added& e) {
    const auto whole = state_.graph->find(e.task);
    if (whole == no_task || !state_.graph->is_leaf(whole) || !e.parts) return;
    auto grown = graft(*state_.graph, whole, *e.parts);
    assert(grown.has_value());  // it was tried before the event was recorded
    if (!grown) return;
    leave_leaves(whole, e.agent);
    const auto first = state_.graph->size();
    state_.graph = *grown;
    state_.grafts.push_back(e);
    state_.tasks.resize(state_.graph->size());
    for (auto part = first; part < state_.graph->size(); ++part) {
      auto& task = state_.tasks[part];
      task.since = moment_.at;
      task.pinned_agent = state_.tasks[whole].pinned_agent;
      ++count(task.stage);
    }
    recount();
  }

 private:
  void lay_out() {
    const auto& graph = *state_.graph;
    state_.tasks.assign(graph.size(), {});
    for (task_index i = 0; i < graph.size(); ++i) {
      auto& task = state_.tasks[i];
      const auto up = graph.parent(i);
      task.unmet = static_cast<std::uint32_t>(graph.prerequisites(i).size());
      task.gates = (up == no_task ? 0 : state_.tasks[up].gates) + (task.unmet > 0 ? 1 : 0);
      task.open_leaves = graph.leaf_count(i);
      task.since = moment_.at;
    }
    for (const auto leaf : graph.leaves()) {
      auto& task = state_.tasks[leaf];
      task.stage = stage_of(task);
      ++count(task.stage);
      if (task.stage == leaf_stage::ready) note(leaf);
    }
  }

  /// `whole` is no leaf any more: what it waited for and who held it are over.
  void leave_leaves(task_index whole, const agent_id& by) {
    auto& task = state_.tasks[whole];
    if (task.lease) end_attempt(task, by);
    if (task.external && task.external->blocking) --state_.blocking;
    clear_waits(task);
    task.failure.reset();
    task.failed_for_good = false;
    task.progress_percent = 0;
    end_escalation(task);
    --count(task.stage);
    if (state_.in(leaf_stage::ready) == 0) state_.unstaffed.reset();
    state_.held.erase(whole);
    if (task.stage == leaf_stage::ready) note(whole);
    task.stage = leaf_stage::waiting;
    task.status = task_status::queued;
  }

  /// After the graph has changed: who waits for whom, and what is done of it.
  void recount() {
    const auto& graph = *state_.graph;
    for (auto& task : state_.tasks) task.open_leaves = 0;
    state_.effort_done = 0;
    for (const auto leaf : graph.leaves())
      if (state_.tasks[leaf].stage == leaf_stage::done)
        state_.effort_done += graph.effort(leaf);
      else
        for (auto up = leaf; up != no_task; up = graph.parent(up)) ++state_.tasks[up].open_leaves;
    for (task_index i = 0; i < graph.size(); ++i) {
      auto& task = state_.tasks[i];
      task.unmet = 0;
      for (const auto before : graph.prerequisites(i)) task.unmet += state_.tasks[before].open_leaves > 0 ? 1U : 0U;
      const auto up = graph.parent(i);  // comes before its children
      task.gates = (up == no_task ? 0 : state_.tasks[up].gates) + (task.unmet > 0 ? 1 : 0);
    }
    for (const auto leaf : graph.leaves()) restage(leaf);
  }

  void move_to(execution_status status, const std::string& message) {
    state_.status = status;
    state_.status_message = message;
    state_.paused_by_switch = false;
  }
  void end(execution_status status, const std::string& message) {
    move_to(status, message);
    state_.unstaffed.reset();
    state_.completed_at = moment_.at;
  }

  /// As where a lease expires: the next attempt begins anew.
  void release_held() {
    const auto held = state_.held;
    for (const auto leaf : held)
      change(leaf, [](task_state& t) {
        t.lease.reset();
        t.progress_percent = 0;
      });
  }
  void note_origin(const execution_forked& e) {
    state_.origin =
        fork_origin{e.origin, e.origin_seq, state_.updated_at, 0, state_.leaves_complete, state_.leaves_skipped};
    for (const auto& task : state_.tasks) state_.origin->attempts += task.attempt;
  }
  /// Whoever is waited for was waited for elsewhere until now; what has an end of its own has as much time left as
  /// then.
  void wait_anew(task_state& task, milliseconds passed) {
    if (task.stage == leaf_stage::done || task.stage == leaf_stage::failed) return;
    task.since = moment_.at;
    end_escalation(task);
    if (task.review) task.review->since = moment_.at;
    if (task.external) task.external->since = moment_.at;
    if (task.external) task.external->until += passed;
    if (task.retry_at) *task.retry_at += passed;
  }
  void end_attempt(task_state& task, const agent_id& agent) {
    if (task.ends.size() == most_attempt_ends) task.ends.erase(task.ends.begin());
    task.ends.push_back({agent, task.lease ? task.lease->token : std::string{}, moment_.seq, moment_.at, {}});
    task.lease.reset();
  }
  void end_escalation(task_state& task) {
    if (task.escalation.level > 0) --state_.escalated;
    task.escalation = {};
  }
  static void clear_waits(task_state& task) {
    task.review.reset();
    task.external.reset();
    task.retry_at.reset();
  }

  void note_assigned(task_index leaf) {
    const kind_of_work kind{state_.definition(leaf).action, role_of(state_, leaf), pinned_agent_of(state_, leaf),
                            moment_.at};
    for (auto& known : state_.kinds) {
      if (known.action != kind.action || known.role != kind.role || known.pinned != kind.pinned) continue;
      known.assigned_at = kind.assigned_at;
      return;
    }
    state_.kinds.push_back(kind);
  }

  std::uint32_t& count(leaf_stage stage) { return state_.stages[static_cast<std::size_t>(stage)]; }
  void note(task_index leaf) {
    if (touched_) touched_->push_back(leaf);
  }

  template <class Change>
  void change(const task_id& id, Change&& apply) {
    const auto i = state_.graph ? state_.graph->find(id) : no_task;
    if (i != no_task && state_.graph->is_leaf(i)) change(i, std::forward<Change>(apply));
  }

  template <class Change>
  void change(task_index leaf, Change&& apply) {
    auto& task = state_.tasks[leaf];
    const bool blocked_all = task.external && task.external->blocking;
    apply(task);
    const bool blocks_all = task.external && task.external->blocking;
    state_.blocking = state_.blocking + (blocks_all ? 1U : 0U) - (blocked_all ? 1U : 0U);
    restage(leaf);
  }

  void restage(task_index leaf) {
    auto& task = state_.tasks[leaf];
    const auto before = task.stage;
    const auto after = stage_of(task);
    task.stage = after;
    task.status = status_of(task);
    if (before == after) return;
    task.since = moment_.at;
    end_escalation(task);
    --count(before);
    ++count(after);
    if (before == leaf_stage::ready || after == leaf_stage::ready) note(leaf);
    if (state_.in(leaf_stage::ready) == 0) state_.unstaffed.reset();
    if (before == leaf_stage::held) state_.held.erase(leaf);
    if (after == leaf_stage::held) state_.held.insert(leaf);
    if (after == leaf_stage::done) finish(leaf);
  }

  void finish(task_index leaf) {
    auto& done = state_.tasks[leaf].status == task_status::complete ? state_.leaves_complete : state_.leaves_skipped;
    ++done;
    state_.effort_done += state_.graph->effort(leaf);
    for (task_index i = leaf; i != no_task; i = state_.graph->parent(i))
      if (--state_.tasks[i].open_leaves == 0) release(i);
  }

  /// `i` is finished: what waited for it may go on.
  void release(task_index i) {
    for (const auto next : state_.graph->successors(i)) {
      if (--state_.tasks[next].unmet > 0) continue;
      for (const auto below : state_.graph->subtree(next)) {
        --state_.tasks[below].gates;
        if (state_.graph->is_leaf(below)) restage(below);
      }
    }
  }

  execution_state& state_;
  event_moment moment_;
  std::vector<task_index>* touched_;
};

}  // namespace

void evolve(execution_state& state, const execution_event& event, event_moment moment,
            std::vector<task_index>* touched) {
  // An event before the first one's graph exists can only come from a damaged log; it changes the version alone.
  const auto before = state.status;
  if (state.graph || std::holds_alternative<execution_created>(event))
    std::visit(evolver{state, moment, touched}, event);
  const bool begins =
      std::holds_alternative<execution_created>(event) || std::holds_alternative<execution_forked>(event);
  if (state.status != before || begins) state.status_since = moment.at;
  state.version = moment.seq;
  state.updated_at = moment.at;
}

}  // namespace planexe::domain
