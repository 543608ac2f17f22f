// Who may take what: what a leaf asks for, what an agent can do, and how far the two agree. Pure functions, and the
// names under which both sides of the match table file what they hold.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "domain/agent_events.hpp"

namespace planexe::domain {

/// What a leaf asks of its holder.
struct requirement {
  std::string action;
  std::string role;    ///< empty: any
  agent_id pinned;     ///< not empty: this agent and no other, whatever it can do and is
  bool human = false;  ///< only a person may take it
  friend auto operator<=>(const requirement&, const requirement&) = default;
};

/// Roles are written by people: compared without case, punctuation and plural, and one may say more than the other
/// ("Legal Specialist" is a "Senior Legal Specialist").
bool roles_agree(std::string_view one, std::string_view other);

/// Why an agent may take a leaf, and how well it suits.
struct fit {
  bool exact = false;       ///< its role is the one asked for, but for case; or the leaf is its own by decision
  bool generalist = false;  ///< it may only because it takes any action, or any role where one is asked for
  std::string reason;       ///< for the record
};
/// Nothing when the agent may not take it. One whose capability is "*" is a generalist: it takes any action in any
/// role.
std::optional<fit> fit_of(const requirement& need, const agent_id& agent, const agent_profile& profile,
                          const std::vector<std::string>& supported_actions);
/// The reason alone.
std::optional<std::string> reason_to_take(const requirement& need, const agent_id& agent, const agent_profile& profile,
                                          const std::vector<std::string>& supported_actions);

/// A role in lower case: two roles with the same key are the same role.
std::string role_key(std::string_view role);
/// What remains of a role for comparison, sorted; never empty. Roles agree when one's words include the other's.
std::vector<std::string> role_words(std::string_view role);

/// Known roles by their words, so that those that agree with one are found without a look at all of them.
class role_index {
 public:
  /// Counted: a role is known until it is removed as often as it was added.
  void add(const std::string& key);
  void remove(const std::string& key);

  /// Calls `visit` with the key of each known role that agrees, in no order, until it returns true; whether it did.
  template <class Visit>
  bool any_agreeing(const std::vector<std::string>& words, Visit&& visit) const {
    const auto* rarest = rarest_of(words);
    if (rarest != nullptr)
      for (const auto* role : *rarest)
        if (includes(role->words, words) && visit(role->key)) return true;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i > 0 && words[i] == words[i - 1]) continue;
      const auto shorter = by_anchor_.find(words[i]);
      if (shorter == by_anchor_.end()) continue;
      for (const auto* role : shorter->second)
        if (role->words.size() < words.size() && includes(words, role->words) && visit(role->key)) return true;
    }
    return false;
  }

 private:
  struct known_role {
    std::string key;
    std::vector<std::string> words;
    std::string anchor;  ///< the rarest of its words when it came
    std::size_t users = 0;
  };
  using postings = std::unordered_set<const known_role*>;

  static bool includes(const std::vector<std::string>& more, const std::vector<std::string>& less);
  /// The roles with the rarest of `words`; null when one of these is in no role.
  const postings* rarest_of(const std::vector<std::string>& words) const;

  std::unordered_map<std::string, known_role> roles_;
  std::unordered_map<std::string, postings> by_word_;
  std::unordered_map<std::string, postings> by_anchor_;
};

/// What a profile says about work, made ready for look-ups.
struct skill_set {
  struct role {
    std::string key;
    std::vector<std::string> words;
    friend bool operator==(const role&, const role&) = default;
  };
  bool generalist = false;
  bool any_role = false;
  bool person = false;
  std::vector<std::string> actions;  ///< sorted, each once
  std::vector<role> roles;           ///< without "*", each once
  friend bool operator==(const skill_set&, const skill_set&) = default;
};
skill_set skills_of(const agent_profile& profile);

/// Actions that may be handed out to somebody: any, or those listed.
struct action_choice {
  bool any = false;
  std::vector<std::string> list;  ///< sorted, each once
};
/// What work is looked for: somebody's skills, as far as the asker supports them.
struct work_search {
  std::shared_ptr<const skill_set> skills;
  action_choice pinned;  ///< of leaves that are its own: whatever it supports
  action_choice open;    ///< of others: what it can do as well
};
work_search search_for(std::shared_ptr<const skill_set> skills, const std::vector<std::string>& supported_actions);

/// What a lane holds: leaves that ask for this, or agents that are this.
namespace lane_mark {
inline constexpr unsigned any_action = 1;   ///< whatever the action; the name's is empty
inline constexpr unsigned any_role = 2;     ///< whatever the role; the name's is empty
inline constexpr unsigned human = 4;        ///< leaves for people only, or agents that are people
inline constexpr unsigned generalists = 8;  ///< agents that take any action
inline constexpr unsigned pinned = 16;      ///< `role` is the id of an agent
}  // namespace lane_mark

struct lane_view {
  std::string_view action;
  std::string_view role;
  unsigned marks = 0;
  friend bool operator==(const lane_view&, const lane_view&) = default;
};
struct lane_name {
  std::string action;
  std::string role;
  unsigned marks = 0;
  lane_name(const lane_view& view) : action(view.action), role(view.role), marks(view.marks) {}
  lane_view view() const { return {action, role, marks}; }
  operator lane_view() const { return view(); }
};
struct lane_hash {
  using is_transparent = void;
  std::size_t operator()(const lane_view& name) const noexcept;
};
struct lane_equal {
  using is_transparent = void;
  bool operator()(const lane_view& one, const lane_view& other) const noexcept { return one == other; }
};
template <class Lane>
using lane_map = std::unordered_map<lane_name, Lane, lane_hash, lane_equal>;

}  // namespace planexe::domain
