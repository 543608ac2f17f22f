#include "actors/notifier_process.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/noticing.hpp"
#include "actors/timers.hpp"
#include "eventstore/codec.hpp"

namespace planexe::actors {

using namespace domain;

namespace {

const std::string system_actor = "system";

}  // namespace

void notifier_process::start(notifier_start beginning) {
  outbox_ = std::move(beginning.outbox);
  durable_ = outbox_.version;
  looked_ = beginning.looked;
  started_ = true;
  stopped_ = !env_.send_notification;
  if (stopped_) return;
  for (const auto& [number, known] : outbox_.known) place(number);
  notice(beginning.missed);
  looked(beginning.missed.through);
  send_what_is_due();
}

void notifier_process::notice(const notices& found) {
  if (!started_) return;
  std::vector<new_event> events;
  for (auto queued : found.queued) {
    if (queued.position <= looked_) continue;  // of a batch that the start has seen
    queued.number = outbox_.last_number + 1 + events.size();
    auto metadata = by(system_actor, queued.content.execution.value + ":" + std::to_string(queued.content.last_seq));
    events.push_back({std::move(queued), std::move(metadata)});
  }
  looked_ = std::max(looked_, found.through);
  if (events.empty()) return;
  commit(apply(std::move(events)));
  give_up_the_oldest();
}

/// The position is kept behind everything that was queued of it.
void notifier_process::looked(std::uint64_t position) {
  if (!started_) return;
  looked_ = std::max(looked_, position);
  commit(apply({}), [&env = env_, position] {
    if (const auto kept = keep_looked_position(env.derived, position); !kept) env.on_storage_failure(kept.error());
  });
}

void notifier_process::durable(std::uint64_t version) {
  durable_ = std::max(durable_, version);
  send_what_is_due();
}

void notifier_process::wake() {
  armed_.reset();
  send_what_is_due();
}

void notifier_process::redrive(redrive_request& request) {
  std::shared_ptr<notification_reply> reply = std::move(request.reply);
  const auto number = number_in_notification_id(request.id);
  const auto* known = number ? outbox_.find(*number) : nullptr;
  if (known != nullptr && notification_id_of(*known) != request.id) known = nullptr;
  command_outcome outcome{.recorded_at = env_.time.now()};
  std::vector<new_event> events;
  if (known == nullptr) {
    outcome.rejection = rejection{rejection_code::not_found, "no notification '" + request.id + "'", {}};
  } else if (known->stage == notification_stage::delivered) {
    outcome.rejection = rejection{rejection_code::invalid_transition, "the notification has been delivered", {}};
  } else {
    outcome.first_seq = outbox_.version + 1;
    outcome.recorded = 1;
    events.push_back({notification_redriven{*number}, by(request.actor)});
  }
  auto item = apply(std::move(events));
  static const notification nothing;
  if (reply)
    if (auto kept = reply->prepare(request.id, known == nullptr ? nothing : *known, outcome))
      item->append.answers.push_back(std::move(*kept));
  commit(std::move(item), [reply] {
    if (reply) reply->deliver();
  });
}

event_metadata notifier_process::by(std::string actor, std::string causation_id) const {
  return {.recorded_at = env_.time.now(),
          .actor = std::move(actor),
          .causation_id = std::move(causation_id),
          .agent_timestamp = {}};
}

std::shared_ptr<commit_item> notifier_process::apply(std::vector<new_event> events) {
  auto item = std::make_shared<commit_item>();
  item->writer = writer_;
  item->append.stream = notification_stream;
  item->append.expected_version = outbox_.version;
  std::vector<std::uint64_t> touched;
  for (auto& [what, metadata] : events) {
    const auto seq = outbox_.version + 1;
    evolve(outbox_, what, {seq, metadata.recorded_at}, &touched);
    domain::event stored{std::move(what)};
    item->append.bytes.push_back(eventstore::encode(stored, metadata));
    item->append.events.push_back({notification_stream, seq, 0, std::move(metadata), std::move(stored), {}});
  }
  for (const auto number : touched) place(number);
  return item;
}

void notifier_process::commit(std::shared_ptr<commit_item> item, std::function<void()> finish) {
  // Nobody else writes this stream, so a conflict means that the log is not what it was; a new start reads it.
  item->on_conflict = [&env = env_] {
    env.on_storage_failure({errc::conflict, "somebody else has written to the outbox of notifications"});
  };
  item->on_durable = [notifier = env_.notifier, version = outbox_.version, finish = std::move(finish)] {
    if (finish) finish();
    caf::anon_send(notifier, settled_atom_v, version);
  };
  ++writer_->under_way;
  caf::anon_send(env_.committer, append_atom_v, std::move(item));
}

void notifier_process::give_up_the_oldest() {
  const auto most = env_.settings.delivery.most_pending;
  std::vector<new_event> events;
  auto over = outbox_.pending > most ? outbox_.pending - most : 0;
  for (auto known = outbox_.known.begin(); over > 0 && known != outbox_.known.end(); ++known) {
    if (known->second.stage != notification_stage::pending || under_way_.contains(known->first)) continue;
    events.push_back({notification_dead_lettered{known->first, known->second.attempts,
                                                 "more than " + std::to_string(most) + " notifications wait"},
                      by(system_actor)});
    --over;
  }
  if (events.empty()) return;
  spdlog::warn("{} notifications are given up: more than {} wait", events.size(), most);
  commit(apply(std::move(events)));
}

// Sending.

void notifier_process::place(std::uint64_t number) {
  if (const auto placed = places_.find(number); placed != places_.end()) {
    const auto queue = waiting_.find(placed->second.target);
    queue->second.erase({placed->second.due, number});
    if (queue->second.empty()) waiting_.erase(queue);
    places_.erase(placed);
  }
  const auto* known = outbox_.find(number);
  if (known == nullptr || known->stage != notification_stage::pending || under_way_.contains(number)) return;
  waiting_[known->agent].emplace(known->next_attempt_at, number);
  places_.emplace(number, waiting_place{known->agent, known->next_attempt_at});
}

bool notifier_process::has_room(const agent_id& target) const {
  std::size_t to_target = 0, to_agents = 0;
  for (const auto& [number, other] : under_way_) {
    to_target += other == target ? 1U : 0U;
    to_agents += other.empty() ? 0U : 1U;
  }
  return to_target < most_sends_to_one && (target.empty() || to_agents < most_sends_to_agents);
}

/// What has waited longest of what can be sent now.
const notification* notifier_process::next_to_send(timestamp now) const {
  const notification* next = nullptr;
  for (const auto& [target, queue] : waiting_) {
    const auto& [due, number] = *queue.begin();
    if (due > now || !has_room(target)) continue;
    const auto& first = outbox_.known.at(number);
    if (first.seq > durable_) continue;
    if (next == nullptr || first.next_attempt_at < next->next_attempt_at) next = &first;
  }
  return next;
}

void notifier_process::send_what_is_due() {
  if (!started_ || stopped_) return;
  const auto now = env_.time.now();
  while (under_way_.size() < most_sends) {
    const auto* next = next_to_send(now);
    if (next == nullptr) break;
    begin_sending(*next);
  }
  arm(now);
}

void notifier_process::begin_sending(const notification& notification) {
  const auto number = notification.number;
  under_way_.emplace(number, notification.agent);
  place(number);
  if (notification.agent.empty()) return hand_out(notification, {});
  const auto ask = [notifier = env_.notifier, &views = views_, number, agent = notification.agent] {
    caf::anon_send(notifier, address_atom_v, number, address_of(views, agent));
  };
  caf::anon_send(env_.projector, run_atom_v, std::make_shared<std::function<void()>>(ask));
}

void notifier_process::address(std::uint64_t number, std::string url) {
  const auto* known = outbox_.find(number);
  if (known != nullptr && under_way_.contains(number)) hand_out(*known, std::move(url));
}

/// An agent that has taken its address back is told at the server's, for somebody must be.
void notifier_process::hand_out(const notification& notification, std::string address) {
  const auto number = notification.number;
  const auto done = [weak = caf::actor_cast<caf::weak_actor_ptr>(env_.notifier.address()),
                     number](delivery_outcome outcome) {
    if (const auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<notifier_actor>(strong), sent_atom_v,
                     std::make_shared<const sending_result>(sending_result{number, std::move(outcome)}));
  };
  if (address.empty() && !env_.settings.notifies_server)
    return done({delivery_outcome::kind::failed, 0, "there is no address to send it to any more", {}});
  env_.send_notification({notification_id_of(notification), notification.content, std::move(address)}, done);
}

void notifier_process::sent(const sending_result& result) {
  if (under_way_.erase(result.number) == 0) return;
  place(result.number);
  const auto* known = outbox_.find(result.number);
  const bool cancelled = result.outcome.what == delivery_outcome::kind::cancelled;
  stopped_ = stopped_ || cancelled;
  if (cancelled || known == nullptr || known->stage != notification_stage::pending) return;
  auto next = after_attempt(*known, result.outcome, env_.settings.delivery, env_.ids.next_fraction(), env_.time.now());
  if (const auto* dead = std::get_if<notification_dead_lettered>(&next))
    spdlog::warn("notification {} is given up after {} attempts: {}", notification_id_of(*known), dead->attempt,
                 dead->detail);
  std::vector<new_event> events;
  events.push_back({std::move(next), by(system_actor)});
  commit(apply(std::move(events)));
  send_what_is_due();
}

/// Asks to be woken when the next attempt is due. What is due already waits for an answer that is on its way.
void notifier_process::arm(timestamp now) {
  auto next = timestamp::max();
  for (const auto& [target, queue] : waiting_)
    if (const auto due = queue.begin()->first; due > now) next = std::min(next, due);
  if (next == timestamp::max() || (armed_ && *armed_ <= next)) return;
  armed_ = next;
  caf::anon_send(env_.timers, arm_atom_v, the_notifier, static_cast<std::int64_t>(next.time_since_epoch().count()));
}

}  // namespace planexe::actors
