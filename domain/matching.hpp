// Which agent gets which task: open leaves on one side, waiting agents on the other. Plain data structures, driven by
// the matcher's actor.
#pragma once

#include "domain/matching_agents.hpp"

namespace planexe::domain {

struct work_claim {
  std::uint64_t offer = 0;
  agent_id agent;
  execution_id execution;
  task_index leaf = no_task;
  std::string reason;
};

/// What an execution should know of its open leaves: whether any agent within reach can take one of them.
struct staffing_word {
  execution_id execution;
  bool staffed = true;
  std::string reason;  ///< what is lacking, where it is not
};

/// Open leaves and waiting agents. A leaf is claimed at most once: a claim takes it out, and only `open` brings it
/// back.
///
/// What an agent gets. Of the executions with a leaf that it may take, those of the highest priority come first,
/// strictly. Equal ones take turns: deficit round robin, where each claim costs one, because nobody knows how long a
/// task will hold its agent, so that the turn goes to whoever was served longest ago. Of that execution it gets the
/// leaf of the highest priority; of equal ones, one that asks for exactly its role, or is its own by decision, before
/// any other; then the earlier in the document.
///
/// Who is new, or has had nothing open for a whole round, goes to the front of the line, for one claim: nothing is
/// saved up. Among newcomers the longer wait decides, and each stands half a step behind the last one, so that however
/// many come, an execution waits for at most as many of them as two rounds have claims. Who was served in this round
/// and comes back keeps its place.
///
/// Who gets a leaf that opens, of the offers that wait: one with exactly its role, then a specialist before a
/// generalist, then the longest wait. Leaves that open together are handed out by priority; of equal ones those first
/// that somebody fits exactly, then in the document's order. Nobody else is woken.
///
/// Each step costs what the agent's own actions and roles, and the roles that agree with them, are in number; it does
/// not grow with the agents, executions or kinds of work. Memory follows what is open, waits or is within reach. The
/// same steps give the same claims.
class match_table {
 public:
  /// Opens leaves of an execution, or changes what open ones ask for, and hands them to waiting offers. `staffed` is
  /// what the execution itself believes.
  std::vector<work_claim> open(const execution_id& execution, std::int32_t priority,
                               const std::vector<open_leaf>& leaves, bool staffed = true);
  /// Takes leaves back; those that are not open are passed over.
  void close(const execution_id& execution, const std::vector<task_index>& leaves);

  /// At most `offer.slots` leaves, taken out. With `wait`, an offer that gets nothing stays until it gets something, a
  /// single leaf, or is withdrawn.
  std::vector<work_claim> offer(work_offer offer, bool wait);
  void withdraw(std::uint64_t offer_id) { agents_.withdraw(offer_id); }

  /// An agent can be reached, or can do something else than before. One within reach need not have made an offer.
  void reach(const agent_id& agent, std::shared_ptr<const agent_profile> profile);
  void lose(const agent_id& agent);
  bool reaches(const agent_id& agent) const { return agents_.reaches(agent); }
  /// Executions for which that has become true or false since they, or this, last said so.
  std::vector<staffing_word> changed_staffing();

  std::size_t open_count() const { return work_.open_count(); }
  std::size_t waiting_count() const { return agents_.waiting_count(); }
  /// Kinds of work that are open.
  std::size_t class_count() const { return work_.kind_count(); }
  /// Executions with something open, and those whose turn is remembered.
  std::size_t execution_count() const { return work_.known_count(); }

 private:
  bool is_staffed(const open_execution& execution) const;
  void note_change(const agent_id& agent, const agents_at_hand::change& change);
  void note_kinds(const std::vector<work_lane*>& kinds);
  void hand_out(const execution_id& execution, std::vector<leaf_key> fresh, std::vector<work_claim>& claims);
  void claim(const work_offer& offer, open_execution& execution, task_index leaf, std::vector<work_claim>& claims);

  open_work work_;
  agents_at_hand agents_;
  std::set<execution_id> unsure_;  ///< whose staffing may have changed
};

}  // namespace planexe::domain
