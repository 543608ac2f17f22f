// The work of an execution's actor, without CAF's part of it. One thread at a time: its actor's.
#pragma once

#include <map>
#include <set>

#include "actors/environment.hpp"

namespace planexe::actors {

class execution_process {
 public:
  execution_process(environment& env, domain::execution_id id, std::function<void()> rebuild);

  /// Builds the state from the log and tells the others what it has, once. A log that cannot be read leaves a process
  /// that refuses every command and says why.
  void load();
  bool exists() const { return state_.exists(); }

  void handle(execution_request& request);
  void assign(assignment& assignment);
  /// The matcher's word on whether any agent within reach can take any of the open leaves.
  void note_staffing(bool staffed, const std::string& reason);
  /// Tells an agent again which leases it holds here.
  void restore_leases(const domain::agent_id& agent);
  /// Runs what is due. True when nothing has happened for so long that the actor may go.
  bool wake();

 private:
  /// Events of one command on their way: applied already, not yet durable.
  struct command_step {
    eventstore::append_request append;
    std::vector<domain::task_index> touched;
    std::vector<domain::task_index> changed;  ///< leaves that an event names
    bool handed_out_before = false;
    domain::execution_status status_before;
    std::int32_t priority_before;
  };

  command_step begin() const;
  void apply(std::vector<domain::execution_event> events, domain::event_metadata metadata, command_step& step);
  void append(domain::execution_event event, const domain::event_metadata& metadata, command_step& step);
  /// Hands the step to the committer. `finish` runs once it is durable, after the notices that follow from it.
  void commit(command_step step, std::function<void()> finish);
  void run_timers(domain::timestamp now);
  void run_leaf_timer(domain::task_index leaf, domain::timestamp now);
  void heed_switch();
  void run_timer(const domain::execution_command& command, domain::timestamp now);

  void announce_everything();
  lease_notice_ptr restored_notice(domain::task_index leaf) const;
  lease_notice_ptr paused_notice() const;
  /// True when the matcher was told of something, and will say what it thinks of it.
  bool announce_readiness(const command_step& step);
  void miss_agents(command_step& step);
  void refresh_readiness(readiness& change);
  std::vector<std::pair<domain::agent_id, lease_notice_ptr>> lease_changes(const command_step& step);
  lease_notice_ptr ended_notice(domain::task_index leaf, const std::string& token, const command_step& step) const;
  void set_deadlines(const command_step& step);
  void set_deadline(domain::task_index leaf);
  /// `stays`: also for the moment at which it may go for having been idle.
  void arm(bool stays = true);
  std::function<void()> snapshot_writer();
  domain::open_leaf describe(domain::task_index leaf) const;
  bool limited() const { return state_.options.max_parallel != 0; }

  environment& env_;
  domain::execution_id id_;
  std::function<void()> rebuild_;
  std::shared_ptr<writer_progress> writer_ = std::make_shared<writer_progress>();
  domain::execution_state state_;
  std::optional<error> damage_;
  bool archived_ = false;  ///< nothing of it can change any more, so nothing of it is loaded
  bool loaded_ = false;
  std::uint64_t snapshot_seq_ = 0;
  std::set<domain::task_index> announced_;              ///< open leaves that the matcher knows
  std::map<domain::task_index, domain::lease> leases_;  ///< as the agents were last told
  std::set<std::pair<domain::timestamp, domain::task_index>> deadlines_;
  std::map<domain::task_index, domain::timestamp> known_deadlines_;
  std::optional<std::string> lacking_;  ///< what no agent within reach can do, by the matcher's last word
  domain::timestamp last_command_{};
  std::optional<domain::timestamp> armed_;
};

}  // namespace planexe::actors
