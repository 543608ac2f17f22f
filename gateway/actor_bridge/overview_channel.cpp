#include "gateway/actor_bridge/overview_channel.hpp"

#include "eventstore/event_log.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/json/render_overview.hpp"
#include "gateway/json/render_stream.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

constexpr domain::milliseconds gathering_time{50};
constexpr std::size_t most_rows = 1'000;  // of executions and of agents in a snapshot; lists have the others
constexpr std::size_t most_entries = 100;
constexpr domain::milliseconds presence_interval{1'000};
// An agent that polls is seen all the time; that it was is told this often, a change of its status at once.
constexpr domain::milliseconds seen_interval{10'000};

/// A clock that was put back silences nobody.
bool is_over(domain::milliseconds interval, domain::timestamp since, domain::timestamp now) {
  return now < since || now - since >= interval;
}

}  // namespace

void overview_channel::join(std::shared_ptr<push_peer> peer) {
  const auto number = listeners_.add(peer);
  core_.when_gone(*peer, [self = weak_from_this(), number] {
    if (const auto channel = self.lock()) channel->listeners_.remove(number);
  });
  starting_.push_back(number);
  const auto now = core_.env.time.now();
  if (is_over(gathering_time, told_at_, now)) tell_changes(now);
}

/// A beginning holds every list: it is made once for all who came within the gathering time. The others have just been
/// told what is in it, so that nobody is told twice.
void overview_channel::begin_starting(domain::timestamp now) {
  if (starting_.empty()) return;
  tell_presence(now);
  shared_text made[2];  // held until all have it
  for (const auto number : std::exchange(starting_, {})) {
    const auto form = listeners_.framing_of(number);
    if (!form) continue;
    auto& text = made[static_cast<std::size_t>(*form)];
    if (!text) text = snapshot(*form);
    told_messages beginning(*form, text);
    if (listeners_.tell(number, beginning)) listeners_.set_live(number);
  }
}

shared_text overview_channel::snapshot(framing form) {
  auto& last = snapshots_[static_cast<std::size_t>(form)];
  if (auto made = last.lock()) return made;
  const auto& views = core_.views;
  const auto rows = views.executions.newest(most_rows);
  const auto position = views.runner.position();
  overview shown;
  shown.position = position;
  shown.executions = rows;
  shown.more_executions = views.executions.size() > most_rows;
  const auto agents = views.agents.listed();
  shown.more_agents = agents.size() > most_rows;
  for (const auto* row : std::span(agents).first(std::min(agents.size(), most_rows)))
    shown.agents.push_back({row, presence_of(core_.env, *row)});
  const auto entries = core_.views.activity.rows();
  if (entries)
    for (auto entry = (*entries)->rbegin(); entry != (*entries)->rend() && shown.activity.size() < most_entries;
         ++entry)
      shown.activity.push_back(&*entry);
  shown.thrown = &switch_;
  told_messages messages;
  messages.add(text_of([&](std::string& out) { render_overview(out, shown); }), position);
  messages.add(text_of([&](std::string& out) { render_caught_up_message(out, position); }), position);
  auto made = messages.framed(form);
  last = made;
  return made;
}

void overview_channel::on_switch(const domain::event_record& record) {
  const auto* thrown = std::get_if<domain::system_event>(&record.payload);
  if (thrown == nullptr || record.stream != projections::switch_stream() || record.seq <= switch_.version) return;
  domain::evolve(switch_, *thrown, {record.seq, record.metadata.recorded_at});
  switch_changed_ = true;
}

void overview_channel::on_batch(const eventstore::committed_batch& batch) {
  for (const auto& record : batch.events) {
    on_switch(record);
    if (!listeners_.empty() && record.stream.kind == domain::stream_kind::execution)
      executions_.insert(domain::execution_id{record.stream.id});
  }
  if (listeners_.empty()) return;
  const auto now = core_.env.time.now();
  if (is_over(gathering_time, told_at_, now)) tell_changes(now);
}

void overview_channel::add_activity(told_messages& messages) {
  const auto entries = core_.views.activity.rows();
  if (!entries) return;
  std::vector<const projections::activity_row*> fresh;
  for (auto entry = (*entries)->rbegin(); entry != (*entries)->rend() && entry->position > activity_told_; ++entry)
    fresh.push_back(&*entry);
  if (fresh.empty()) return;
  activity_told_ = fresh.front()->position;
  messages.add(text_of([&](std::string& out) { render_activity_message(out, fresh); }));
}

void overview_channel::tell_changes(domain::timestamp now) {
  told_at_ = now;
  auto& views = core_.views;
  told_messages messages;
  for (const auto& id : std::exchange(executions_, {}))
    if (const auto* row = views.executions.row(id))
      messages.add(text_of([&](std::string& out) { render_overview_update(out, *row); }));
  for (const auto& id : views.agents.take_touched())
    // Who was told of is told of until the page is loaded anew, also where lists have it no more.
    if (const auto* row = views.agents.row(id); row != nullptr && (is_listed(*row) || presence_.contains(id)))
      messages.add(text_of([&](std::string& out) { render_agent_update(out, *row, presence_of(core_.env, *row)); }));
  add_activity(messages);
  if (std::exchange(switch_changed_, false))
    messages.add(text_of([&](std::string& out) { render_switch_message(out, switch_); }));
  if (messages.bytes() > 0) {
    for (auto& last : snapshots_) last.reset();
    listeners_.tell(messages);
  }
  begin_starting(now);
}

void overview_channel::tell_presence(domain::timestamp now) {
  presence_told_at_ = now;
  std::vector<agent_and_presence> told;
  for (const auto* row : core_.views.agents.listed()) {
    const auto presence = presence_of(core_.env, *row);
    auto& known = presence_[row->id];
    const bool seen_since =
        presence.last_seen_at && (!known.seen || *presence.last_seen_at - *known.seen >= seen_interval);
    if (known.status == presence.status && !seen_since) continue;
    known = {std::string(presence.status), presence.last_seen_at};
    told.push_back({row, presence});
  }
  if (told.empty()) return;
  told_messages messages;
  messages.add(text_of([&](std::string& out) { render_presence(out, told); }));
  for (auto& last : snapshots_) last.reset();
  listeners_.tell(messages);
}

void overview_channel::on_time(domain::timestamp now) {
  if (listeners_.empty()) return;
  for (const auto number : listeners_.take_caught_up()) {
    told_messages resync;
    resync.add(text_of([](std::string& out) { render_resync_message(out, "the client was too slow"); }));
    if (listeners_.tell(number, resync)) starting_.push_back(number);
  }
  if (is_over(gathering_time, told_at_, now)) tell_changes(now);
  if (is_over(presence_interval, presence_told_at_, now)) tell_presence(now);
}

}  // namespace planexe::gateway
