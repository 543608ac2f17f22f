#include "actors/agent_process.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/timers.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::actors {

using namespace domain;

namespace {

constexpr std::size_t most_answered_remembered = 16;  // request ids; an agent repeats its last one, not an old one
constexpr std::size_t most_revoked_remembered = 1'000;
constexpr std::size_t most_polls_waiting = 64;      // of one agent: connections that it has given up on, mostly
constexpr milliseconds release_again_after{1'000};  // should an execution not have heard the first time

rejection unavailable(const std::string& detail) {
  return {rejection_code::unavailable, detail, {}};
}

}  // namespace

agent_process::agent_process(environment& env, agent_id id, std::function<void()> rebuild)
    : env_(env), id_(std::move(id)), rebuild_(std::move(rebuild)), profile_(std::make_shared<agent_profile>()) {}

void agent_process::load() {
  if (std::exchange(loaded_, true)) return;
  started_ = env_.time.now();
  auto replayed = projections::replay_agent(env_.log, id_);
  if (!replayed) {
    damage_ = replayed.error();
    spdlog::error("agent '{}' cannot be read: {}", id_.value, damage_->detail);
    if (damage_->code == errc::io) env_.on_storage_failure(*damage_);
    return;
  }
  state_ = std::move(*replayed);
  if (!state_.registered) return;
  env_.presence.seen(id_, started_);
  env_.ask_for_leases(id_);  // for an agent's actor that is not the first since the start
  profile_ = std::make_shared<const agent_profile>(state_.profile);
  enlist();
}

void agent_process::enlist() {
  const bool active = state_.registered && state_.standing == agent_standing::active;
  caf::anon_send(env_.matcher, roster_atom_v, id_.value, active ? profile_ : nullptr);
}

void agent_process::handle(agent_request& request) {
  const auto now = env_.time.now();
  command_outcome outcome{.recorded_at = now};
  auto item = std::make_shared<commit_item>();
  item->writer = writer_;
  item->append.stream = projections::stream_of(id_);
  item->append.expected_version = state_.version;
  item->on_conflict = rebuild_;
  auto decision = damage_ ? agent_decision{{}, unavailable("the agent's log is damaged: " + damage_->detail)}
                          : decide(state_, request.command);
  outcome.rejection = std::move(decision.rejection);
  for (auto& event : decision.events) {
    const auto seq = state_.version + 1;
    evolve(state_, event, {seq, now});
    const event_metadata metadata{.recorded_at = now, .actor = request.actor};
    domain::event stored{std::move(event)};
    item->append.bytes.push_back(eventstore::encode(stored, metadata));
    item->append.events.push_back({item->append.stream, seq, 0, metadata, std::move(stored), {}});
  }
  if (!item->append.events.empty()) {
    outcome.first_seq = item->append.events.front().seq;
    outcome.recorded = static_cast<std::uint32_t>(item->append.events.size());
    profile_ = std::make_shared<const agent_profile>(state_.profile);
    env_.presence.seen(id_, now);
    enlist();
  }
  std::shared_ptr<agent_reply> reply = std::move(request.reply);
  if (reply)
    if (auto kept = reply->prepare(id_, state_, outcome)) item->append.answers.push_back(std::move(*kept));
  item->on_durable = [reply] {
    if (reply) reply->deliver();
  };
  ++writer_->under_way;
  caf::anon_send(env_.committer, append_atom_v, std::move(item));
  if (outcome.recorded > 0) take_offers_back();
  if (state_.standing == agent_standing::retired) release_everything("the agent was retired");
  serve();
}

// Polls.

void agent_process::poll(poll_request_ptr request) {
  if (damage_) return request->answer(unexpected{unavailable("the agent's log is damaged: " + damage_->detail)});
  if (!state_.registered) return request->answer(unexpected{rejection{rejection_code::not_found, "no such agent", {}}});
  const auto now = env_.time.now();
  const auto heard = env_.presence.last_seen(id_);
  env_.presence.seen(id_, now);
  if (!heard || now - *heard >= env_.settings.agent_timeout) enlist();  // it was out of reach
  const auto until = now + request->wait;
  if (polls_.size() >= most_polls_waiting) {
    answer(*polls_.front().request, {});
    polls_.pop_front();
  }
  polls_.push_back({std::move(request), until});
  serve();
}

void agent_process::serve() {
  while (!polls_.empty() && serve_first()) {
  }
  arm();
}

bool agent_process::serve_first() {
  const auto& request = *polls_.front().request;
  if (state_.standing == agent_standing::retired) {
    request.answer(unexpected{rejection{rejection_code::invalid_transition, "the agent is retired", {}}});
    polls_.pop_front();
    return true;
  }
  auto tasks = tasks_of(request.request_id);
  if (tasks.empty() && held_.size() >= state_.profile.max_concurrent_tasks) tasks.assign(held_.begin(), held_.end());
  if (tasks.empty())
    std::copy_if(held_.begin(), held_.end(), std::back_inserter(tasks),
                 [&](const work_item_ptr& work) { return untold_.contains(work->lease_token); });
  if (!tasks.empty() || !revoked_.empty() || state_.standing == agent_standing::paused) {
    const auto poll = std::move(polls_.front());
    polls_.pop_front();
    answer(*poll.request, std::move(tasks));
    return true;
  }
  const auto taken = static_cast<std::uint32_t>(held_.size()) + reserved();
  if (taken >= state_.profile.max_concurrent_tasks) return false;
  auto poll = std::move(polls_.front());
  polls_.pop_front();
  if (!env_.disk->takes_new_work()) {
    poll.request->answer(unexpected{unavailable(env_.disk->refusal())});
    return true;
  }
  const auto slots = std::min(poll.request->limit, state_.profile.max_concurrent_tasks - taken);
  offer(std::move(poll), slots);
  return true;
}

void agent_process::offer(waiting_poll poll, std::uint32_t slots) {
  // Ids of offers are drawn at random so that a new actor's offers are not taken for those of the one before it.
  std::uint64_t number = 0;
  do {
    number = std::hash<std::string>{}(env_.ids.next_token());
  } while (offers_.contains(number));
  auto wanted = std::make_shared<work_offer>();
  wanted->id = number;
  wanted->agent = id_;
  wanted->profile = profile_;
  wanted->supported_actions = poll.request->supported_actions;
  wanted->slots = slots;
  const bool waits = poll.until > env_.time.now();
  offers_.emplace(
      number,
      open_offer{.poll = std::move(poll), .slots = slots, .waits = waits, .claims = {}, .settled = 0, .got = {}});
  caf::anon_send(env_.matcher, offer_atom_v, work_offer_ptr{std::move(wanted)}, waits);
}

/// What the agent is has changed: its offers that nobody has claimed are made anew, or not at all.
void agent_process::take_offers_back() {
  for (auto& [number, offer] : offers_) {
    if (!offer.poll || offer.claims) continue;
    polls_.push_front(std::move(*offer.poll));
    withdraw(number, offer);
  }
}

void agent_process::withdraw(std::uint64_t number, open_offer& offer) {
  offer.poll.reset();
  caf::anon_send(env_.matcher, withdraw_atom_v, number, id_.value);
}

std::uint32_t agent_process::reserved() const {
  std::uint32_t slots = 0;
  for (const auto& [number, offer] : offers_) slots += offer.claims.value_or(offer.slots) - offer.settled;
  return slots;
}

void agent_process::claimed(std::uint64_t number, std::uint32_t count) {
  const auto found = offers_.find(number);
  if (found == offers_.end()) return;
  // The answer to a withdrawal may follow the claim that it came too late for.
  if (!found->second.claims) found->second.claims = count;
  finish(number);
}

void agent_process::settled(std::uint64_t number, work_item_ptr work) {
  if (work) hold(work);
  const auto found = offers_.find(number);
  if (found != offers_.end()) {
    ++found->second.settled;
    // A poll waits to be told of it; another one must not be.
    if (work && found->second.poll) untold_.erase(work->lease_token);
    if (work) found->second.got.push_back(std::move(work));
    finish(number);
  }
  arm();
}

/// Until an answer has told the agent of it, every poll does.
void agent_process::hold(const work_item_ptr& work) {
  const auto same = [&](const work_item_ptr& held) { return held->lease_token == work->lease_token; };
  if (std::any_of(held_.begin(), held_.end(), same)) return;
  held_.push_back(work);
  untold_.insert(work->lease_token);
  if (state_.standing == agent_standing::retired) release(*work, "the agent is retired");
}

/// Answers an offer's poll once all of its claims are settled.
void agent_process::finish(std::uint64_t number) {
  auto& offer = offers_.at(number);
  if (!offer.claims || offer.settled < *offer.claims) return;
  auto done = std::move(offer);
  offers_.erase(number);
  if (done.poll) {
    const bool nothing_came = done.got.empty() && *done.claims > 0;  // somebody was quicker: ask again
    if (nothing_came || state_.standing == agent_standing::retired)
      polls_.push_front(std::move(*done.poll));
    else
      answer(*done.poll->request, std::move(done.got));
  }
  serve();
}

void agent_process::answer(const poll_request& request, std::vector<work_item_ptr> tasks) {
  if (!request.request_id.empty() && !tasks.empty()) {
    answered_request remembered{request.request_id, {}};
    for (const auto& task : tasks) remembered.tokens.push_back(task->lease_token);
    std::erase_if(answered_, [&](const answered_request& known) { return known.id == request.request_id; });
    answered_.push_back(std::move(remembered));
    if (answered_.size() > most_answered_remembered) answered_.pop_front();
  }
  for (const auto& task : tasks) untold_.erase(task->lease_token);
  work_answer answer;
  answer.tasks = std::move(tasks);
  answer.revoked = std::exchange(revoked_, {});
  answer.lease_expires_at = env_.time.now() + env_.settings.agent_timeout;
  answer.force_pause = !paused_.empty() || state_.standing == agent_standing::paused;
  answer.force_cancel = std::exchange(cancelled_, false);
  answer.poll_after_seconds = env_.settings.poll_after_seconds;
  request.answer(std::move(answer));
}

std::vector<work_item_ptr> agent_process::tasks_of(const std::string& request_id) const {
  std::vector<work_item_ptr> tasks;
  if (request_id.empty()) return tasks;
  for (const auto& remembered : answered_) {
    if (remembered.id != request_id) continue;
    for (const auto& task : held_)
      if (std::find(remembered.tokens.begin(), remembered.tokens.end(), task->lease_token) != remembered.tokens.end())
        tasks.push_back(task);
  }
  return tasks;
}

// Leases.

void agent_process::notice(const lease_notice& notice) {
  const auto same = [&](const work_item_ptr& work) { return work->lease_token == notice.token; };
  switch (notice.what) {
    case lease_notice::kind::restored:
      hold(notice.work);
      break;
    case lease_notice::kind::paused:
      paused_.insert(notice.execution);
      break;
    case lease_notice::kind::resumed:
      paused_.erase(notice.execution);
      break;
    case lease_notice::kind::revoked:
      if (revoked_.size() < most_revoked_remembered) revoked_.push_back({notice.execution, notice.task, notice.reason});
      cancelled_ = cancelled_ || notice.cancelled;
      [[fallthrough]];
    case lease_notice::kind::ended: {
      held_.remove_if(same);
      untold_.erase(notice.token);
      const bool works_there = std::any_of(
          held_.begin(), held_.end(), [&](const work_item_ptr& work) { return work->execution == notice.execution; });
      if (!works_there) paused_.erase(notice.execution);
      break;
    }
  }
  // What was revoked is told at once to a poll that waits.
  if (!revoked_.empty())
    for (auto& [number, offer] : offers_)
      if (offer.poll && !offer.claims) {
        answer(*offer.poll->request, {});
        withdraw(number, offer);
        break;
      }
  serve();
}

void agent_process::release_everything(const std::string& reason) {
  for (const auto& work : held_) release(*work, reason);
}

void agent_process::release(const work_item& work, const std::string& reason) {
  auto request = std::make_shared<execution_request>();
  request->command = release_task{work.task, work.lease_token, reason};
  request->actor = "system";
  env_.directory.tell(work.execution, command_atom_v, std::move(request));
}

void agent_process::wake() {
  armed_.reset();
  const auto now = env_.time.now();
  for (auto poll = polls_.begin(); poll != polls_.end();) {
    if (poll->until > now) {
      ++poll;
      continue;
    }
    answer(*poll->request, {});
    poll = polls_.erase(poll);
  }
  for (auto& [number, offer] : offers_) {
    if (!offer.poll || !offer.waits || offer.claims || offer.poll->until > now) continue;
    answer(*offer.poll->request, {});
    withdraw(number, offer);
  }
  // On a full disk its reports and heartbeats are refused: its silence tells nothing.
  if (env_.disk->state() == domain::disk_state::full) env_.presence.renew(id_, now);
  const auto heard = std::max(env_.presence.last_seen(id_).value_or(started_), started_);
  if (!held_.empty() && now - heard >= env_.settings.agent_timeout && now >= release_again_at_) {
    release_again_at_ = now + release_again_after;
    release_everything("nothing was heard of the agent for " +
                       std::to_string(env_.settings.agent_timeout.count() / 1000) + " s");
  }
  arm();
}

void agent_process::arm() {
  auto next = timestamp::max();
  for (const auto& poll : polls_) next = std::min(next, poll.until);
  for (const auto& [number, offer] : offers_)
    if (offer.poll && offer.waits && !offer.claims) next = std::min(next, offer.poll->until);
  if (!held_.empty()) {
    const auto heard = std::max(env_.presence.last_seen(id_).value_or(started_), started_);
    next = std::min(next, std::max(heard + env_.settings.agent_timeout, release_again_at_));
  }
  if (next == timestamp::max() || (armed_ && *armed_ <= next)) return;
  armed_ = next;
  caf::anon_send(env_.timers, arm_atom_v, owner_of(id_), static_cast<std::int64_t>(next.time_since_epoch().count()));
}

}  // namespace planexe::actors
