#include "domain/matching_work.hpp"

#include <algorithm>
#include <tuple>

namespace planexe::domain {
namespace {

unsigned human_mark(bool is) {
  return is ? lane_mark::human : 0;
}

/// The lane of a requirement's kind; `role` is its key.
lane_view name_of(const requirement& need, const std::string& role) {
  if (!need.pinned.empty()) return {need.action, need.pinned.value, lane_mark::pinned};
  return {need.action, role, human_mark(need.human)};
}

}  // namespace

open_execution* open_work::find(const execution_id& id) {
  const auto found = executions_.find(id);
  return found == executions_.end() ? nullptr : &found->second;
}

// The line.

open_execution& open_work::enter(const execution_id& id, std::int32_t priority) {
  const auto [known, fresh] = executions_.try_emplace(id);
  auto& execution = known->second;
  if (fresh) {
    execution.id = id;
    execution.priority = priority;
  } else if (execution.priority != priority) {
    move(execution, priority);
  }
  return execution;
}

void open_work::join_line(open_execution& execution) {
  auto& line = lines_[execution.priority];
  line.idle.erase({execution.stamp, &execution});
  // Whoever was served in this round keeps its place, so that a plan that goes step by step does not come first at each
  // step. All others are new, and go first, but each half a step behind the one before, so that however many of them
  // come, those who wait come nearer.
  if (!execution.served) {
    execution.stamp = std::min(2 * line.servings, std::max(line.round_ago(), line.newcomer + 1));
    execution.number = ++numbers_;
    line.newcomer = execution.stamp;
  }
  execution.in_line = true;
  ++line.open;
}

void open_work::leave_line(open_execution& execution) {
  auto& line = lines_.at(execution.priority);
  const auto priority = execution.priority;
  execution.in_line = false;
  --line.open;
  if (execution.served)
    line.idle.emplace(execution.stamp, &execution);
  else
    executions_.erase(executions_.find(execution.id));
  forget_idle(priority);
}

void open_work::move(open_execution& execution, std::int32_t priority) {
  const auto before = execution.priority;
  auto& left = lines_.at(before);
  if (execution.in_line)
    --left.open;
  else
    left.idle.erase({execution.stamp, &execution});
  forget_idle(before);
  execution.priority = priority;
  execution.served = false;
  if (!execution.in_line) return;
  join_line(execution);
  for (auto& [lane, queue] : execution.queues) {
    lane->turns.erase(queue.turn);
    queue.turn = execution.turn();
    lane->turns.insert(queue.turn);
  }
}

/// Forgets those whose place would not be kept if they returned; a line without anybody is gone.
void open_work::forget_idle(std::int32_t priority) {
  const auto found = lines_.find(priority);
  auto& line = found->second;
  while (!line.idle.empty() && (line.open == 0 || line.idle.begin()->first <= line.round_ago())) {
    executions_.erase(executions_.find(line.idle.begin()->second->id));
    line.idle.erase(line.idle.begin());
  }
  if (line.open == 0) lines_.erase(found);
}

// The lanes.

work_lane* open_work::find_lane(std::string_view action, std::string_view role, unsigned marks) {
  const auto found = lanes_.find(lane_view{action, role, marks});
  return found == lanes_.end() ? nullptr : &found->second;
}

work_lane& open_work::lane_of(const requirement& need, work_lane*& fresh) {
  const auto role = role_key(need.role);
  const auto name = name_of(need, role);
  if (auto* known = find_lane(name.action, name.role, name.marks)) return *known;
  const auto lane = [&](const lane_view& wanted) -> work_lane* {
    return &lanes_.try_emplace(lane_name{wanted}, work_lane{wanted, {}, {}, {}}).first->second;
  };
  auto* own = lane(name);
  own->kind = std::make_unique<work_kind>();
  auto& kind = *own->kind;
  kind.need = need;
  kind.role = role;
  const auto add = [&](work_lane* one) { kind.lanes[kind.lane_count++] = one; };
  add(own);
  if (!need.pinned.empty()) {
    add(lane({{}, need.pinned.value, lane_mark::pinned | lane_mark::any_action}));
  } else {
    add(lane({need.action, {}, name.marks | lane_mark::any_role}));
    add(lane({{}, {}, name.marks | lane_mark::any_role | lane_mark::any_action}));
    if (!role.empty()) {
      add(lane({{}, role, name.marks | lane_mark::any_action}));
      kind.words = role_words(role);
      roles_.add(role);
    }
  }
  for (std::size_t i = 1; i < kind.lane_count; ++i) kind.lanes[i]->kinds.insert(own);
  ++kind_count_;
  fresh = own;
  return *own;
}

/// Its own lane and the wider ones that are empty now.
void open_work::dissolve(work_kind& kind, work_lane* own) {
  const auto lanes = kind.lanes;
  const auto count = kind.lane_count;
  if (own->turns.empty()) {
    for (std::size_t i = 1; i < count; ++i) lanes[i]->kinds.erase(own);
    if (!kind.words.empty()) roles_.remove(kind.role);
    --kind_count_;
  }
  for (std::size_t i = count; i-- > 0;)
    if (lanes[i]->turns.empty()) lanes_.erase(lanes_.find(lanes[i]->name.view()));
}

void open_work::count_kind(open_execution& execution, const work_kind& kind, bool more) {
  const auto count = [more](std::size_t& number) { more ? ++number : --number; };
  if (kind.able) count(execution.able_kinds);
  if (kind.need.pinned.empty()) count(kind.need.human ? execution.free_human_kinds : execution.free_kinds);
}

void open_work::attach(open_execution& execution, work_lane& own, const leaf_key& key) {
  execution.leaves.insert_or_assign(key.leaf, std::pair{&own, key});
  const auto& kind = *own.kind;
  for (std::size_t i = 0; i < kind.lane_count; ++i) {
    const auto [known, first] = execution.queues.try_emplace(kind.lanes[i]);
    auto& queue = known->second;
    if (first) {
      queue.turn = execution.turn();
      kind.lanes[i]->turns.insert(queue.turn);
      if (i == 0) count_kind(execution, kind, true);
    }
    queue.leaves.insert(queue.leaves.end(), key);  // leaves mostly come in their order
  }
  ++open_count_;
}

void open_work::detach(open_execution& execution, task_index leaf) {
  const auto found = execution.leaves.find(leaf);
  const auto [own, key] = found->second;
  auto& kind = *own->kind;
  execution.leaves.erase(found);
  --open_count_;
  bool emptied = false;
  for (std::size_t i = 0; i < kind.lane_count; ++i) {
    const auto known = execution.queues.find(kind.lanes[i]);
    auto& queue = known->second;
    queue.leaves.erase(key);
    if (!queue.leaves.empty()) continue;
    if (i == 0) count_kind(execution, kind, false);
    kind.lanes[i]->turns.erase(queue.turn);
    emptied = emptied || kind.lanes[i]->turns.empty();
    execution.queues.erase(known);
  }
  if (emptied) dissolve(kind, own);
}

std::optional<leaf_key> open_work::put(open_execution& execution, const open_leaf& leaf, work_lane*& fresh) {
  const leaf_key key{-std::int64_t{leaf.priority}, leaf.place, leaf.leaf};
  if (const auto known = execution.leaves.find(leaf.leaf); known != execution.leaves.end()) {
    const auto role = role_key(leaf.need.role);
    const auto& [own, filed] = known->second;
    if (filed == key && own->name.view() == name_of(leaf.need, role)) return std::nullopt;
    detach(execution, leaf.leaf);  // it asks for something else now
  }
  if (!execution.in_line) join_line(execution);
  attach(execution, lane_of(leaf.need, fresh), key);
  return key;
}

void open_work::remove(open_execution& execution, task_index leaf) {
  if (!execution.leaves.contains(leaf)) return;
  detach(execution, leaf);
  if (execution.leaves.empty()) leave_line(execution);
}

void open_work::serve(open_execution& execution, task_index leaf) {
  auto& line = lines_.at(execution.priority);
  execution.stamp = 2 * ++line.servings;
  execution.number = ++numbers_;
  execution.served = true;
  forget_idle(execution.priority);
  remove(execution, leaf);
}

// The search.

/// Executions that were served since they stood first in this lane go back on the way: a turn only ever becomes a later
/// one, so a key never stands too far behind.
const turn_key& open_work::first_turn(work_lane& lane) {
  for (;;) {
    const auto first = lane.turns.begin();
    const auto now = first->execution->turn();
    if (*first == now) return *first;
    auto node = lane.turns.extract(first);
    node.value() = now;
    now.execution->queues.at(&lane).turn = now;
    lane.turns.insert(std::move(node));
  }
}

void open_work::find_open_candidates(const work_search& search, unsigned human) {
  const auto& skills = *search.skills;
  const auto add = [&](std::string_view action, std::string_view role, unsigned marks, bool exact) {
    if (auto* lane = find_lane(action, role, marks)) candidates_.push_back({lane, exact});
  };
  const auto each_action = [&](const auto& add_one) {
    if (search.open.any) add_one(std::string_view{}, human | lane_mark::any_action);
    for (const auto& action : search.open.list) add_one(std::string_view{action}, human);
  };
  if (skills.generalist || skills.any_role)
    each_action([&](std::string_view action, unsigned marks) { add(action, {}, marks | lane_mark::any_role, false); });
  if (!skills.generalist) each_action([&](std::string_view action, unsigned marks) { add(action, {}, marks, false); });
  for (const auto& role : skills.roles) {
    const auto with_role = [&](const std::string& key) {
      each_action([&](std::string_view action, unsigned marks) { add(action, key, marks, key == role.key); });
      return false;
    };
    if (!skills.generalist)
      roles_.any_agreeing(role.words, with_role);
    else if (!role.key.empty())
      with_role(role.key);
  }
}

void open_work::find_candidates(const work_search& search, const agent_id& agent) {
  candidates_.clear();
  const auto add_pinned = [&](std::string_view action, unsigned marks) {
    if (auto* lane = find_lane(action, agent.value, marks)) candidates_.push_back({lane, true});
  };
  if (search.pinned.any) add_pinned({}, lane_mark::pinned | lane_mark::any_action);
  for (const auto& action : search.pinned.list) add_pinned(action, lane_mark::pinned);
  find_open_candidates(search, 0);
  if (search.skills->person) find_open_candidates(search, lane_mark::human);
}

std::optional<next_leaf> open_work::best(const work_search& search, const agent_id& agent) {
  find_candidates(search, agent);
  const turn_key* turn = nullptr;
  for (const auto& each : candidates_) {
    const auto& first = first_turn(*each.lane);
    if (turn == nullptr || first < *turn) turn = &first;
  }
  if (turn == nullptr) return std::nullopt;
  auto& execution = *turn->execution;
  const leaf_key* chosen = nullptr;
  bool chosen_exact = false;
  for (const auto& each : candidates_) {
    const auto queue = execution.queues.find(each.lane);
    if (queue == execution.queues.end()) continue;
    const auto& key = *queue->second.leaves.begin();
    const auto rank = [](const leaf_key& leaf, bool exact) {
      return std::tuple{leaf.negative_priority, !exact, leaf.place, leaf.leaf};
    };
    if (chosen != nullptr && rank(*chosen, chosen_exact) <= rank(key, each.exact)) continue;
    chosen = &key;
    chosen_exact = each.exact;
  }
  return next_leaf{&execution, *chosen};
}

// Staffing.

void open_work::note_able(work_lane& lane, bool able, std::set<execution_id>& changed) {
  if (lane.kind->able == able) return;
  lane.kind->able = able;
  for (const auto& turn : lane.turns) {
    able ? ++turn.execution->able_kinds : --turn.execution->able_kinds;
    changed.insert(turn.execution->id);
  }
}

std::vector<work_lane*> open_work::kinds_for(const work_search& search) {
  std::vector<work_lane*> kinds;
  if (search.skills->generalist) return kinds;
  candidates_.clear();
  find_open_candidates(search, 0);
  if (search.skills->person) find_open_candidates(search, lane_mark::human);
  for (const auto& each : candidates_) {
    if (each.lane->kind) kinds.push_back(each.lane);
    kinds.insert(kinds.end(), each.lane->kinds.begin(), each.lane->kinds.end());
  }
  return kinds;
}

std::vector<work_lane*> open_work::kinds_pinned_to(const agent_id& agent) {
  const auto* lane = find_lane({}, agent.value, lane_mark::pinned | lane_mark::any_action);
  if (lane == nullptr) return {};
  return {lane->kinds.begin(), lane->kinds.end()};
}

}  // namespace planexe::domain
