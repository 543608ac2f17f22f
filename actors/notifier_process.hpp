// The work of the notifier, without CAF's part of it. One thread at a time: its actor's.
//
// What always holds: an event of the outbox is handed to the committer when it is applied, and a notification is sent
// only when its last event is durable. So what was sent is known after a crash, but for the attempts under way, which
// are made again.
#pragma once

#include <map>
#include <set>

#include "actors/environment.hpp"

namespace planexe::actors {

struct read_side;

/// Attempts at the same time: each takes a thread of the sender's.
inline constexpr std::size_t most_sends = 4;
/// To one target: one that is slow leaves the others half of them.
inline constexpr std::size_t most_sends_to_one = 2;
/// To agents' own addresses together: however slow they make theirs, the server's is never without a thread.
inline constexpr std::size_t most_sends_to_agents = most_sends - 1;

class notifier_process {
 public:
  /// `views` are looked at in the projector's thread alone.
  notifier_process(environment& env, const read_side& views) : env_(env), views_(views) {}

  /// Before that everything else is passed over: nothing has happened yet.
  void start(notifier_start beginning);
  void notice(const notices& found);
  void looked(std::uint64_t position);
  void durable(std::uint64_t version);
  void address(std::uint64_t number, std::string url);
  void sent(const sending_result& result);
  void redrive(redrive_request& request);
  void wake();

 private:
  struct new_event {
    domain::system_event what;
    domain::event_metadata metadata;
  };
  struct waiting_place {
    domain::agent_id target;
    domain::timestamp due{};
  };

  domain::event_metadata by(std::string actor, std::string causation_id = {}) const;
  /// Applies events, which are to be committed as one step.
  std::shared_ptr<commit_item> apply(std::vector<new_event> events);
  /// Hands a step to the committer; `finish` runs once it and all before it are durable.
  void commit(std::shared_ptr<commit_item> item, std::function<void()> finish = {});
  void give_up_the_oldest();

  /// Puts a notification where it waits for its next attempt, or takes it away from there.
  void place(std::uint64_t number);
  void send_what_is_due();
  const domain::notification* next_to_send(domain::timestamp now) const;
  bool has_room(const domain::agent_id& target) const;
  void begin_sending(const domain::notification& notification);
  void hand_out(const domain::notification& notification, std::string address);
  void arm(domain::timestamp now);

  environment& env_;
  const read_side& views_;
  std::shared_ptr<writer_progress> writer_ = std::make_shared<writer_progress>();
  domain::notification_outbox outbox_;
  std::uint64_t looked_ = 0;   ///< position
  std::uint64_t durable_ = 0;  ///< version
  bool started_ = false;
  bool stopped_ = false;                                                                       ///< the process ends
  std::map<domain::agent_id, std::set<std::pair<domain::timestamp, std::uint64_t>>> waiting_;  ///< by target
  std::map<std::uint64_t, waiting_place> places_;
  std::map<std::uint64_t, domain::agent_id> under_way_;  ///< targets of what is being sent
  std::optional<domain::timestamp> armed_;
};

}  // namespace planexe::actors
