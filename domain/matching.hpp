// Which agent gets which task: who can take what, in what order, and what is open on either side. Plain data
// structures, driven by the matcher's actor.
#pragma once

#include <compare>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "domain/agent_events.hpp"
#include "domain/plan.hpp"

namespace planexe::domain {

/// What a leaf asks of its holder.
struct requirement {
  std::string action;
  std::string role;  ///< empty: any
  agent_id pinned;   ///< not empty: this agent and no other, whatever it can do
  friend auto operator<=>(const requirement&, const requirement&) = default;
};

/// Roles are written by people: compared without case, punctuation and plural, and one may say more than the other
/// ("Legal Specialist" is a "Senior Legal Specialist").
bool roles_agree(std::string_view one, std::string_view other);

/// Why the agent may take it, for the record; nothing when it may not. An agent whose capability is "*" is a
/// generalist: it takes any action in any role.
std::optional<std::string> reason_to_take(const requirement& need, const agent_id& agent, const agent_profile& profile,
                                          const std::vector<std::string>& supported_actions);

/// A leaf that can be handed out.
struct open_leaf {
  task_index leaf = no_task;
  std::int32_t priority = 0;
  requirement need;
  std::uint32_t place = 0;  ///< in the document: between equal priorities the earlier goes first
};

/// An agent that asks for work.
struct work_offer {
  std::uint64_t id = 0;  ///< drawn by the asker, unique among open offers
  agent_id agent;
  std::shared_ptr<const agent_profile> profile;
  std::vector<std::string> supported_actions;  ///< empty: whatever it is capable of
  std::uint32_t slots = 1;
};

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

/// Open leaves on one side, waiting agents on the other. Between executions the higher priority goes first and equal
/// ones take turns; inside one, the leaf's priority and then the plan's order. A leaf is claimed at most once: a claim
/// takes it out, and only `open` brings it back.
class match_table {
 public:
  /// Opens leaves of an execution, or changes what open ones ask for, and hands them to waiting offers, longest wait
  /// first. `staffed` is what the execution itself believes.
  std::vector<work_claim> open(const execution_id& execution, std::int32_t priority,
                               const std::vector<open_leaf>& leaves, bool staffed = true);
  /// Takes leaves back; those that are not open are passed over. An execution without open leaves is forgotten.
  void close(const execution_id& execution, const std::vector<task_index>& leaves);

  /// At most `offer.slots` leaves, taken out. With `wait`, an offer that gets nothing stays until it gets something or
  /// is withdrawn.
  std::vector<work_claim> offer(work_offer offer, bool wait);
  void withdraw(std::uint64_t offer_id);

  /// An agent can be reached, or can do something else than before. One within reach need not have made an offer.
  void reach(const agent_id& agent, std::shared_ptr<const agent_profile> profile);
  void lose(const agent_id& agent);
  bool reaches(const agent_id& agent) const { return in_reach_.contains(agent); }
  /// Executions for which that has become true or false since they, or this, last said so.
  std::vector<staffing_word> changed_staffing();

  std::size_t open_count() const { return open_count_; }
  std::size_t waiting_count() const { return waiting_.size(); }
  /// Kinds of work that some execution has, or had while it is known.
  std::size_t class_count() const { return classes_.size(); }

 private:
  using class_number = std::size_t;
  struct leaf_key {
    std::int32_t negative_priority;
    std::uint32_t place;
    task_index leaf;
    friend auto operator<=>(const leaf_key&, const leaf_key&) = default;
  };
  struct turn_key {
    std::int32_t negative_priority;
    std::uint64_t last_served;
    const execution_id* execution;  // points at the key of `executions_`, which is stable
    // By the id, not by its address, so that the same steps give the same claims.
    friend std::strong_ordering operator<=>(const turn_key& a, const turn_key& b) {
      return std::tie(a.negative_priority, a.last_served, *a.execution) <=>
             std::tie(b.negative_priority, b.last_served, *b.execution);
    }
    friend bool operator==(const turn_key& a, const turn_key& b) { return (a <=> b) == 0; }
  };
  struct leaf_queue {
    turn_key turn{};
    std::set<leaf_key> leaves;
  };
  struct execution_entry {
    std::int32_t priority = 0;
    std::uint64_t last_served = 0;
    bool staffed = true;  ///< as it was last told
    std::unordered_map<class_number, leaf_queue> queues;
    std::unordered_map<task_index, std::pair<class_number, leaf_key>> leaves;
  };
  /// Leaves with the same requirement, over all executions.
  struct work_class {
    requirement need;
    std::set<turn_key> turns;  ///< executions with such a leaf, the next one first
    std::size_t able = 0;      ///< agents within reach that can take it
    std::size_t users = 0;     ///< executions that know it; without one it is forgotten
  };
  /// Whether an offer can take a class, asked once for each pair.
  struct waiting_offer {
    work_offer offer;
    std::unordered_map<class_number, std::optional<std::string>> reasons;
  };

  /// What the first of the open leaves lacks.
  std::string lack_of(const execution_entry& entry) const;
  void count_able(const agent_id& agent, const agent_profile* before, const agent_profile* after);
  class_number class_of(const requirement& need);
  void forget(const execution_id& execution);
  const std::optional<std::string>& reason(waiting_offer& asker, class_number number);
  bool insert(const execution_id& key, execution_entry& entry, const open_leaf& leaf);
  void erase(execution_entry& entry, task_index leaf);
  void add_turn(class_number number, const turn_key& turn);
  void drop_turn(class_number number, const turn_key& turn);
  bool take_best(waiting_offer& asker, std::vector<work_claim>& claims);
  void take(waiting_offer& asker, class_number number, std::vector<work_claim>& claims);
  /// Whether `number` comes before `other`, both with open leaves: whose turn it is, then which leaf comes first.
  bool goes_before(class_number number, class_number other) const;

  std::map<requirement, class_number> class_numbers_;
  std::unordered_map<class_number, work_class> classes_;
  class_number next_class_ = 0;  ///< never drawn twice: a waiting offer may remember one that is forgotten
  std::set<class_number> busy_;  ///< classes with an open leaf, so that a poll does not look at the others
  std::unordered_map<execution_id, execution_entry> executions_;
  std::list<waiting_offer> waiting_;  ///< longest wait first
  std::unordered_map<std::uint64_t, std::list<waiting_offer>::iterator> waiting_by_id_;
  std::unordered_map<agent_id, std::shared_ptr<const agent_profile>> in_reach_;
  std::set<execution_id> unsure_;  ///< whose staffing may have changed
  std::uint64_t served_ = 0;
  std::size_t open_count_ = 0;
};

}  // namespace planexe::domain
