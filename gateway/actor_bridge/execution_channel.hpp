// One execution live, for everybody who follows it: the state at N or the events after N, then every batch once, in
// order. What is told to many is made once. Belongs to the projector's thread; beginnings, which can be long, are made
// in the worker's, and what is committed meanwhile is kept for whoever waits for them. Private to gateway/actor_bridge.
#pragma once

#include <deque>
#include <unordered_map>

#include "gateway/actor_bridge/audience.hpp"
#include "gateway/actor_bridge/core.hpp"
#include "projections/task_changes.hpp"

namespace planexe::gateway {

class execution_channel final : public actors::follower, public std::enable_shared_from_this<execution_channel> {
 public:
  /// `state` must exist.
  execution_channel(actor_bridge::core& core, domain::execution_id id, const domain::execution_state& state);

  /// Begins with the events after `from`, where those are there, else with the state.
  void join(std::shared_ptr<push_peer> peer, std::optional<std::uint64_t> from);

  // actors::follower
  bool on_events(std::span<const domain::event_record* const> events, const projections::execution_row& row) override;
  bool on_time(domain::timestamp now) override;

 private:
  using messages_ptr = std::shared_ptr<told_messages>;
  struct told_batch {
    std::uint64_t seq;  ///< of its last event
    messages_ptr messages;
  };

  bool is_wanted() const { return !listeners_.empty() || beginnings_ > 0; }
  /// Begins with the state; `why` not empty: because what it had is of no use.
  void begin_anew(listener_number number, std::string_view why);
  void make_snapshot();
  void on_snapshot(std::uint64_t seq, told_messages& made);
  void resume(listener_number number, std::uint64_t from);
  /// `beginning` null: it could not be made.
  void on_resumed(std::uint64_t from, std::uint64_t seq, const messages_ptr& beginning);
  /// Tells one its beginning and what has come since, and lets it follow.
  void let_follow(listener_number number, std::uint64_t seq, told_messages& beginning);
  /// Runs `make` in the worker's thread. False where that is too busy.
  bool offload(std::function<void()> make);
  void end_beginning();
  void give_up(listener_number number);

  actor_bridge::core& core_;
  const domain::execution_id id_;
  projections::change_tracker tracker_;
  audience listeners_;
  std::size_t beginnings_ = 0;    ///< being made
  std::deque<told_batch> since_;  ///< told while a beginning is being made
  std::size_t since_bytes_ = 0;
  std::uint64_t since_is_after_ = 0;  ///< the last event that is not in it although a beginning was being made
  std::unordered_map<std::uint64_t, std::vector<listener_number>> resuming_;  ///< by where they go on from
  bool snapshot_asked_ = false;
  std::vector<listener_number> snapshot_wanted_by_;
  /// The last one in each framing, as long as somebody has yet to send it.
  std::uint64_t snapshot_seq_ = 0;
  std::weak_ptr<const std::string> last_snapshot_[2];
};

}  // namespace planexe::gateway
