#include "domain/matching.hpp"

#include <algorithm>
#include <cctype>

namespace planexe::domain {
namespace {

/// Lower-case words without a plural s, sorted.
std::vector<std::string> role_words(std::string_view role) {
  std::vector<std::string> words(1);
  for (const char c : role) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80)
      words.back() += static_cast<char>(std::tolower(byte));
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  constexpr std::size_t shortest_plural = 4;
  for (auto& word : words)
    if (word.size() >= shortest_plural && word.back() == 's' && word[word.size() - 2] != 's') word.pop_back();
  std::sort(words.begin(), words.end());
  return words;
}

bool contains(const std::vector<std::string>& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

bool roles_agree(std::string_view one, std::string_view other) {
  const auto a = role_words(one), b = role_words(other);
  if (a.empty() || b.empty()) return a.empty() && b.empty();
  return std::includes(a.begin(), a.end(), b.begin(), b.end()) || std::includes(b.begin(), b.end(), a.begin(), a.end());
}

std::optional<std::string> reason_to_take(const requirement& need, const agent_id& agent, const agent_profile& profile,
                                          const std::vector<std::string>& supported_actions) {
  if (!supported_actions.empty() && !contains(supported_actions, "*") && !contains(supported_actions, need.action))
    return std::nullopt;
  if (!need.pinned.empty()) {
    if (need.pinned != agent) return std::nullopt;
    return "the task is this agent's by decision";
  }
  const auto capable = [&](std::string_view action) {
    return std::any_of(profile.capabilities.begin(), profile.capabilities.end(),
                       [&](const capability& c) { return c.action == action; });
  };
  if (capable("*")) return "takes any action";
  if (!capable(need.action)) return std::nullopt;
  if (need.role.empty() || contains(profile.roles, "*")) return "can '" + need.action + "'";
  for (const auto& role : profile.roles)
    if (roles_agree(role, need.role)) return "can '" + need.action + "' as " + role;
  return std::nullopt;
}

match_table::class_number match_table::class_of(const requirement& need) {
  const auto [found, added] = class_numbers_.try_emplace(need, next_class_);
  if (added) {
    auto& fresh = classes_[next_class_++];
    fresh.need = need;
    for (const auto& [agent, profile] : in_reach_)
      if (reason_to_take(need, agent, *profile, {})) ++fresh.able;
  }
  return found->second;
}

const std::optional<std::string>& match_table::reason(waiting_offer& asker, class_number number) {
  const auto [known, unasked] = asker.reasons.try_emplace(number);
  if (unasked)
    known->second = reason_to_take(classes_.at(number).need, asker.offer.agent, *asker.offer.profile,
                                   asker.offer.supported_actions);
  return known->second;
}

void match_table::add_turn(class_number number, const turn_key& turn) {
  classes_.at(number).turns.insert(turn);
  busy_.insert(number);
}

void match_table::drop_turn(class_number number, const turn_key& turn) {
  classes_.at(number).turns.erase(turn);
  if (classes_.at(number).turns.empty()) busy_.erase(number);
}

bool match_table::insert(const execution_id& key, execution_entry& entry, const open_leaf& leaf) {
  const auto number = class_of(leaf.need);
  const leaf_key place{-leaf.priority, leaf.place, leaf.leaf};
  if (const auto known = entry.leaves.find(leaf.leaf); known != entry.leaves.end()) {
    if (known->second == std::pair{number, place}) return false;
    erase(entry, leaf.leaf);  // it asks for something else now
  }
  entry.leaves.emplace(leaf.leaf, std::pair{number, place});
  const auto [known_queue, first] = entry.queues.try_emplace(number);
  if (first) ++classes_.at(number).users;
  auto& queue = known_queue->second;
  if (queue.leaves.empty()) {
    queue.turn = {-entry.priority, entry.last_served, &key};
    add_turn(number, queue.turn);
  }
  queue.leaves.insert(place);
  ++open_count_;
  return true;
}

void match_table::erase(execution_entry& entry, task_index leaf) {
  const auto found = entry.leaves.find(leaf);
  if (found == entry.leaves.end()) return;
  const auto [number, place] = found->second;
  auto& queue = entry.queues[number];
  queue.leaves.erase(place);
  if (queue.leaves.empty()) drop_turn(number, queue.turn);
  entry.leaves.erase(found);
  --open_count_;
}

std::vector<work_claim> match_table::open(const execution_id& execution, std::int32_t priority,
                                          const std::vector<open_leaf>& leaves, bool staffed) {
  auto& [key, entry] = *executions_.try_emplace(execution).first;
  entry.staffed = staffed;
  unsure_.insert(execution);
  if (entry.priority != priority) {
    entry.priority = priority;
    for (auto& [number, queue] : entry.queues) {
      if (queue.leaves.empty()) continue;
      drop_turn(number, queue.turn);
      queue.turn.negative_priority = -priority;
      add_turn(number, queue.turn);
    }
  }
  std::vector<work_claim> claims;
  for (const auto& leaf : leaves) {
    if (!insert(key, entry, leaf)) continue;
    const auto number = entry.leaves.at(leaf.leaf).first;
    for (auto asker = waiting_.begin(); asker != waiting_.end(); ++asker) {
      if (!reason(*asker, number)) continue;
      take(*asker, number, claims);
      // An offer is answered with its first claim, so that nobody waits for a second one.
      waiting_by_id_.erase(asker->offer.id);
      waiting_.erase(asker);
      break;
    }
  }
  return claims;
}

void match_table::close(const execution_id& execution, const std::vector<task_index>& leaves) {
  const auto found = executions_.find(execution);
  if (found == executions_.end()) return;
  for (const auto leaf : leaves) erase(found->second, leaf);
  unsure_.insert(execution);
  if (found->second.leaves.empty()) forget(execution);
}

/// Also the classes that no other execution knows.
void match_table::forget(const execution_id& execution) {
  const auto found = executions_.find(execution);
  for (const auto& [number, queue] : found->second.queues) {
    auto& known = classes_.at(number);
    if (--known.users > 0) continue;
    class_numbers_.erase(known.need);
    classes_.erase(number);
  }
  executions_.erase(found);
}

std::vector<work_claim> match_table::offer(work_offer offer, bool wait) {
  waiting_offer asker{std::move(offer), {}};
  std::vector<work_claim> claims;
  while (claims.size() < asker.offer.slots && take_best(asker, claims)) {
  }
  if (claims.empty() && wait) {
    const auto id = asker.offer.id;
    waiting_by_id_[id] = waiting_.insert(waiting_.end(), std::move(asker));
  }
  return claims;
}

void match_table::withdraw(std::uint64_t offer_id) {
  const auto found = waiting_by_id_.find(offer_id);
  if (found == waiting_by_id_.end()) return;
  waiting_.erase(found->second);
  waiting_by_id_.erase(found);
}

void match_table::count_able(const agent_id& agent, const agent_profile* before, const agent_profile* after) {
  for (auto& [number, each] : classes_) {
    const bool could = before != nullptr && reason_to_take(each.need, agent, *before, {});
    const bool can = after != nullptr && reason_to_take(each.need, agent, *after, {});
    if (could == can) continue;
    each.able = each.able + (can ? 1U : 0U) - (could ? 1U : 0U);
    if (each.able == (can ? 1U : 0U))  // the first one, or none is left
      for (const auto& turn : each.turns) unsure_.insert(*turn.execution);
  }
}

void match_table::reach(const agent_id& agent, std::shared_ptr<const agent_profile> profile) {
  auto& known = in_reach_[agent];
  if (known == profile) return;
  count_able(agent, known.get(), profile.get());
  known = std::move(profile);
}

void match_table::lose(const agent_id& agent) {
  const auto known = in_reach_.find(agent);
  if (known == in_reach_.end()) return;
  count_able(agent, known->second.get(), nullptr);
  in_reach_.erase(known);
}

std::vector<staffing_word> match_table::changed_staffing() {
  std::vector<staffing_word> words;
  for (const auto& execution : unsure_) {
    const auto found = executions_.find(execution);
    if (found == executions_.end() || found->second.leaves.empty()) continue;
    auto& entry = found->second;
    const bool staffed = std::any_of(entry.queues.begin(), entry.queues.end(), [&](const auto& each) {
      return !each.second.leaves.empty() && classes_.at(each.first).able > 0;
    });
    if (staffed == entry.staffed) continue;
    entry.staffed = staffed;
    words.push_back({execution, staffed, staffed ? std::string{} : lack_of(entry)});
  }
  unsure_.clear();
  return words;
}

std::string match_table::lack_of(const execution_entry& entry) const {
  std::set<requirement> needs;
  const std::pair<class_number, leaf_key>* first = nullptr;
  for (const auto& [leaf, place] : entry.leaves) {
    needs.insert(classes_.at(place.first).need);
    if (first == nullptr || place.second < first->second) first = &place;
  }
  const auto& need = classes_.at(first->first).need;
  std::string text = need.pinned.empty() ? "no agent within reach can '" + need.action + "'" +
                                               (need.role.empty() ? "" : " as " + need.role)
                                         : "agent '" + need.pinned.value + "' is out of reach";
  if (const auto more = needs.size() - 1; more > 0)
    text += ", or any of the " + std::to_string(more) + " other kinds of work that are ready";
  return text;
}

bool match_table::take_best(waiting_offer& asker, std::vector<work_claim>& claims) {
  std::optional<class_number> best;
  for (const auto number : busy_) {
    if (!reason(asker, number)) continue;
    if (!best || goes_before(number, *best)) best = number;
  }
  if (!best) return false;
  take(asker, *best, claims);
  return true;
}

bool match_table::goes_before(class_number number, class_number other) const {
  const auto& mine = *classes_.at(number).turns.begin();
  const auto& theirs = *classes_.at(other).turns.begin();
  if (mine != theirs) return mine < theirs;
  const auto& queues = executions_.at(*mine.execution).queues;
  return *queues.at(number).leaves.begin() < *queues.at(other).leaves.begin();
}

/// Claims the next leaf of a class, whose turn it is; the execution goes to the end of the round in each of its
/// classes.
void match_table::take(waiting_offer& asker, class_number number, std::vector<work_claim>& claims) {
  const auto turn = *classes_.at(number).turns.begin();
  auto& entry = executions_.at(*turn.execution);
  const auto leaf = entry.queues.at(number).leaves.begin()->leaf;
  claims.push_back({asker.offer.id, asker.offer.agent, *turn.execution, leaf, *reason(asker, number)});
  entry.last_served = ++served_;
  unsure_.insert(*turn.execution);
  for (auto& [each, queue] : entry.queues) {
    if (queue.leaves.empty()) continue;
    drop_turn(each, queue.turn);
    queue.turn.last_served = served_;
    add_turn(each, queue.turn);
  }
  erase(entry, leaf);
}

}  // namespace planexe::domain
