#include "tests/actors/auditor.hpp"

#include "actors/timers.hpp"
#include "domain/execution_status.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"
#include "tests/actors/timer_index.hpp"
#include "tests/domain/oracle.hpp"

namespace planexe::tests {

using namespace domain;

void auditor::complain(const std::string& what) {
  if (problem_.empty()) problem_ = what;
}

void auditor::catch_up() {
  constexpr std::size_t chunk = 1'000;
  std::set<std::string> changed;
  while (true) {
    const auto records = on_.disk.read_all(position_, chunk);
    if (!records) return complain("the log cannot be read: " + records.error().detail);
    for (const auto& record : *records) {
      take(record);
      if (record.stream.kind == stream_kind::execution) changed.insert(record.stream.id);
    }
    if (records->empty()) break;
  }
  // A writer's step is in the log whole, so what must hold between steps holds now.
  for (const auto& id : changed) {
    const auto& state = executions_.at(id);
    if (const auto wrong = wrong_status(state); !wrong.empty()) complain(id + ": " + wrong);
    if (const auto wrong = wrong_wait(state, on_.clock.now()); !wrong.empty()) complain(id + ": " + wrong);
  }
}

void auditor::take(const event_record& record) {
  if (record.position != ++position_) complain("a hole in the log at " + std::to_string(position_));
  if (record.seq != ++versions_[record.stream]) complain("a hole in " + record.stream.id);
  if (!record.metadata.inherited) ++seen_[std::string(eventstore::type_name(record.payload))];
  if (const auto* left = projections::archived_in(record)) {
    const auto& state = executions_[left->execution.value];
    if (!state.completed_at || left->status != name_of(state.status) || left->events != state.version)
      complain(left->execution.value + " has left the log as it is not");
    archived_.insert(left->execution.value);
  }
  const auto* event = std::get_if<execution_event>(&record.payload);
  if (event == nullptr) return;
  auto& state = executions_[record.stream.id];
  if (archived_.contains(record.stream.id)) complain(record.stream.id + " goes on after it has left the log");
  if (const auto* forked = std::get_if<execution_forked>(event); forked != nullptr && !record.metadata.inherited)
    check_fork(state, record, *forked);
  if (!record.metadata.inherited) {
    check_cause(record);
    check_before(state, record.stream.id, record);
  }
  const auto before = state.status;
  evolve(state, *event, {record.seq, record.metadata.recorded_at});
  if (state.status != before && !can_change(before, state.status))
    complain(record.stream.id + " went from " + std::string(name_of(before)) + " to " +
             std::string(name_of(state.status)));
  if (const auto wrong = wrong_counter(state); !wrong.empty()) complain(record.stream.id + ": " + wrong);
}

void auditor::check_fork(const execution_state& state, const event_record& record, const execution_forked& forked) {
  const auto& id = record.stream.id;
  if (forked.origin_seq + 1 != record.seq) complain(id + " has not as many events as it was forked with");
  const auto origin =
      projections::replay_execution(on_.disk, eventstore::memory_store{}, forked.origin, forked.origin_seq);
  if (!origin) return complain(id + " was forked from what cannot be read");
  if (const auto d = difference(origin->state, state); !d.empty())
    complain(id + " does not begin as its origin was: " + d);
  const auto last = on_.disk.read_stored({stream_kind::execution, forked.origin.value}, forked.origin_seq - 1, 1);
  if (!last || last->size() != 1 ||
      std::string(last->front().hash.begin(), last->front().hash.end()) != forked.origin_hash)
    complain(id + " names another event of its origin");
}

void auditor::check_cause(const event_record& record) {
  const auto& cause = record.metadata.causation_id;
  if (!tokens_of_.contains(cause)) return;
  const auto [known, first] = causes_.try_emplace(cause, known_cause{record.stream.id, record.seq});
  if (!first && (known->second.execution != record.stream.id || known->second.last_seq + 1 != record.seq))
    complain("request " + cause + " is in the log twice");
  known->second.last_seq = record.seq;
}

void auditor::check_before(const execution_state& state, const std::string& execution, const event_record& record) {
  const auto& event = std::get<execution_event>(record.payload);
  if (const auto* assigned = std::get_if<task_assigned>(&event)) {
    const auto leaf = state.graph->find(assigned->task);
    const auto name = execution + "/" + assigned->task.value;
    if (!hands_out(state)) complain(name + " was handed out while " + std::string(name_of(state.status)));
    if (state.tasks[leaf].lease) complain(name + " has two holders");
    if (state.tasks[leaf].stage != leaf_stage::ready) complain(name + " was handed out without being ready");
    const auto& pinned = state.tasks[leaf].pinned_agent.empty() ? state.agent : state.tasks[leaf].pinned_agent;
    if (!pinned.empty() && pinned != assigned->agent) complain(name + " was handed to another one than its own agent");
    if (!prerequisites_done(state, leaf)) complain(name + " was handed out before its prerequisites");
    if (state.options.max_parallel != 0 && state.held.size() >= state.options.max_parallel)
      complain(execution + " has more than max_parallel tasks out");
    const known_lease lease{execution, assigned->task.value, assigned->agent.value, assigned->attempt};
    if (!leases_.emplace(assigned->lease_token, lease).second) complain("a lease token was drawn twice");
    return;
  }
  std::visit(
      [&](const auto& e) {
        using type = std::decay_t<decltype(e)>;
        constexpr bool ends = std::is_same_v<type, task_complete> || std::is_same_v<type, task_error> ||
                              std::is_same_v<type, task_blocked> || std::is_same_v<type, subtasks_added>;
        if constexpr (ends) {
          if (e.agent.empty()) return;
          const auto& lease = state.tasks[state.graph->find(e.task)].lease;
          const auto expected = tokens_of_.find(record.metadata.causation_id);
          if (!lease || lease->agent != e.agent || (expected != tokens_of_.end() && expected->second != lease->token))
            complain(execution + "/" + e.task.value + " was ended by " + e.agent.value + ", who does not hold it");
        }
      },
      event);
}

namespace {

std::string span_to(timestamp from, timestamp to) {
  return std::to_string((to - from).count()) + " ms";
}

}  // namespace

bool auditor::is_quiet(process& live) {
  if (!live.recovered() || live.busy() > 0 || !live.failures().empty()) return false;
  catch_up();
  return true;
}

void auditor::check_wake_ups(process& live) {
  if (!is_quiet(live)) return;
  const auto armed = armed_in(live);
  const auto now = on_.clock.now(), patience = now + live.env().settings.agent_timeout;
  const auto expect = [&](const std::string& owner, timestamp no_later_than, const std::string& why) {
    ++wake_ups_;
    const auto found = armed.find(owner);
    if (found == armed.end()) return complain("nothing wakes " + owner + ", which " + why);
    if (found->second > no_later_than)
      complain(owner + " is woken " + span_to(no_later_than, found->second) + " too late; it " + why);
  };
  for (const auto& [id, state] : executions_) {
    if (const auto next = next_deadline(state)) expect(actors::owner_of(execution_id{id}), *next, "has a deadline");
    for (const auto leaf : state.held) {
      const auto& agent = state.tasks[leaf].lease->agent;
      const auto silent_at = live.env().presence.last_seen(agent).value_or(now) + live.env().settings.agent_timeout;
      expect(actors::owner_of(agent), std::max(silent_at, now + takes_back_every), "holds a task");
    }
  }
  for (const auto* row : live.views().agents.rows())
    if (row->state.standing == agent_standing::active)
      return expect(actors::the_matcher, patience + takes_back_every, "has agents to miss");
}

void auditor::check_nothing_overdue(process& live) {
  if (!is_quiet(live)) return;
  const auto now = on_.clock.now();
  for (const auto& [id, state] : executions_) {
    if (const auto next = next_deadline(state); next && *next <= now)
      complain(id + " has not done what was due " + span_to(*next, now) + " ago");
    for (const auto leaf : state.held) {
      const auto& agent = state.tasks[leaf].lease->agent;
      const auto heard = live.env().presence.last_seen(agent);
      if (heard && *heard + live.env().settings.agent_timeout <= now)
        complain(agent.value + " holds a task of " + id + ", but nothing was heard of it for " + span_to(*heard, now));
    }
  }
}

void auditor::answered(const std::string& execution, const std::string& causation_id,
                       const told<execution_state>& told) {
  catch_up();
  const auto& outcome = told.outcome;
  const auto version = versions_[{stream_kind::execution, execution}];
  if (outcome.duplicate_of && *outcome.duplicate_of > version)
    complain("a duplicate of seq " + std::to_string(*outcome.duplicate_of) + " of " + execution + ", which has " +
             std::to_string(version) + "; decided at " + std::to_string(told.state->version));
  if (outcome.recorded > 0) {
    const auto cause = causes_.find(causation_id);
    if (outcome.first_seq + outcome.recorded - 1 > version || cause == causes_.end())
      complain("request " + causation_id + " was answered before it was durable");
    else if (cause->second.last_seq < outcome.first_seq || cause->second.execution != execution)
      complain("request " + causation_id + " was answered with a seq of another one");
  }
  const auto& state = *told.state;
  if (!state.exists() || state.version != version) return;  // the log is further already
  if (const auto differs = difference(state, executions_.at(execution)); !differs.empty())
    complain(execution + " was not in memory what it is in the log: " + differs);
}

void auditor::forked(const std::string& execution, const told<execution_state>& told) {
  catch_up();
  if (told.outcome.rejection) return;
  const auto known = executions_.find(execution);
  if (known == executions_.end() || known->second.version < told.state->version)
    return complain("fork " + execution + " was answered before it was durable");
  if (known->second.version > told.state->version) return;  // the log is further already
  if (const auto differs = difference(*told.state, known->second); !differs.empty())
    complain("fork " + execution + " was not answered as it is in the log: " + differs);
}

void auditor::handed_out(const std::string& agent, const work_item& work) {
  catch_up();
  const auto& task = work.graph->task(work.task).id.value;
  const auto known = leases_.find(work.lease_token);
  if (known == leases_.end()) return complain(task + " was handed out before that was durable");
  const auto& lease = known->second;
  if (lease.agent != agent || lease.task != task || lease.execution != work.execution.value ||
      lease.attempt != work.attempt)
    complain(task + " was handed to " + agent + ", but is assigned otherwise");
}

void auditor::compare_everything(process& live) {
  catch_up();
  for (const auto& [id, state] : executions_) {
    const auto whole = projections::replay_execution(on_.disk, eventstore::memory_store{}, {id});
    const auto from_snapshot = projections::replay_execution(on_.disk, *on_.derived, {id});
    if (!whole || !from_snapshot) return complain(id + " cannot be replayed");
    if (const auto d = difference(whole->state, state); !d.empty()) complain(id + " replayed differs: " + d);
    if (const auto d = difference(from_snapshot->state, state); !d.empty())
      complain(id + " from its snapshot differs: " + d);
    if (archived_.contains(id)) {
      const auto head = on_.disk.head_of(projections::stream_of(execution_id{id}));
      if (!head || !head->archived) complain(id + " has left, and its stream does not say so");
      if (live.views().executions.row({id}) != nullptr) complain(id + " has left, and is in the view");
      continue;
    }
    const auto view = live.views().executions.state({id});
    if (!view || !*view) return complain(id + " cannot be looked at");
    if (const auto d = difference(**view, state); !d.empty()) complain(id + " differs in the view: " + d);
  }
  eventstore::memory_store nothing;
  actors::read_side rebuilt{on_.disk, nothing, 0.7};
  if (!rebuilt.runner.start() || !rebuilt.runner.store() || !live.views().runner.store())
    return complain("the views cannot be built");
  for (const auto name : {rebuilt.executions.name(), rebuilt.timers.name(), rebuilt.agents.name(), rebuilt.plans.name(),
                          rebuilt.notifications.name(), rebuilt.counters.name(), rebuilt.roles.name()}) {
    const auto kept = on_.derived->load_view(std::string(name)), fresh = nothing.load_view(std::string(name));
    if (!kept || !fresh || kept->rows != fresh->rows || kept->checkpoint != fresh->checkpoint)
      complain("the view " + std::string(name) + " is not what the log says");
  }
}

bool order_follower::on_events(std::span<const event_record* const> events, const projections::execution_row& row) {
  for (const auto* record : events)
    if (record->seq != ++last_) audit_.complain("a follower saw a gap or a repeat in " + record->stream.id);
  if (row.version != last_) audit_.complain("a follower was shown another row than the one after its events");
  return true;
}

}  // namespace planexe::tests
