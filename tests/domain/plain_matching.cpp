#include "tests/domain/plain_matching.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace planexe::tests {

using namespace domain;

std::vector<plain_matching::filed_leaf>::iterator plain_matching::find(const execution_id& execution, task_index leaf) {
  return std::find_if(leaves_.begin(), leaves_.end(),
                      [&](const filed_leaf& each) { return each.execution == execution && each.leaf.leaf == leaf; });
}

bool plain_matching::is_open(const execution_id& execution) const {
  return std::any_of(leaves_.begin(), leaves_.end(),
                     [&](const filed_leaf& each) { return each.execution == execution; });
}

std::int64_t plain_matching::round_ago(std::int32_t priority) {
  const auto in_line = std::count_if(executions_.begin(), executions_.end(), [&](const auto& each) {
    return each.second.priority == priority && is_open(each.first);
  });
  return 2 * (lines_[priority].servings - in_line - 1);
}

/// Called before the leaf that it comes with is filed.
void plain_matching::join(known_execution& one) {
  if (one.served) return;
  auto& line = lines_[one.priority];
  line.newcomer = std::min(2 * line.servings, std::max(round_ago(one.priority), line.newcomer + 1));
  one.stamp = line.newcomer;
  one.number = ++numbers_;
}

void plain_matching::forget(std::int32_t priority) {
  const auto before = round_ago(priority);
  const bool nobody = std::none_of(executions_.begin(), executions_.end(), [&](const auto& each) {
    return each.second.priority == priority && is_open(each.first);
  });
  std::erase_if(executions_, [&](const auto& each) {
    const auto& [id, one] = each;
    return one.priority == priority && !is_open(id) && (nobody || !one.served || one.stamp <= before);
  });
  if (nobody) lines_.erase(priority);
}

std::vector<work_claim> plain_matching::open(const execution_id& execution, std::int32_t priority,
                                             const std::vector<open_leaf>& leaves, bool staffed) {
  std::vector<work_claim> claims;
  if (leaves.empty() && !is_open(execution)) return claims;
  const bool known = executions_.contains(execution);
  auto& one = executions_[execution];
  if (!known) one.priority = priority;
  if (one.priority != priority) {
    const auto before = std::exchange(one.priority, priority);
    one.served = false;
    if (is_open(execution)) {
      // In the new line it comes behind those who are there; it does not count among them yet.
      auto& line = lines_[priority];
      line.newcomer = std::min(2 * line.servings, std::max(round_ago(priority) + 2, line.newcomer + 1));
      one.stamp = line.newcomer;
      one.number = ++numbers_;
    }
    forget(before);
  }
  one.staffed = staffed;
  // By the leaf, so that one that comes twice stands where it came last.
  std::map<task_index, std::tuple<std::int64_t, std::uint32_t, task_index>> changed;
  for (const auto& leaf : leaves) {
    const auto filed = find(execution, leaf.leaf);
    if (filed == leaves_.end()) {
      if (!is_open(execution)) join(one);
      leaves_.push_back({execution, leaf});
    } else {
      if (filed->leaf.priority == leaf.priority && filed->leaf.place == leaf.place && filed->leaf.need == leaf.need)
        continue;
      filed->leaf = leaf;
    }
    changed[leaf.leaf] = {-std::int64_t{leaf.priority}, leaf.place, leaf.leaf};
  }
  std::vector<std::tuple<std::int64_t, std::uint32_t, task_index>> fresh;
  for (const auto& [leaf, key] : changed) fresh.push_back(key);
  std::sort(fresh.begin(), fresh.end());
  for (auto from = fresh.begin(); from != fresh.end();) {
    auto to = from;
    while (to != fresh.end() && std::get<0>(*to) == std::get<0>(*from)) ++to;
    for (const bool only_exact : {true, false})
      for (auto each = from; each != to; ++each) hand_out(execution, std::get<2>(*each), only_exact, claims);
    from = to;
  }
  return claims;
}

bool plain_matching::hand_out(const execution_id& execution, task_index leaf, bool only_exact,
                              std::vector<work_claim>& claims) {
  const auto filed = find(execution, leaf);
  if (filed == leaves_.end()) return false;
  auto best = waiting_.end();
  std::pair best_rank{true, true};
  for (auto each = waiting_.begin(); each != waiting_.end(); ++each) {
    const auto found = fit_of(filed->leaf.need, each->agent, *each->profile, each->supported_actions);
    if (!found || (only_exact && !found->exact)) continue;
    const std::pair rank{!found->exact, found->generalist};
    if (best != waiting_.end() && best_rank <= rank) continue;
    best = each;
    best_rank = rank;
  }
  if (best == waiting_.end()) return false;
  claim(*best, *filed, claims);
  waiting_.erase(best);
  return true;
}

void plain_matching::claim(const work_offer& offer, const filed_leaf& leaf, std::vector<work_claim>& claims) {
  const auto [execution, what] = leaf;
  claims.push_back({offer.id, offer.agent, execution, what.leaf,
                    fit_of(what.need, offer.agent, *offer.profile, offer.supported_actions)->reason});
  auto& one = executions_.at(execution);
  one.stamp = 2 * ++lines_[one.priority].servings;
  one.number = ++numbers_;
  one.served = true;
  leaves_.erase(find(execution, what.leaf));
  forget(one.priority);
}

void plain_matching::close(const execution_id& execution, const std::vector<task_index>& leaves) {
  for (const auto leaf : leaves) {
    const auto filed = find(execution, leaf);
    if (filed == leaves_.end()) continue;
    leaves_.erase(filed);
    forget(executions_.at(execution).priority);
  }
}

std::vector<work_claim> plain_matching::offer(const work_offer& offer, bool wait) {
  std::vector<work_claim> claims;
  while (claims.size() < offer.slots) {
    const auto rank = [&](const filed_leaf& each) {
      const auto& one = executions_.at(each.execution);
      const auto found = fit_of(each.leaf.need, offer.agent, *offer.profile, offer.supported_actions);
      return std::tuple{!found,          -one.priority,       one.stamp,
                        one.number,      -each.leaf.priority, !found || !found->exact,
                        each.leaf.place, each.leaf.leaf};
    };
    const auto best = std::min_element(leaves_.begin(), leaves_.end(),
                                       [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    if (best == leaves_.end() || std::get<0>(rank(*best))) break;
    claim(offer, *best, claims);
  }
  if (claims.empty() && wait) waiting_.push_back(offer);
  return claims;
}

void plain_matching::withdraw(std::uint64_t offer_id) {
  std::erase_if(waiting_, [&](const work_offer& each) { return each.id == offer_id; });
}

void plain_matching::reach(const agent_id& agent, std::shared_ptr<const agent_profile> profile) {
  in_reach_[agent] = std::move(profile);
}

void plain_matching::lose(const agent_id& agent) {
  in_reach_.erase(agent);
}

std::string plain_matching::changed_staffing() {
  std::string text;
  for (auto& [id, one] : executions_) {
    if (!is_open(id)) continue;
    const bool staffed = std::any_of(leaves_.begin(), leaves_.end(), [&](const filed_leaf& each) {
      return each.execution == id && std::any_of(in_reach_.begin(), in_reach_.end(), [&](const auto& agent) {
               return fit_of(each.leaf.need, agent.first, *agent.second, {}).has_value();
             });
    });
    if (std::exchange(one.staffed, staffed) != staffed) text += id.value + (staffed ? " staffed, " : " unstaffed, ");
  }
  return text;
}

}  // namespace planexe::tests
