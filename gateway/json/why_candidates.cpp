#include "gateway/json/why_candidates.hpp"

#include <algorithm>

#include "domain/requirement.hpp"

namespace planexe::gateway {
namespace {

bool is_busy(const agent_facts& agent) {
  return agent.holds >= agent.profile.max_concurrent_tasks;
}

/// How far an agent is from taking more work.
int distance_of(const agent_facts& agent) {
  if (agent.status == "retired") return 4;
  if (agent.status == "paused") return 3;
  if (agent.status == "unreachable") return 2;
  return is_busy(agent) ? 1 : 0;
}

std::string ago(domain::timestamp then, domain::timestamp now) {
  return domain::in_words(now - then) + " ago";
}

}  // namespace

const std::vector<const agent_facts*>& candidate_search::able(const domain::requirement& need) {
  const auto [place, fresh] = able_.try_emplace(need);
  auto& found = place->second;
  if (!fresh) return found;
  for (const auto& agent : agents_)
    if (domain::reason_to_take(need, agent.id, agent.profile, {})) found.push_back(&agent);
  std::stable_sort(found.begin(), found.end(),
                   [](const agent_facts* a, const agent_facts* b) { return distance_of(*a) < distance_of(*b); });
  return found;
}

candidate_list candidate_search::of(domain::task_index leaf) {
  const auto need = domain::requirement_of(state_, leaf);
  const auto& agents = able(need);
  candidate_list list;
  list.total = agents.size();
  for (const auto* agent : std::span{agents}.first(std::min(agents.size(), most_candidates)))
    list.shown.push_back({agent, why_not(*agent, state_.tasks[leaf].since)});
  if (!agents.empty()) return list;
  if (!need.pinned.empty()) {
    list.none = "no agent '" + need.pinned.value + "' is registered, and no other may take it";
  } else {
    list.none = need.human ? "no person is registered who can '" : "no registered agent can '";
    list.none += need.action + "'" + (need.role.empty() ? "" : " as " + need.role);
  }
  return list;
}

std::string candidate_search::why_not(const agent_facts& agent, domain::timestamp since) const {
  if (agent.status == "retired") return "is retired";
  if (agent.status == "paused") return "is paused";
  if (agent.status == "unreachable")
    return "is out of reach" +
           (agent.last_seen_at ? ", last heard of " + ago(*agent.last_seen_at, now_) : std::string{});
  if (is_busy(agent))
    return "is busy and holds " + std::to_string(agent.holds) + " of " +
           std::to_string(agent.profile.max_concurrent_tasks);
  if (agent.status.empty())
    return "holds " + std::to_string(agent.holds) + " of " + std::to_string(agent.profile.max_concurrent_tasks) +
           "; whether it asks for work is not in the log";
  if (agent.last_seen_at && *agent.last_seen_at < since)
    return "has not asked for work since the task became ready, last heard of " + ago(*agent.last_seen_at, now_);
  return "is free and within reach, but has not asked for such work";
}

}  // namespace planexe::gateway
