#include "domain/matching_agents.hpp"

#include <algorithm>

namespace planexe::domain {
namespace {

constexpr std::string_view star = "*";  // the role of those that take any; no other role is filed under it

const waiting_offer* earlier(const waiting_offer* a, const waiting_offer* b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  return a->place < b->place ? a : b;
}

}  // namespace

/// The lanes of an offer, or of an agent that supports whatever it can do.
template <class Visit>
void agents_at_hand::each_lane(const work_search& search, Visit&& visit) {
  const auto& skills = *search.skills;
  const unsigned who = (skills.person ? lane_mark::human : 0) | (skills.generalist ? lane_mark::generalists : 0);
  const auto lanes_with = [&](std::string_view action, unsigned marks) {
    visit(lane_view{action, {}, marks | lane_mark::any_role});
    for (const auto& role : skills.roles) visit(lane_view{action, role.key, marks});
    if (skills.any_role && !skills.generalist) visit(lane_view{action, star, marks});
  };
  if (search.open.any) lanes_with({}, who | lane_mark::any_action);
  for (const auto& action : search.open.list) lanes_with(action, who);
}

template <class Visit>
void agents_at_hand::each_pinned_lane(const work_search& search, const agent_id& agent, Visit&& visit) {
  if (search.pinned.any) visit(lane_view{{}, agent.value, lane_mark::pinned | lane_mark::any_action});
  for (const auto& action : search.pinned.list) visit(lane_view{action, agent.value, lane_mark::pinned});
}

// Offers.

work_search agents_at_hand::search_of(const work_offer& offer) const {
  const auto known = in_reach_.find(offer.agent);
  auto skills = known != in_reach_.end() && known->second.profile == offer.profile
                    ? known->second.skills
                    : std::make_shared<const skill_set>(skills_of(*offer.profile));
  return search_for(std::move(skills), offer.supported_actions);
}

void agents_at_hand::park(work_offer offer, work_search search) {
  const auto id = offer.id;
  const auto place = ++places_;
  const auto [known, fresh] = waiting_.try_emplace(id, waiting_offer{std::move(offer), std::move(search), place});
  if (!fresh) return;
  const auto* parked = &known->second;
  const auto file = [&](const lane_view& name) {
    auto lane = lanes_.find(name);
    if (lane == lanes_.end()) lane = lanes_.try_emplace(lane_name{name}).first;
    lane->second.waiting.emplace_hint(lane->second.waiting.end(), place, parked);
  };
  each_pinned_lane(parked->search, parked->offer.agent, file);
  each_lane(parked->search, file);
  for (const auto& role : parked->search.skills->roles) roles_.add(role.key);
}

void agents_at_hand::unpark(const lane_view& name, std::uint64_t place) {
  const auto lane = lanes_.find(name);
  lane->second.waiting.erase(place);
  if (lane->second.waiting.empty() && lane->second.in_reach == 0) lanes_.erase(lane);
}

void agents_at_hand::withdraw(std::uint64_t offer_id) {
  const auto found = waiting_.find(offer_id);
  if (found == waiting_.end()) return;
  const auto& parked = found->second;
  const auto remove = [&](const lane_view& name) { unpark(name, parked.place); };
  each_pinned_lane(parked.search, parked.offer.agent, remove);
  each_lane(parked.search, remove);
  for (const auto& role : parked.search.skills->roles) roles_.remove(role.key);
  waiting_.erase(found);
}

const waiting_offer* agents_at_hand::first_in(std::string_view action, std::string_view role, unsigned marks) const {
  const auto lane = lanes_.find(lane_view{action, role, marks});
  if (lane == lanes_.end() || lane->second.waiting.empty()) return nullptr;
  return lane->second.waiting.begin()->second;
}

const waiting_offer* agents_at_hand::exact_specialist(const work_kind& kind, unsigned person) const {
  return kind.role.empty() ? nullptr : first_in(kind.need.action, kind.role, person);
}

const waiting_offer* agents_at_hand::exact_generalist(const work_kind& kind, unsigned person) const {
  if (kind.role.empty()) return nullptr;
  const unsigned generalist = person | lane_mark::generalists;
  return earlier(first_in(kind.need.action, kind.role, generalist),
                 first_in({}, kind.role, generalist | lane_mark::any_action));
}

const waiting_offer* agents_at_hand::specialist(const work_kind& kind, unsigned person) const {
  const auto& action = kind.need.action;
  if (kind.role.empty()) return first_in(action, {}, person | lane_mark::any_role);
  const waiting_offer* first = nullptr;
  roles_.any_agreeing(kind.words, [&](const std::string& role) {
    first = earlier(first, first_in(action, role, person));
    return false;
  });
  return first;
}

const waiting_offer* agents_at_hand::generalist(const work_kind& kind, unsigned person) const {
  const auto& action = kind.need.action;
  const unsigned marks = person | lane_mark::generalists | lane_mark::any_role;
  const auto* first = earlier(first_in(action, {}, marks), first_in({}, {}, marks | lane_mark::any_action));
  return kind.role.empty() ? first : earlier(first, first_in(action, star, person));
}

agents_at_hand::taker agents_at_hand::best_for(const work_kind& kind) const {
  const auto& need = kind.need;
  if (!need.pinned.empty()) {
    const auto& agent = need.pinned.value;
    return {earlier(first_in({}, agent, lane_mark::pinned | lane_mark::any_action),
                    first_in(need.action, agent, lane_mark::pinned)),
            true};
  }
  using search = const waiting_offer* (agents_at_hand::*)(const work_kind&, unsigned) const;
  const auto among_all = [&](search one) {
    const auto* person = (this->*one)(kind, lane_mark::human);
    return need.human ? person : earlier(person, (this->*one)(kind, 0));
  };
  if (const auto* exact = among_all(&agents_at_hand::exact_specialist)) return {exact, true};
  if (const auto* exact = among_all(&agents_at_hand::exact_generalist)) return {exact, true};
  if (const auto* one = among_all(&agents_at_hand::specialist)) return {one, false};
  return {among_all(&agents_at_hand::generalist), false};
}

// Who is within reach.

bool agents_at_hand::count(const std::shared_ptr<const skill_set>& whose, bool in) {
  const auto& skills = *whose;
  const auto search = search_for(whose, {});
  bool first_or_last = false;
  each_lane(search, [&](const lane_view& name) {
    auto lane = lanes_.find(name);
    if (lane == lanes_.end()) lane = lanes_.try_emplace(lane_name{name}).first;
    auto& number = lane->second.in_reach;
    in ? ++number : --number;
    first_or_last = first_or_last || number == (in ? 1U : 0U);
    if (number == 0 && lane->second.waiting.empty()) lanes_.erase(lane);
  });
  for (const auto& role : skills.roles) in ? roles_.add(role.key) : roles_.remove(role.key);
  if (!skills.generalist) return first_or_last;
  auto& number = skills.person ? people_of_all_trades_ : others_of_all_trades_;
  in ? ++number : --number;
  return number == (in ? 1U : 0U);
}

agents_at_hand::change agents_at_hand::reach(const agent_id& agent, std::shared_ptr<const agent_profile> profile) {
  change made;
  auto& known = in_reach_[agent];
  if (known.profile == profile) return made;
  auto skills = std::make_shared<const skill_set>(skills_of(*profile));
  made.whether_at_all = known.profile == nullptr;
  known.profile = std::move(profile);
  if (known.skills && *known.skills == *skills) return made;
  const auto note = [&](const std::shared_ptr<const skill_set>& whose, bool in) {
    if (!count(whose, in)) return;
    if (whose->generalist)
      made.generalists = true;
    else
      made.specialists.push_back(whose);
  };
  note(skills, true);
  if (known.skills) note(known.skills, false);
  known.skills = std::move(skills);
  return made;
}

agents_at_hand::change agents_at_hand::lose(const agent_id& agent) {
  change made;
  const auto known = in_reach_.find(agent);
  if (known == in_reach_.end()) return made;
  const auto skills = known->second.skills;
  in_reach_.erase(known);
  made.whether_at_all = true;
  if (!count(skills, false)) return made;
  if (skills->generalist)
    made.generalists = true;
  else
    made.specialists.push_back(skills);
  return made;
}

bool agents_at_hand::in_reach(std::string_view action, std::string_view role, unsigned marks) const {
  const auto lane = lanes_.find(lane_view{action, role, marks});
  return lane != lanes_.end() && lane->second.in_reach > 0;
}

bool agents_at_hand::specialist_for(const work_kind& kind) const {
  const auto& need = kind.need;
  if (!need.pinned.empty()) return reaches(need.pinned);
  const auto among_all = [&](std::string_view role, unsigned marks) {
    return in_reach(need.action, role, marks | lane_mark::human) || (!need.human && in_reach(need.action, role, marks));
  };
  if (kind.role.empty()) return among_all({}, lane_mark::any_role);
  return among_all(kind.role, 0) || among_all(star, 0) ||
         roles_.any_agreeing(kind.words, [&](const std::string& role) { return among_all(role, 0); });
}

}  // namespace planexe::domain
