#include "actors/execution_process.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/decomposing.hpp"
#include "actors/timers.hpp"
#include "domain/execution_status.hpp"
#include "domain/requirement.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::actors {

using namespace domain;

namespace {

const std::string system_actor = "system";

/// The leaf that an event is about; `no_task` for one about the execution.
task_index leaf_of(const execution_state& state, const execution_event& event) {
  return std::visit(
      [&](const auto& e) {
        if constexpr (requires { e.task; })
          return state.graph->find(e.task);
        else
          return no_task;
      },
      event);
}

/// Whether an event changes leaves that it does not name.
bool concerns_all(const execution_event& event) {
  return std::holds_alternative<execution_created>(event) || std::holds_alternative<execution_queued>(event) ||
         std::holds_alternative<execution_failed>(event) || std::holds_alternative<execution_cancelled>(event);
}

/// Whether a command would let work be handed out that is not handed out now.
bool would_hand_out(const execution_command& command) {
  if (const auto* create = std::get_if<create_execution>(&command)) return create->start;
  if (const auto* resume = std::get_if<resume_execution>(&command)) return !resume->by_switch;
  if (const auto* steer = std::get_if<steer_execution>(&command))
    return steer->change && (std::holds_alternative<queue_execution>(*steer->change) ||
                             std::holds_alternative<resume_execution>(*steer->change));
  return std::holds_alternative<queue_execution>(command);
}

/// What failed together must not come back together.
void spread_retries(execution_command& command, id_source& chance) {
  if (auto* failed = std::get_if<fail_task>(&command)) failed->jitter = chance.next_fraction();
}

std::string event_id(const execution_id& id, std::uint64_t seq) {
  return id.value + ":" + std::to_string(seq);
}

}  // namespace

execution_process::execution_process(environment& env, execution_id id, std::function<void()> rebuild)
    : env_(env), id_(std::move(id)), rebuild_(std::move(rebuild)) {}

void execution_process::load() {
  if (std::exchange(loaded_, true)) return;
  const auto head = env_.log.head_of(projections::stream_of(id_));
  if (head && head->archived) {
    archived_ = true;
    return;
  }
  auto replayed = projections::replay_execution(env_.log, env_.derived, id_);
  if (!replayed) {
    damage_ = replayed.error();
    spdlog::error("execution '{}' cannot be read: {}", id_.value, damage_->detail);
    if (damage_->code == errc::io) env_.on_storage_failure(*damage_);
    return;
  }
  state_ = std::move(replayed->state);
  snapshot_seq_ = replayed->snapshot_seq;
  last_command_ = env_.time.now();
  if (!state_.exists()) return;
  announce_everything();
  heed_switch();
}

void execution_process::handle(execution_request& request) {
  const auto now = last_command_ = env_.time.now();
  command_outcome outcome{.recorded_at = now};
  auto step = begin();
  if (damage_) {
    outcome.rejection =
        rejection{rejection_code::unavailable, "the execution's log is damaged: " + damage_->detail, {}};
  } else if (archived_) {
    outcome.rejection = rejection{rejection_code::invalid_transition, "the execution is archived", {}};
  } else if (request.expected_version && state_.exists() && *request.expected_version != state_.version) {
    outcome.rejection = rejection{
        rejection_code::version_mismatch, "the execution is at version " + std::to_string(state_.version), {}};
  } else if (env_.stop_board.on() && would_hand_out(request.command)) {
    outcome.rejection =
        rejection{rejection_code::invalid_transition, "everything is paused: " + env_.stop_board.reason(), {}};
  } else {
    complete_parts(state_, request.command);
    spread_retries(request.command, env_.ids);
    auto decision = decide(state_, request.command, now);
    outcome.rejection = std::move(decision.rejection);
    outcome.duplicate_of = decision.duplicate_of;
    if (!decision.events.empty()) {
      outcome.first_seq = state_.version + 1;
      apply(std::move(decision.events),
            {.recorded_at = now,
             .actor = request.actor,
             .causation_id = request.causation_id,
             .agent_timestamp = request.agent_timestamp},
            step);
      outcome.recorded = static_cast<std::uint32_t>(step.append.events.size());
    }
  }
  std::shared_ptr<execution_reply> reply = std::move(request.reply);
  if (reply)
    if (auto kept = reply->prepare(id_, state_, outcome)) step.append.answers.push_back(std::move(*kept));
  commit(std::move(step), [reply] {
    if (reply) reply->deliver();
  });
}

void execution_process::assign(assignment& assignment) {
  const auto& claim = assignment.claim();
  const auto now = last_command_ = env_.time.now();
  announced_.erase(claim.leaf);  // the matcher took it out when it made the claim
  if (env_.stop_board.on()) heed_switch();
  auto decision = damage_ || archived_ || !env_.disk->takes_new_work()
                      ? domain::decision{.rejection = rejection{}}
                      : decide(state_, assign_task{claim.leaf, claim.agent, env_.ids.next_token(), claim.reason}, now);
  if (decision.rejection) {
    if (!damage_ && claim.leaf < state_.tasks.size()) {
      auto again = begin();
      again.touched.push_back(claim.leaf);
      announce_readiness(again);
    }
    return;  // dropped: the agent hears that the claim came to nothing
  }
  auto step = begin();
  lacking_.reset();  // somebody has come
  apply(std::move(decision.events), {.recorded_at = now, .actor = system_actor}, step);
  auto work = std::make_shared<const work_item>(describe_work(id_, state_, claim.leaf));
  // The assignment itself goes along with the commit, so that a write that fails drops it.
  auto pending = std::make_shared<actors::assignment>(claim, assignment.release());
  commit(std::move(step), [pending, work = std::move(work)] { pending->assigned(work); });
}

void execution_process::note_staffing(bool staffed, const std::string& reason) {
  lacking_ = staffed ? std::nullopt : std::optional{reason};
  if (!damage_ && state_.exists()) run_timer(domain::note_staffing{staffed, reason}, env_.time.now());
}

bool execution_process::wake() {
  armed_.reset();
  if (damage_ || !state_.exists()) return true;
  const auto now = env_.time.now();
  run_timers(now);
  // Whoever comes after it reads the log, so everything of its own must be there; and so must what a snapshot tells.
  const bool idle = now - last_command_ >= env_.settings.idle_after && writer_->under_way == 0;
  if (idle && state_.version > snapshot_seq_) snapshot_writer()();
  arm(!idle);
  return idle;
}

/// In the order in which they fell due, each leaf once: whatever a timer leads to, a wake-up ends. A leaf's deadline
/// may have moved without its stage: then it is only set anew.
void execution_process::run_timers(timestamp now) {
  const auto end_if_over = [&](timestamp at) {
    if (const auto own = own_deadline(state_); own && *own <= at) run_timer(time_out_execution{}, now);
  };
  const auto later = deadlines_.upper_bound({now, no_task});
  const std::vector<std::pair<timestamp, task_index>> due{deadlines_.begin(), later};
  deadlines_.erase(deadlines_.begin(), later);
  for (const auto& [at, leaf] : due) known_deadlines_.erase(leaf);
  for (const auto& [at, leaf] : due) {
    end_if_over(at);
    run_leaf_timer(leaf, now);
  }
  for (const auto& [at, leaf] : due) set_deadline(leaf);
  end_if_over(now);
}

void execution_process::run_leaf_timer(task_index leaf, timestamp now) {
  const auto due = deadline_of(state_, leaf);
  if (!due || *due > now) return;
  const auto& task = state_.tasks[leaf];
  if (task.stage == leaf_stage::held)
    run_timer(time_out_attempt{leaf, task.lease->token, env_.ids.next_fraction()}, now);
  else if (task.stage == leaf_stage::retrying)
    run_timer(wake_retry{leaf}, now);
  else if (task.stage == leaf_stage::external)
    run_timer(escalate_wait{leaf}, now);
  else
    run_timer(escalate_overdue{}, now);  // with it all that is due of the kind
}

/// The switch may have been thrown while this execution was not there to hear of it.
void execution_process::heed_switch() {
  const bool on = env_.stop_board.on();
  if (on && state_.status != execution_status::paused && state_.status != execution_status::created)
    run_timer(pause_execution{"everything is paused", true},
              env_.time.now());  // the reason is a person's, in the switch's event
  if (!on && state_.paused_by_switch) run_timer(resume_execution{true}, env_.time.now());
}

void execution_process::run_timer(const execution_command& command, timestamp now) {
  auto decision = decide(state_, command, now);
  if (decision.events.empty()) return;
  last_command_ = now;
  auto step = begin();
  apply(std::move(decision.events), {.recorded_at = now, .actor = system_actor, .causation_id = "timer"}, step);
  commit(std::move(step), nullptr);
}

execution_process::command_step execution_process::begin() const {
  return {.append = {.stream = projections::stream_of(id_), .expected_version = state_.version},
          .touched = {},
          .changed = {},
          .handed_out_before = hands_out(state_),
          .status_before = state_.status,
          .priority_before = state_.priority};
}

void execution_process::apply(std::vector<execution_event> events, event_metadata metadata, command_step& step) {
  for (auto& event : events) append(std::move(event), metadata, step);
  metadata = {.recorded_at = metadata.recorded_at, .actor = system_actor};
  while (auto next = settle(state_)) {
    metadata.causation_id = event_id(id_, state_.version);
    append(std::move(*next), metadata, step);
  }
}

void execution_process::append(execution_event event, const event_metadata& metadata, command_step& step) {
  const auto seq = state_.version + 1;
  evolve(state_, event, {seq, metadata.recorded_at}, &step.touched);
  if (concerns_all(event)) {
    const auto leaves = state_.graph->leaves();
    step.changed.assign(leaves.begin(), leaves.end());
  } else if (const auto leaf = leaf_of(state_, event); leaf != no_task) {
    step.changed.push_back(leaf);
  }
  domain::event stored{std::move(event)};
  step.append.bytes.push_back(eventstore::encode(stored, metadata));
  step.append.events.push_back({.stream = step.append.stream,
                                .seq = seq,
                                .position = 0,
                                .metadata = metadata,
                                .payload = std::move(stored),
                                .hash = {}});
}

void execution_process::commit(command_step step, std::function<void()> finish) {
  auto item = std::make_shared<commit_item>();
  item->writer = writer_;
  item->on_conflict = rebuild_;
  if (step.append.events.empty()) {
    item->append = std::move(step.append);
    item->on_durable = std::move(finish);
  } else {
    if (!announce_readiness(step)) miss_agents(step);
    set_deadlines(step);
    auto notices = lease_changes(step);
    // A snapshot costs as much as the plan is large, so large plans are snapshotted less often.
    const auto worth = std::max<std::uint64_t>(env_.settings.snapshot_every, state_.tasks.size());
    auto save = state_.version - snapshot_seq_ >= worth ? snapshot_writer() : nullptr;
    item->append = std::move(step.append);
    item->on_durable = [&env = env_, notices = std::move(notices), save = std::move(save), finish = std::move(finish)] {
      for (const auto& [agent, notice] : notices) env.directory.tell(agent, notice_atom_v, notice);
      if (finish) finish();
      if (save) save();
    };
  }
  ++writer_->under_way;
  caf::anon_send(env_.committer, append_atom_v, std::move(item));
  arm();
}

// What the matcher knows.

open_leaf execution_process::describe(task_index leaf) const {
  return {leaf, state_.definition(leaf).priority, requirement_of(state_, leaf), state_.graph->place(leaf)};
}

bool execution_process::announce_readiness(const command_step& step) {
  readiness change{
      .execution = id_, .priority = state_.priority, .opened = {}, .closed = {}, .staffed = !state_.unstaffed};
  const bool hands_out_now = hands_out(state_);
  if (limited() || hands_out_now != step.handed_out_before || step.priority_before != state_.priority ||
      (step.append.expected_version == 0 && !step.append.events.empty())) {
    refresh_readiness(change);
  } else if (hands_out_now) {
    for (const auto leaf : step.touched) {
      const bool open = state_.tasks[leaf].stage == leaf_stage::ready;
      if (open && announced_.insert(leaf).second) change.opened.push_back(describe(leaf));
      if (!open && announced_.erase(leaf) > 0) change.closed.push_back(leaf);
    }
  }
  // A leaf that goes to somebody else stays ready; the matcher has to know what it asks for now.
  for (const auto& record : step.append.events) {
    const auto& event = std::get<execution_event>(record.payload);
    const auto leaf = std::holds_alternative<task_reassigned>(event) ? leaf_of(state_, event) : no_task;
    if (announced_.contains(leaf)) change.opened.push_back(describe(leaf));
  }
  if (is_final(state_.status) && !is_final(step.status_before)) {
    // All of them: a claim that came to nothing may have left one open that is not known as such here.
    const auto leaves = state_.graph->leaves();
    change.closed.assign(leaves.begin(), leaves.end());
  }
  const bool moved = step.priority_before != state_.priority;
  if (!moved && change.opened.empty() && change.closed.empty()) return false;
  caf::anon_send(env_.matcher, ready_atom_v, std::make_shared<const readiness>(std::move(change)));
  return true;
}

/// What was only a matter of waiting, because something was held, may not be so any more.
void execution_process::miss_agents(command_step& step) {
  if (!lacking_) return;
  const auto now = step.append.events.back().metadata.recorded_at;
  auto decision = decide(state_, domain::note_staffing{false, *lacking_}, now);
  if (!decision.events.empty())
    apply(std::move(decision.events), {.recorded_at = now, .actor = system_actor, .causation_id = "staffing"}, step);
}

/// Compares every leaf with what the matcher knows. Opens of each kind of work no more than `max_parallel` leaves room
/// for: of which kind an agent will ask first, nobody knows, and one that nobody can do must not stand before the
/// others.
void execution_process::refresh_readiness(readiness& change) {
  std::set<task_index> wanted;
  if (hands_out(state_) && !limited()) {
    for (const auto leaf : state_.graph->leaves())
      if (state_.tasks[leaf].stage == leaf_stage::ready) wanted.insert(leaf);
  } else if (hands_out(state_) && state_.held.size() < state_.options.max_parallel) {
    const auto room = state_.options.max_parallel - state_.held.size();
    std::map<requirement, std::set<std::tuple<std::int32_t, std::uint32_t, task_index>>> kinds;
    for (const auto leaf : state_.graph->leaves()) {
      if (state_.tasks[leaf].stage != leaf_stage::ready) continue;
      auto& best = kinds[describe(leaf).need];
      best.emplace(-state_.definition(leaf).priority, state_.graph->place(leaf), leaf);
      if (best.size() > room) best.erase(std::prev(best.end()));
    }
    for (const auto& [need, best] : kinds)
      for (const auto& [priority, place, leaf] : best) wanted.insert(leaf);
  }
  for (const auto leaf : announced_)
    if (!wanted.contains(leaf)) change.closed.push_back(leaf);
  for (const auto leaf : wanted)
    if (!announced_.contains(leaf)) change.opened.push_back(describe(leaf));
  announced_ = std::move(wanted);
}

// What the agents know.

lease_notice_ptr execution_process::ended_notice(task_index leaf, const std::string& token,
                                                 const command_step& step) const {
  lease_notice notice{.what = lease_notice::kind::revoked,
                      .execution = id_,
                      .leaf = leaf,
                      .task = state_.definition(leaf).id,
                      .token = token,
                      .reason = "the task is no longer yours",
                      .cancelled = state_.status == execution_status::cancelled,
                      .work = nullptr};
  const auto holder = "agent:" + leases_.at(leaf).agent.value;
  for (const auto& record : step.append.events) {
    const auto& event = std::get<execution_event>(record.payload);
    if (const auto* cancelled = std::get_if<execution_cancelled>(&event))
      notice.reason = cancelled->reason.empty() ? "the execution was cancelled" : cancelled->reason;
    if (const auto* failed = std::get_if<execution_failed>(&event)) notice.reason = failed->reason;
    if (leaf_of(state_, event) != leaf) continue;
    if (record.metadata.actor == holder) notice.what = lease_notice::kind::ended;  // by its own report
    if (const auto* expired = std::get_if<lease_expired>(&event)) notice.reason = expired->reason;
    if (const auto* failure = std::get_if<task_error>(&event)) notice.reason = failure->error_message;
  }
  return std::make_shared<const lease_notice>(std::move(notice));
}

std::vector<std::pair<agent_id, lease_notice_ptr>> execution_process::lease_changes(const command_step& step) {
  std::vector<std::pair<agent_id, lease_notice_ptr>> notices;
  for (const auto leaf : step.changed) {
    const auto known = leases_.find(leaf);
    const auto& lease = state_.tasks[leaf].lease;
    if (known != leases_.end() && (!lease || lease->token != known->second.token)) {
      notices.emplace_back(known->second.agent, ended_notice(leaf, known->second.token, step));
      leases_.erase(known);
    }
    if (lease) leases_.try_emplace(leaf, *lease);
  }
  const bool paused = state_.status == execution_status::paused;
  if (paused != (step.status_before == execution_status::paused))
    for (const auto& [leaf, lease] : leases_)
      notices.emplace_back(lease.agent, std::make_shared<const lease_notice>(lease_notice{
                                            .what = paused ? lease_notice::kind::paused : lease_notice::kind::resumed,
                                            .execution = id_}));
  return notices;
}

void execution_process::announce_everything() {
  readiness change{
      .execution = id_, .priority = state_.priority, .opened = {}, .closed = {}, .staffed = !state_.unstaffed};
  refresh_readiness(change);
  if (!change.opened.empty())
    caf::anon_send(env_.matcher, ready_atom_v, std::make_shared<const readiness>(std::move(change)));
  for (const auto leaf : state_.graph->leaves()) {
    set_deadline(leaf);
    if (!state_.tasks[leaf].lease) continue;
    const auto& lease = leases_.emplace(leaf, *state_.tasks[leaf].lease).first->second;
    env_.directory.tell(lease.agent, notice_atom_v, restored_notice(leaf));
    if (state_.status == execution_status::paused) env_.directory.tell(lease.agent, notice_atom_v, paused_notice());
  }
  arm();
}

lease_notice_ptr execution_process::restored_notice(task_index leaf) const {
  return std::make_shared<const lease_notice>(
      lease_notice{.what = lease_notice::kind::restored,
                   .execution = id_,
                   .leaf = leaf,
                   .task = state_.definition(leaf).id,
                   .token = leases_.at(leaf).token,
                   .reason = {},
                   .cancelled = false,
                   .work = std::make_shared<const work_item>(describe_work(id_, state_, leaf))});
}

lease_notice_ptr execution_process::paused_notice() const {
  return std::make_shared<const lease_notice>(lease_notice{.what = lease_notice::kind::paused, .execution = id_});
}

void execution_process::restore_leases(const agent_id& agent) {
  std::vector<lease_notice_ptr> notices;
  for (const auto& [leaf, lease] : leases_)
    if (lease.agent == agent) notices.push_back(restored_notice(leaf));
  if (notices.empty()) return;
  if (state_.status == execution_status::paused) notices.push_back(paused_notice());
  // Some of these leases may not be durable yet.
  commit(begin(), [&env = env_, agent, notices = std::move(notices)] {
    for (const auto& notice : notices) env.directory.tell(agent, notice_atom_v, notice);
  });
}

// Deadlines.

void execution_process::set_deadlines(const command_step& step) {
  for (const auto leaf : step.changed) set_deadline(leaf);
  for (const auto leaf : step.touched) set_deadline(leaf);  // what became ready without being named
  // Whether people and agents are waited for at all has changed for every leaf.
  if (step.status_before != state_.status || step.handed_out_before != hands_out(state_))
    for (const auto leaf : state_.graph->leaves()) set_deadline(leaf);
}

void execution_process::set_deadline(task_index leaf) {
  const auto due = state_.graph->is_leaf(leaf) ? deadline_of(state_, leaf) : std::nullopt;
  if (const auto known = known_deadlines_.find(leaf); known != known_deadlines_.end()) {
    if (due == known->second) return;
    deadlines_.erase({known->second, leaf});
    known_deadlines_.erase(known);
  }
  if (!due) return;
  deadlines_.emplace(*due, leaf);
  known_deadlines_.emplace(leaf, *due);
}

/// Asks to be woken at the earliest deadline, if that is before the wake-up that is asked for already. One that has
/// become pointless meanwhile comes all the same and is passed over.
void execution_process::arm(bool stays) {
  auto next = stays ? last_command_ + env_.settings.idle_after : timestamp::max();
  if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
  if (const auto own = own_deadline(state_)) next = std::min(next, *own);
  if (next == timestamp::max() || (armed_ && *armed_ <= next)) return;
  armed_ = next;
  caf::anon_send(env_.timers, arm_atom_v, owner_of(id_), static_cast<std::int64_t>(next.time_since_epoch().count()));
}

/// Writes a snapshot of the present state. To be called when that is durable: a snapshot must not be ahead of the log.
std::function<void()> execution_process::snapshot_writer() {
  snapshot_seq_ = state_.version;
  return [&env = env_, stream = projections::stream_of(id_), seq = state_.version,
          bytes = eventstore::encode_snapshot(state_)] {
    if (const auto saved = env.derived.save_snapshot(stream, {seq, bytes}); !saved)
      env.on_storage_failure(saved.error());
  };
}

}  // namespace planexe::actors
