#include "gateway/actor_bridge/execution_channel.hpp"

#include "gateway/json/render_event.hpp"
#include "gateway/json/render_stream.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

// Sent to catch up; further behind, a snapshot is cheaper. Only the bytes bound memory: an event may be large.
constexpr std::uint64_t most_resumed = 10'000;
constexpr std::size_t most_resumed_bytes = std::size_t{16} << 20U;
constexpr std::size_t resumed_at_once = 500;  // events read at a time
// Kept for those whose beginning is being made. It takes some milliseconds, in which no more than this can happen; if
// it does, they begin once more.
constexpr std::size_t most_kept_bytes = std::size_t{16} << 20U;

void add_caught_up(told_messages& messages, std::uint64_t seq) {
  messages.add(text_of([&](std::string& out) { render_caught_up_message(out, seq); }), seq);
}

/// The events after `from`, up to `to`. False where they cannot be read or are too much.
bool add_events(told_messages& messages, const eventstore::event_log& log, const domain::stream_id& stream,
                std::uint64_t from, std::uint64_t to) {
  while (from < to) {
    const auto records =
        log.read_stream(stream, from, static_cast<std::size_t>(std::min<std::uint64_t>(resumed_at_once, to - from)));
    if (!records || records->empty()) return false;
    for (const auto& record : *records)
      messages.add(text_of([&](std::string& out) { render_event_message(out, record); }), record.seq);
    if (messages.bytes() > most_resumed_bytes) return false;
    from = records->back().seq;
  }
  return true;
}

}  // namespace

execution_channel::execution_channel(actor_bridge::core& core, domain::execution_id id,
                                     const domain::execution_state& state)
    : core_(core), id_(std::move(id)), tracker_(state) {}

void execution_channel::join(std::shared_ptr<push_peer> peer, std::optional<std::uint64_t> from) {
  const auto number = listeners_.add(peer);
  core_.when_gone(*peer, [self = weak_from_this(), number] {
    if (const auto channel = self.lock()) channel->listeners_.remove(number);
  });
  if (from)
    resume(number, *from);
  else
    begin_anew(number, {});
}

bool execution_channel::on_events(std::span<const domain::event_record* const> events,
                                  const projections::execution_row&) {
  if (!is_wanted()) return false;
  const auto state = core_.views.executions.peek(id_);
  if (!state || *state == nullptr) return false;
  const auto changes = tracker_.after(events, **state);
  const auto messages = std::make_shared<told_messages>();
  for (const auto* record : events)
    messages->add(text_of([&](std::string& out) { render_event_message(out, *record); }), record->seq);
  messages->add(text_of([&](std::string& out) {
    render_update_message(out, id_, **state, changes, [this](const auto& agent) { return core_.lease_expiry(agent); });
  }));
  if (beginnings_ > 0) {
    since_bytes_ += messages->bytes();
    since_.push_back({(*state)->version, messages});
    for (; since_bytes_ > most_kept_bytes; since_.pop_front()) {
      since_bytes_ -= since_.front().messages->bytes();
      since_is_after_ = since_.front().seq;
    }
  }
  listeners_.tell(*messages);
  return true;
}

bool execution_channel::on_time(domain::timestamp) {
  for (const auto number : listeners_.take_caught_up()) begin_anew(number, "the client was too slow");
  return is_wanted();
}

void execution_channel::begin_anew(listener_number number, std::string_view why) {
  if (!why.empty()) {
    told_messages resync;
    resync.add(text_of([&](std::string& out) { render_resync_message(out, why); }));
    if (!listeners_.tell(number, resync)) return;
  }
  const auto form = listeners_.framing_of(number);
  const auto* row = core_.views.executions.row(id_);
  if (!form || row == nullptr) return;
  if (snapshot_seq_ == row->version) {
    if (auto made = last_snapshot_[static_cast<std::size_t>(*form)].lock()) {
      told_messages beginning(*form, std::move(made));
      return let_follow(number, snapshot_seq_, beginning);
    }
  }
  snapshot_wanted_by_.push_back(number);
  if (!snapshot_asked_) make_snapshot();
}

void execution_channel::make_snapshot() {
  const auto state = core_.views.executions.state(id_);
  const bool asked =
      state && *state != nullptr && offload([&core = core_, self = weak_from_this(), id = id_, state = *state] {
        auto messages = std::make_shared<told_messages>();
        messages->add(text_of([&](std::string& out) {
                        render_snapshot_message(out, id, *state, core.env.time.now(),
                                                [&](const auto& a) { return core.lease_expiry(a); });
                      }),
                      state->version);
        add_caught_up(*messages, state->version);
        core.read([self, messages, seq = state->version] {
          if (const auto channel = self.lock()) channel->on_snapshot(seq, *messages);
        });
      });
  snapshot_asked_ = asked;
  if (!asked)
    for (const auto number : std::exchange(snapshot_wanted_by_, {})) give_up(number);
}

void execution_channel::on_snapshot(std::uint64_t seq, told_messages& made) {
  snapshot_asked_ = false;
  snapshot_seq_ = seq;
  for (const auto number : std::exchange(snapshot_wanted_by_, {})) {
    const auto form = listeners_.framing_of(number);
    if (!form) continue;
    last_snapshot_[static_cast<std::size_t>(*form)] = made.framed(*form);
    let_follow(number, seq, made);
  }
  end_beginning();
}

void execution_channel::resume(listener_number number, std::uint64_t from) {
  const auto state = core_.views.executions.state(id_);
  if (!state || *state == nullptr) return give_up(number);
  const auto version = (*state)->version;
  if (from > version || version - from > most_resumed) return begin_anew(number, "the stream cannot go on from there");
  // After a restart many come back who have all seen the same.
  const auto [waiting, is_first] = resuming_.try_emplace(from);
  waiting->second.push_back(number);
  if (!is_first) return;
  const bool asked = offload([&core = core_, self = weak_from_this(), id = id_, state = *state, from] {
    auto messages = std::make_shared<told_messages>();
    if (!add_events(*messages, core.env.log, projections::stream_of(id), from, state->version)) {
      messages.reset();
    } else {
      // What it knew when it left is not known here: an event may have reached it without its batch's update.
      messages->add(text_of([&](std::string& out) {
        render_update_message(out, id, *state, projections::every_task(*state),
                              [&](const auto& agent) { return core.lease_expiry(agent); });
      }));
      add_caught_up(*messages, state->version);
    }
    core.read([self, from, seq = state->version, messages] {
      if (const auto channel = self.lock()) channel->on_resumed(from, seq, messages);
    });
  });
  if (asked) return;
  resuming_.erase(from);
  give_up(number);
}

void execution_channel::on_resumed(std::uint64_t from, std::uint64_t seq, const messages_ptr& beginning) {
  const auto waiting = resuming_.extract(from);
  for (const auto number : waiting.mapped())
    if (beginning)
      let_follow(number, seq, *beginning);
    else
      begin_anew(number, "the stream cannot go on from there");
  end_beginning();
}

void execution_channel::let_follow(listener_number number, std::uint64_t seq, told_messages& beginning) {
  if (seq < since_is_after_) return begin_anew(number, {});
  if (!listeners_.tell(number, beginning)) return;
  for (const auto& batch : since_)
    if (batch.seq > seq && !listeners_.tell(number, *batch.messages)) return;
  listeners_.set_live(number);
}

bool execution_channel::offload(std::function<void()> make) {
  if (!core_.offload.run_later(std::move(make))) return false;
  ++beginnings_;
  return true;
}

void execution_channel::end_beginning() {
  if (--beginnings_ > 0) return;
  since_.clear();
  since_bytes_ = 0;
  since_is_after_ = 0;
}

void execution_channel::give_up(listener_number number) {
  listeners_.close(number, close_try_later, "the server has too much to do");
}

}  // namespace planexe::gateway
