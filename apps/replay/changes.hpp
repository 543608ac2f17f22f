// What is different between two moments of an execution: of the execution and of every task the members that clients
// see, as they were and as they are. Times that follow from the clock alone, slack and forecast, are left out. Pure,
// any thread.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "domain/execution_state.hpp"

namespace planexe::replaying {

using json = nlohmann::ordered_json;

/// What can be seen of a state and can change. Holds its graph, not the state.
class visible_state {
 public:
  explicit visible_state(const domain::execution_state& state);

  std::uint64_t seq() const { return seq_; }
  domain::timestamp at() const { return at_; }

 private:
  friend class comparison;

  std::uint64_t seq_;
  domain::timestamp at_;
  std::shared_ptr<const domain::plan_graph> graph_;
  json execution_;
  std::vector<std::string> tasks_;  ///< the moving members of each, as JSON text
};

struct member_change {
  std::string name;
  json from;  ///< null: it was not there
  json to;    ///< null: it is not there any more
};

struct task_change {
  domain::task_index task = domain::no_task;
  std::string id;
  std::string title;
  bool is_leaf = true;  ///< afterwards
  bool added = false;   ///< it was not there before
  std::vector<member_change> members;
};

struct state_changes {
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  domain::timestamp from_at{};
  domain::timestamp to_at{};
  std::vector<member_change> execution;
  std::vector<task_change> tasks;  ///< in the order of the document
  std::shared_ptr<const domain::plan_graph> graph;

  bool empty() const { return execution.empty() && tasks.empty(); }
};

/// From `before` to `after`, of the same execution, in either order of time.
state_changes changes_between(const visible_state& before, const visible_state& after);

/// `{execution: {member: {from, to}}, tasks: [{task_id, title, added?, changes: {member: {from, to}}}]}`
json to_json(const state_changes& changes);

}  // namespace planexe::replaying
