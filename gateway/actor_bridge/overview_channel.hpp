// Everything at a glance, live: a line for each execution and agent, what happened lately, and the switch. It tells how
// things stand and not every step: what changes often is told at most once in `gathering_time`, and once for everybody.
// Belongs to the projector's thread. Private to gateway/actor_bridge.
#pragma once

#include <set>
#include <unordered_map>

#include "domain/safety_switch.hpp"
#include "gateway/actor_bridge/audience.hpp"
#include "gateway/actor_bridge/core.hpp"

namespace planexe::gateway {

class overview_channel final : public actors::watcher, public std::enable_shared_from_this<overview_channel> {
 public:
  /// `thrown`: how the switch stands after everything that was committed before this watches.
  overview_channel(actor_bridge::core& core, domain::switch_state thrown) : core_(core), switch_(std::move(thrown)) {}

  void join(std::shared_ptr<push_peer> peer);

  // actors::watcher
  void on_batch(const eventstore::committed_batch& batch) override;
  void on_time(domain::timestamp now) override;

 private:
  struct told_presence {
    std::string status;
    std::optional<domain::timestamp> seen;
  };

  void begin_starting(domain::timestamp now);
  shared_text snapshot(framing form);
  void on_switch(const domain::event_record& record);
  void add_activity(told_messages& messages);
  void tell_changes(domain::timestamp now);
  void tell_presence(domain::timestamp now);

  actor_bridge::core& core_;
  domain::switch_state switch_;
  audience listeners_;
  std::vector<listener_number> starting_;      ///< begin when the others are told next
  std::set<domain::execution_id> executions_;  ///< changed and not told
  bool switch_changed_ = false;
  std::uint64_t activity_told_ = 0;  ///< position
  domain::timestamp told_at_{};
  domain::timestamp presence_told_at_{};
  std::unordered_map<domain::agent_id, told_presence> presence_;
  /// The last snapshot in each framing, while nothing has been told since and somebody has yet to send it.
  std::weak_ptr<const std::string> snapshots_[2];
};

}  // namespace planexe::gateway
