// The auditor: reads the log as it grows and says what must never be. It keeps a state of its own for each execution,
// folded from what is durable, and holds what the process tells its clients against it.
#pragma once

#include <map>
#include <set>

#include "actors/read_side.hpp"
#include "tests/actors/process.hpp"

namespace planexe::tests {

/// What a silent agent holds, or is just being given, is taken from it as often as this.
inline constexpr domain::milliseconds takes_back_every{1'000};

class auditor {
 public:
  explicit auditor(const machine& on) : on_(on) {}

  /// Goes through what the log has got since the last time.
  void catch_up();
  /// The first thing that was wrong; empty when nothing was.
  const std::string& problem() const { return problem_; }
  void complain(const std::string& what);

  /// A report with this causation id carries this token; who ends a task must hold it by that token.
  void expect_token(const std::string& causation_id, const std::string& token) { tokens_of_[causation_id] = token; }
  /// A command was answered: what it says must be in the log, and the state it was decided on is the log's.
  void answered(const std::string& execution, const std::string& causation_id,
                const told<domain::execution_state>& told);
  /// A fork was made, and its state answered.
  void forked(const std::string& execution, const told<domain::execution_state>& told);
  /// A poll was answered with this task.
  void handed_out(const std::string& agent, const domain::work_item& work);

  /// Of a process that has recovered and has nothing to do: whatever waits for a time has a wake-up among the timers,
  /// no later than that time. Nothing while it is busy, or when its disk has failed.
  void check_wake_ups(process& live);
  /// Of a process that time has just been given to do what is due: nothing that was due is left.
  void check_nothing_overdue(process& live);

  /// Of an idle process: replay from the first event, replay from the snapshot, the views and the views rebuilt from
  /// nothing all say the same.
  void compare_everything(process& live);

  const std::map<std::string, domain::execution_state>& executions() const { return executions_; }
  /// Those that have left the log.
  const std::set<std::string>& archived() const { return archived_; }
  std::uint64_t position() const { return position_; }
  /// How many wake-ups have been looked for.
  std::uint64_t wake_ups() const { return wake_ups_; }
  /// How often each type of event came.
  const std::map<std::string, std::uint64_t>& seen() const { return seen_; }

 private:
  struct known_lease {
    std::string execution, task, agent;
    std::uint32_t attempt;
  };
  struct known_cause {
    std::string execution;
    std::uint64_t last_seq;
  };

  void take(const domain::event_record& record);
  void check_before(const domain::execution_state& state, const std::string& execution,
                    const domain::event_record& record);
  void check_fork(const domain::execution_state& state, const domain::event_record& record,
                  const domain::execution_forked& forked);
  void check_cause(const domain::event_record& record);
  bool is_quiet(process& live);

  const machine& on_;
  std::string problem_;
  std::uint64_t position_ = 0, wake_ups_ = 0;
  std::map<domain::stream_id, std::uint64_t> versions_;
  std::map<std::string, domain::execution_state> executions_;
  std::set<std::string> archived_;
  std::map<std::string, known_lease> leases_;  ///< by token, all that ever were
  std::map<std::string, known_cause> causes_;  ///< by causation id
  std::map<std::string, std::string> tokens_of_;
  std::map<std::string, std::uint64_t> seen_;
};

/// Sees a prefix of an execution's events, in order, from where it began to follow.
class order_follower final : public actors::follower {
 public:
  order_follower(auditor& audit, std::uint64_t after_seq) : audit_(audit), last_(after_seq) {}
  bool on_events(std::span<const domain::event_record* const> events, const projections::execution_row& row) override;
  bool on_time(domain::timestamp) override { return true; }

 private:
  auditor& audit_;
  std::uint64_t last_;
};

}  // namespace planexe::tests
