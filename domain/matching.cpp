#include "domain/matching.hpp"

#include <algorithm>

namespace planexe::domain {
namespace {

/// What the first of the open leaves lacks.
std::string lack_of(const open_execution& execution) {
  const work_kind* first = nullptr;
  const leaf_key* first_key = nullptr;
  std::size_t kinds = 0;
  for (const auto& [lane, queue] : execution.queues) {
    if (!lane->kind) continue;
    ++kinds;
    if (first_key != nullptr && *first_key < *queue.leaves.begin()) continue;
    first = lane->kind.get();
    first_key = &*queue.leaves.begin();
  }
  const auto& need = first->need;
  std::string text = "agent '" + need.pinned.value + "' is out of reach";
  if (need.pinned.empty())
    text = (need.human ? "no person within reach can '" : "no agent within reach can '") + need.action + "'" +
           (need.role.empty() ? "" : " as " + need.role);
  if (kinds == 2) text += ", or the other kind of work that is ready";
  if (kinds > 2) text += ", or any of the " + std::to_string(kinds - 1) + " other kinds of work that are ready";
  return text;
}

}  // namespace

std::vector<work_claim> match_table::open(const execution_id& execution, std::int32_t priority,
                                          const std::vector<open_leaf>& leaves, bool staffed) {
  std::vector<work_claim> claims;
  const auto* known = work_.find(execution);
  if (leaves.empty() && (known == nullptr || !known->in_line)) return claims;
  auto& entry = work_.enter(execution, priority);
  entry.staffed = staffed;
  unsure_.insert(execution);
  std::vector<leaf_key> fresh;
  for (const auto& leaf : leaves) {
    work_lane* new_kind = nullptr;
    if (const auto key = work_.put(entry, leaf, new_kind)) fresh.push_back(*key);
    if (new_kind != nullptr) work_.note_able(*new_kind, agents_.specialist_for(*new_kind->kind), unsure_);
  }
  hand_out(execution, std::move(fresh), claims);
  return claims;
}

void match_table::hand_out(const execution_id& execution, std::vector<leaf_key> fresh,
                           std::vector<work_claim>& claims) {
  // The execution is looked up each time: with its last leaf it may be gone.
  const auto offer_around = [&](const leaf_key& key, bool only_exact) {
    auto* entry = work_.find(execution);
    if (entry == nullptr) return false;
    const auto filed = entry->leaves.find(key.leaf);
    if (filed == entry->leaves.end() || filed->second.second != key) return false;
    const auto taker = agents_.best_for(*filed->second.first->kind);
    if (taker.offer == nullptr) return false;
    if (only_exact && !taker.exact) return true;
    const auto id = taker.offer->offer.id;
    claim(taker.offer->offer, *entry, key.leaf, claims);
    // An offer is answered with its first claim, so that nobody waits for a second one.
    agents_.withdraw(id);
    return false;
  };
  std::sort(fresh.begin(), fresh.end());
  std::vector<leaf_key> inexact;  // of one priority: somebody can take it, but nobody fits it exactly
  for (std::size_t i = 0; i < fresh.size() && agents_.waiting_count() > 0; ++i) {
    if (offer_around(fresh[i], true)) inexact.push_back(fresh[i]);
    if (i + 1 < fresh.size() && fresh[i + 1].negative_priority == fresh[i].negative_priority) continue;
    for (const auto& key : inexact) offer_around(key, false);
    inexact.clear();
  }
}

/// Takes a leaf out for an offer.
void match_table::claim(const work_offer& offer, open_execution& execution, task_index leaf,
                        std::vector<work_claim>& claims) {
  const auto& need = execution.leaves.at(leaf).first->kind->need;
  auto reason = reason_to_take(need, offer.agent, *offer.profile, offer.supported_actions);
  claims.push_back({offer.id, offer.agent, execution.id, leaf, std::move(reason).value()});
  unsure_.insert(execution.id);
  work_.serve(execution, leaf);
}

void match_table::close(const execution_id& execution, const std::vector<task_index>& leaves) {
  for (const auto leaf : leaves) {
    auto* entry = work_.find(execution);
    if (entry == nullptr) return;
    work_.remove(*entry, leaf);
  }
  unsure_.insert(execution);
}

std::vector<work_claim> match_table::offer(work_offer offer, bool wait) {
  std::vector<work_claim> claims;
  auto search = agents_.search_of(offer);
  while (claims.size() < offer.slots) {
    const auto next = work_.best(search, offer.agent);
    if (!next) break;
    claim(offer, *next->execution, next->key.leaf, claims);
  }
  if (claims.empty() && wait) agents_.park(std::move(offer), std::move(search));
  return claims;
}

// Staffing.

void match_table::note_kinds(const std::vector<work_lane*>& kinds) {
  for (auto* lane : kinds) work_.note_able(*lane, agents_.specialist_for(*lane->kind), unsure_);
}

void match_table::note_change(const agent_id& agent, const agents_at_hand::change& change) {
  if (change.whether_at_all) note_kinds(work_.kinds_pinned_to(agent));
  for (const auto& skills : change.specialists) note_kinds(work_.kinds_for(search_for(skills, {})));
  if (change.generalists) work_.each_open([&](const open_execution& execution) { unsure_.insert(execution.id); });
}

void match_table::reach(const agent_id& agent, std::shared_ptr<const agent_profile> profile) {
  note_change(agent, agents_.reach(agent, std::move(profile)));
}

void match_table::lose(const agent_id& agent) {
  note_change(agent, agents_.lose(agent));
}

bool match_table::is_staffed(const open_execution& execution) const {
  return execution.able_kinds > 0 || (execution.free_kinds > 0 && agents_.generalist_for(false)) ||
         (execution.free_human_kinds > 0 && agents_.generalist_for(true));
}

std::vector<staffing_word> match_table::changed_staffing() {
  std::vector<staffing_word> words;
  for (const auto& id : unsure_) {
    auto* execution = work_.find(id);
    if (execution == nullptr || !execution->in_line) continue;
    const bool staffed = is_staffed(*execution);
    if (staffed == execution->staffed) continue;
    execution->staffed = staffed;
    words.push_back({id, staffed, staffed ? std::string{} : lack_of(*execution)});
  }
  unsure_.clear();
  return words;
}

}  // namespace planexe::domain
