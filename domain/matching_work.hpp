// The leaves that can be handed out, filed by what they ask for, and the line in which their executions take turns.
// One half of the match table, which drives it.
//
// A leaf lies in several lanes: in that of its kind (action and role), and in wider ones (its action in any role, its
// role with any action, anything), so that whoever looks for work looks at the few lanes that say what it can do, and
// never at all the kinds of work there are. A lane lives as long as a leaf lies in it.
#pragma once

#include <array>
#include <limits>
#include <map>
#include <set>

#include "domain/matching_fit.hpp"
#include "domain/plan.hpp"

namespace planexe::domain {

/// A leaf that can be handed out.
struct open_leaf {
  task_index leaf = no_task;
  std::int32_t priority = 0;
  requirement need;
  std::uint32_t place = 0;  ///< in the document: between equal priorities the earlier goes first
};

/// The order of an execution's leaves.
struct leaf_key {
  std::int64_t negative_priority = 0;
  std::uint32_t place = 0;
  task_index leaf = no_task;
  friend auto operator<=>(const leaf_key&, const leaf_key&) = default;
};

struct open_execution;

/// The order of executions: the higher priority, then who was served longer ago, then who came first.
struct turn_key {
  std::int64_t negative_priority = 0;
  std::int64_t stamp = 0;
  std::uint64_t number = 0;  ///< no two turns have the same
  open_execution* execution = nullptr;
  friend std::strong_ordering operator<=>(const turn_key& a, const turn_key& b) {
    if (const auto by_priority = a.negative_priority <=> b.negative_priority; by_priority != 0) return by_priority;
    if (const auto by_stamp = a.stamp <=> b.stamp; by_stamp != 0) return by_stamp;
    return a.number <=> b.number;
  }
  friend bool operator==(const turn_key& a, const turn_key& b) { return (a <=> b) == 0; }
};

struct work_lane;

/// Leaves with the same requirement, over all executions.
struct work_kind {
  requirement need;                ///< its role as it was first spelled
  std::string role;                ///< its key
  std::vector<std::string> words;  ///< of the role
  bool able = false;               ///< a specialist within reach can take it, or the agent it is pinned to
  std::array<work_lane*, 4> lanes{};
  std::size_t lane_count = 0;  ///< the first is its own
};

struct work_lane {
  lane_name name;
  std::set<turn_key> turns;         ///< executions with such a leaf; a key may be older than the turn it stands for
  std::unique_ptr<work_kind> kind;  ///< of a lane that holds one kind
  std::unordered_set<work_lane*> kinds;  ///< of a wider one: the lanes of its kinds
};

struct open_execution {
  struct leaf_queue {
    turn_key turn;  ///< as the lane knows it
    std::set<leaf_key> leaves;
  };
  execution_id id;
  std::int32_t priority = 0;
  std::int64_t stamp = 0;    ///< twice the number of its last serving, or where it came into the line
  std::uint64_t number = 0;  ///< of its turn
  bool in_line = false;      ///< it has open leaves
  bool served = false;       ///< since it came into this line
  bool staffed = true;       ///< as it was last told
  std::unordered_map<work_lane*, leaf_queue> queues;
  std::unordered_map<task_index, std::pair<work_lane*, leaf_key>> leaves;  ///< with the lane of its kind
  std::size_t able_kinds = 0;                                              ///< kinds of open leaves that are able
  std::size_t free_kinds = 0;                                              ///< kinds that any generalist can take
  std::size_t free_human_kinds = 0;  ///< kinds that any generalist can take who is a person

  turn_key turn() { return {-std::int64_t{priority}, stamp, number, this}; }
};

/// A leaf that somebody should have next.
struct next_leaf {
  open_execution* execution = nullptr;
  leaf_key key;
};

class open_work {
 public:
  /// Null when nothing is known of it.
  open_execution* find(const execution_id& id);
  /// The execution, in the line of this priority; for one without open leaves, add some at once.
  open_execution& enter(const execution_id& id, std::int32_t priority);
  /// Files a leaf, or refiles one that asks for something else now. Nothing when it lies there as it is. `fresh`
  /// becomes the lane of a kind of work that was not known.
  std::optional<leaf_key> put(open_execution& execution, const open_leaf& leaf, work_lane*& fresh);
  /// Takes a leaf out. After its last one the execution may be gone.
  void remove(open_execution& execution, task_index leaf);
  /// The same, and the execution goes to the end of its line.
  void serve(open_execution& execution, task_index leaf);

  /// What the searcher should have next, by the rules of the match table.
  std::optional<next_leaf> best(const work_search& search, const agent_id& agent);

  /// Whether a specialist can take a kind; adds executions for which that changes something to `changed`.
  void note_able(work_lane& lane, bool able, std::set<execution_id>& changed);
  /// Lanes of kinds that the searcher can take, but for what a generalist can take as such; each at least once.
  std::vector<work_lane*> kinds_for(const work_search& search);
  std::vector<work_lane*> kinds_pinned_to(const agent_id& agent);
  /// The executions with open leaves, in no order.
  template <class Visit>
  void each_open(Visit&& visit) {
    for (auto& [id, execution] : executions_)
      if (execution.in_line) visit(execution);
  }

  std::size_t open_count() const { return open_count_; }
  std::size_t kind_count() const { return kind_count_; }
  /// Executions that are kept: the open ones, and those whose turn is remembered.
  std::size_t known_count() const { return executions_.size(); }

 private:
  /// The line of one priority. Stamps are half steps, so that newcomers fit between servings.
  struct turn_line {
    std::int64_t servings = 0;
    std::int64_t open = 0;                                             ///< executions in it
    std::int64_t newcomer = std::numeric_limits<std::int64_t>::min();  ///< stamp of the last one
    std::set<std::pair<std::int64_t, open_execution*>> idle;  ///< stamps of those that have left it, and may return

    /// A round ago: who was served then or earlier has nothing to wait for.
    std::int64_t round_ago() const { return 2 * (servings - open - 1); }
  };
  struct candidate {
    work_lane* lane;
    bool exact;
  };

  void join_line(open_execution& execution);
  void leave_line(open_execution& execution);
  void move(open_execution& execution, std::int32_t priority);
  void forget_idle(std::int32_t priority);
  work_lane& lane_of(const requirement& need, work_lane*& fresh);
  void attach(open_execution& execution, work_lane& own, const leaf_key& key);
  void detach(open_execution& execution, task_index leaf);
  void dissolve(work_kind& kind, work_lane* own);
  void count_kind(open_execution& execution, const work_kind& kind, bool more);
  const turn_key& first_turn(work_lane& lane);
  work_lane* find_lane(std::string_view action, std::string_view role, unsigned marks);
  void find_candidates(const work_search& search, const agent_id& agent);
  void find_open_candidates(const work_search& search, unsigned human);

  std::unordered_map<execution_id, open_execution> executions_;
  std::map<std::int32_t, turn_line> lines_;
  lane_map<work_lane> lanes_;
  role_index roles_;                   ///< of the kinds
  std::vector<candidate> candidates_;  ///< of the search under way
  std::uint64_t numbers_ = 0;
  std::size_t open_count_ = 0;
  std::size_t kind_count_ = 0;
};

}  // namespace planexe::domain
