#include "plans/leaves.hpp"

#include <algorithm>
#include <optional>

#include "plans/actions.hpp"
#include "plans/confidence.hpp"
#include "plans/roles.hpp"
#include "plans/tiers.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

using domain::no_task;
using domain::task_index;

/// Leaves below each task; a leaf counts itself.
std::vector<std::size_t> count_leaves(const domain::plan& plan, std::vector<bool>& is_leaf) {
  is_leaf.assign(plan.tasks.size(), true);
  for (const auto& task : plan.tasks)
    if (task.parent != no_task) is_leaf[task.parent] = false;
  std::vector<std::size_t> leaves(plan.tasks.size(), 0);
  for (std::size_t i = plan.tasks.size(); i-- > 0;) {  // children come after their parents
    if (is_leaf[i]) leaves[i] = 1;
    if (const task_index parent = plan.tasks[i].parent; parent != no_task) leaves[parent] += leaves[i];
  }
  return leaves;
}

domain::estimate share_of(const domain::estimate& whole, std::size_t parts) {
  const auto count = static_cast<double>(parts);
  return {whole.days_min / count, whole.days_realistic / count, whole.days_max / count};
}

void share_estimates(domain::plan& plan, const std::vector<bool>& is_leaf, const std::vector<std::size_t>& leaves) {
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    if (!is_leaf[i] || plan.tasks[i].estimate) continue;
    task_index ancestor = plan.tasks[i].parent;
    while (ancestor != no_task && !plan.tasks[ancestor].estimate) ancestor = plan.tasks[ancestor].parent;
    if (ancestor == no_task) continue;
    plan.tasks[i].estimate = share_of(*plan.tasks[ancestor].estimate, leaves[ancestor]);
  }
}

/// Roles by resources; where those tell nothing, by what the neighbours got: the same parent's leaves, then the next
/// ancestor's, up to the phase; but the task's own words come before both. Last the plan's most used role, and the
/// team's first.
class role_assignment {
 public:
  role_assignment(const domain::plan& plan, const std::vector<bool>& is_leaf, const std::vector<given_fields>& given)
      : plan_(plan), matches_(plan.tasks.size()), uses_(plan.tasks.size() + 1) {
    if (plan.roles.empty()) return;
    const role_matcher matcher{plan.roles};
    for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
      if (!is_leaf[i] || given[i].role) continue;
      auto match = matcher.find(plan.tasks[i].resources);
      if (match) count(i, match->role);
      if (!match) match = matcher.find_by_words(plan.tasks[i].title, plan.tasks[i].description);
      if (match) matches_[i] = *match;
    }
  }

  role_match of(std::size_t leaf) const {
    if (plan_.roles.empty()) return {};
    if (matches_[leaf].fit != role_fit::none) return matches_[leaf];
    const task_index parent = plan_.tasks[leaf].parent;
    for (task_index at = parent; at != no_task; at = plan_.tasks[at].parent)
      if (!uses_[at].empty())
        return {most_used(uses_[at]), role_fit::neighbour, at == parent ? certainty_neighbour : certainty_plan};
    if (!uses_.back().empty()) return {most_used(uses_.back()), role_fit::neighbour, certainty_plan};
    return {0, role_fit::none, certainty_none};
  }

 private:
  void count(std::size_t leaf, std::size_t role) {
    for (task_index at = plan_.tasks[leaf].parent; at != no_task; at = plan_.tasks[at].parent) count_at(at, role);
    count_at(plan_.tasks.size(), role);
  }
  void count_at(std::size_t at, std::size_t role) {
    uses_[at].resize(max_team_roles, 0);
    ++uses_[at][role];
  }
  static std::size_t most_used(const std::vector<std::size_t>& uses) {
    return static_cast<std::size_t>(std::max_element(uses.begin(), uses.end()) - uses.begin());
  }

  const domain::plan& plan_;
  std::vector<role_match> matches_;
  std::vector<std::vector<std::size_t>>
      uses_;  ///< how often resources name each role below a task; the last: in the plan
};

/// What is open of action, capabilities, tier, executability and confidence.
void complete_leaf(domain::task_definition& task, const given_fields& given, const text_groups& parent_title,
                   bool written_for_agents) {
  const leaf_reading reading{task, parent_title};
  auto actions = actions_of_leaf(reading.parts, task.description);
  if (given.action) actions = {task.action};
  if (!given.action) task.action = actions.front();
  if (task.required_capabilities.empty()) task.required_capabilities = std::move(actions);
  if (!given.tier) {
    task.tier = given.action ? tier_of_action(task.action) : tier_of_leaf(reading).tier;
    if (given.executable && !task.agent_executable) task.tier = domain::autonomy_tier::person_led;
  }
  if (!given.executable) task.agent_executable = task.tier != domain::autonomy_tier::person_led;
  if (given.confidence) return;
  leaf_facts facts;
  facts.written_for_agents = written_for_agents;
  facts.resources = task.resources.size();
  facts.estimate = task.estimate;
  facts.tier = task.tier;
  task.why = explain(reading, facts);
  task.decomposition_confidence = score_of(task.why);
}

given_fields given_by_value(const domain::task_definition& part) {
  given_fields given;
  given.action = !part.action.empty();
  given.role = !part.assignee_role.empty();
  given.confidence = part.decomposition_confidence < 1;
  given.tier = part.tier != domain::autonomy_tier::agent_alone;
  given.executable = !part.agent_executable;
  return given;
}

}  // namespace

void complete_leaves(domain::plan& plan, const std::vector<given_fields>& given, bool written_for_agents) {
  std::vector<bool> is_leaf;
  const auto leaves = count_leaves(plan, is_leaf);
  share_estimates(plan, is_leaf, leaves);
  const role_assignment roles{plan, is_leaf, given};
  task_index parent = no_task;
  text_groups parent_title;  // of the leaf before, too, more often than not
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    if (!is_leaf[i]) continue;
    auto& task = plan.tasks[i];
    if (given[i].role) {
      task.role_certainty = task.assignee_role.empty() ? 0 : 1;
    } else if (!plan.roles.empty()) {
      const role_match match = roles.of(i);
      task.assignee_role = plan.roles[match.role].name;
      task.role_certainty = match.certainty;
    }
    if (task.parent != parent) {
      parent = task.parent;
      parent_title = parent == no_task ? text_groups{} : text_groups{words(plan.tasks[parent].title)};
    }
    complete_leaf(task, given[i], parent_title, written_for_agents);
  }
}

void complete_subtasks(const domain::task_definition& parent, std::vector<domain::new_subtask>& subtasks,
                       const std::vector<given_fields>& given) {
  const text_groups parent_title{words(parent.title)};
  for (std::size_t i = 0; i < subtasks.size(); ++i) {
    auto& part = subtasks[i].definition;
    if (part.assignee_role.empty()) {
      part.assignee_role = parent.assignee_role;
      part.role_certainty = parent.role_certainty;
    } else if (given[i].role && part.role_certainty == 0) {
      part.role_certainty = 1;
    }
    if (part.priority == 0) part.priority = parent.priority;
    if (!part.estimate && parent.estimate) part.estimate = share_of(*parent.estimate, subtasks.size());
    // Whoever takes a task apart means the parts to be done as they stand.
    complete_leaf(part, given[i], parent_title, true);
  }
}

void complete_subtasks(const domain::task_definition& parent, std::vector<domain::new_subtask>& subtasks) {
  std::vector<given_fields> given;
  given.reserve(subtasks.size());
  for (const auto& subtask : subtasks) given.push_back(given_by_value(subtask.definition));
  complete_subtasks(parent, subtasks, given);
}

}  // namespace planexe::plans
