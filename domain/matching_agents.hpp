// The agents: the offers that wait for work, and who is within reach, filed by what they can do. One half of the match
// table, which drives it. As on the side of the work, an agent lies in a lane for each action and role that it has, and
// for its actions in any role, so that whoever has a leaf to hand out looks at the few lanes that it asks for.
#pragma once

#include <map>

#include "domain/matching_work.hpp"

namespace planexe::domain {

/// An agent that asks for work.
struct work_offer {
  std::uint64_t id = 0;  ///< drawn by the asker, unique among open offers
  agent_id agent;
  std::shared_ptr<const agent_profile> profile;
  std::vector<std::string> supported_actions;  ///< empty: whatever it is capable of
  std::uint32_t slots = 1;
};

struct waiting_offer {
  work_offer offer;
  work_search search;
  std::uint64_t place = 0;  ///< later offers have greater ones
};

class agents_at_hand {
 public:
  work_search search_of(const work_offer& offer) const;

  void park(work_offer offer, work_search search);
  void withdraw(std::uint64_t offer_id);
  std::size_t waiting_count() const { return waiting_.size(); }

  struct taker {
    const waiting_offer* offer = nullptr;  ///< null: nobody
    bool exact = false;
  };
  /// Who of those that wait should have a leaf of this kind, by the rules of the match table.
  taker best_for(const work_kind& kind) const;

  /// What a change of who is within reach may change for those who look for agents.
  struct change {
    std::vector<std::shared_ptr<const skill_set>> specialists;  ///< of whom the first one came or the last one left
    bool whether_at_all = false;  ///< the agent was out of reach and is not now, or is now
    bool generalists = false;     ///< the first one came or the last one left
  };
  change reach(const agent_id& agent, std::shared_ptr<const agent_profile> profile);
  change lose(const agent_id& agent);
  bool reaches(const agent_id& agent) const { return in_reach_.contains(agent); }
  /// Whether somebody within reach can take it who is not a generalist.
  bool specialist_for(const work_kind& kind) const;
  /// Whether some generalist is within reach; one who is a person, where that matters.
  bool generalist_for(bool human) const { return people_of_all_trades_ > 0 || (!human && others_of_all_trades_ > 0); }

 private:
  struct agent_lane {
    std::map<std::uint64_t, const waiting_offer*> waiting;  ///< by place
    std::size_t in_reach = 0;
  };
  struct reached_agent {
    std::shared_ptr<const agent_profile> profile;
    std::shared_ptr<const skill_set> skills;
  };

  template <class Visit>
  static void each_lane(const work_search& search, Visit&& visit);
  template <class Visit>
  static void each_pinned_lane(const work_search& search, const agent_id& agent, Visit&& visit);
  void unpark(const lane_view& name, std::uint64_t place);
  /// Counts an agent in or out; whether a lane came to have its first one or lost its last one.
  bool count(const std::shared_ptr<const skill_set>& whose, bool in);
  bool in_reach(std::string_view action, std::string_view role, unsigned marks) const;
  const waiting_offer* first_in(std::string_view action, std::string_view role, unsigned marks) const;
  const waiting_offer* exact_specialist(const work_kind& kind, unsigned person) const;
  const waiting_offer* exact_generalist(const work_kind& kind, unsigned person) const;
  const waiting_offer* specialist(const work_kind& kind, unsigned person) const;
  const waiting_offer* generalist(const work_kind& kind, unsigned person) const;

  std::unordered_map<agent_id, reached_agent> in_reach_;
  std::unordered_map<std::uint64_t, waiting_offer> waiting_;
  lane_map<agent_lane> lanes_;
  role_index roles_;  ///< of those that wait or are within reach
  std::uint64_t places_ = 0;
  std::size_t people_of_all_trades_ = 0;
  std::size_t others_of_all_trades_ = 0;
};

}  // namespace planexe::domain
