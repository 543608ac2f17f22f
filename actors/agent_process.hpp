// The work of an agent's actor, without CAF's part of it. One thread at a time: its actor's.
#pragma once

#include <deque>
#include <list>
#include <set>

#include "actors/environment.hpp"

namespace planexe::actors {

class agent_process {
 public:
  agent_process(environment& env, domain::agent_id id, std::function<void()> rebuild);

  void load();
  /// Nothing registered, nothing held, nobody waits: the actor need not stay.
  bool is_empty() const { return !state_.registered && held_.empty() && polls_.empty() && offers_.empty(); }

  void handle(agent_request& request);
  void poll(poll_request_ptr request);
  void claimed(std::uint64_t offer, std::uint32_t count);
  void settled(std::uint64_t offer, work_item_ptr work);
  void notice(const lease_notice& notice);
  void wake();

 private:
  struct waiting_poll {
    poll_request_ptr request;
    domain::timestamp until{};
  };
  /// An offer that the matcher has. `poll` is gone when its time passed before the matcher's answer came.
  struct open_offer {
    std::optional<waiting_poll> poll;
    std::uint32_t slots = 1;
    bool waits = false;  ///< until the poll's time is up; one that does not is answered by the matcher at once
    std::optional<std::uint32_t> claims;
    std::uint32_t settled = 0;
    std::vector<work_item_ptr> got;
  };
  struct answered_request {
    std::string id;
    std::vector<std::string> tokens;
  };

  /// Serves the polls that can be served now, in order.
  void serve();
  /// True when the poll was answered or offered; false when it has to wait.
  bool serve_first();
  void offer(waiting_poll poll, std::uint32_t slots);
  void take_offers_back();
  void withdraw(std::uint64_t number, open_offer& offer);
  void finish(std::uint64_t offer);
  void hold(const work_item_ptr& work);
  void answer(const poll_request& request, std::vector<work_item_ptr> tasks);
  /// Tells the matcher who it is, or that nothing may be given to it.
  void enlist();
  void release_everything(const std::string& reason);
  void release(const domain::work_item& work, const std::string& reason);
  std::vector<work_item_ptr> tasks_of(const std::string& request_id) const;
  std::uint32_t reserved() const;
  void arm();

  environment& env_;
  domain::agent_id id_;
  std::function<void()> rebuild_;
  std::shared_ptr<writer_progress> writer_ = std::make_shared<writer_progress>();
  domain::agent_state state_;
  std::shared_ptr<const domain::agent_profile> profile_;
  std::optional<error> damage_;
  bool loaded_ = false;
  std::list<work_item_ptr> held_;
  std::set<std::string> untold_;           ///< tokens of those that no answer has told it of
  std::set<domain::execution_id> paused_;  ///< executions it works for that are paused
  std::vector<domain::work_revocation> revoked_;
  bool cancelled_ = false;         ///< one of `revoked_` was because an execution was cancelled
  std::list<waiting_poll> polls_;  ///< not offered yet
  std::map<std::uint64_t, open_offer> offers_;
  std::deque<answered_request> answered_;
  domain::timestamp started_{};
  domain::timestamp release_again_at_{};
  std::optional<domain::timestamp> armed_;
};

}  // namespace planexe::actors
