// Finds the team role that a leaf is for. Plans mix people, tools and groups in `resources_needed`, and only one leaf
// in six names a team member exactly, so the match is loose: case, punctuation and plurals do not count, abbreviations
// are written out (QA, PM, R&D, the initials of the team's own roles), a few words for one trade are one (lawyer,
// counsel, legal); then shared words decide, where "manager" or "specialist" says less than "cricket". What no resource
// tells, the words of the task may: against the role's name and description.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/plan.hpp"

namespace planexe::plans {

/// Real teams have 8 roles and real leaves up to 8 resources; what is beyond these limits is not looked at, so that a
/// plan of 20,000 leaves is matched in seconds.
inline constexpr std::size_t max_team_roles = 32;
inline constexpr std::size_t max_leaf_resources = 16;
inline constexpr std::size_t max_role_bytes = 200;

/// From the weakest to the strongest.
enum class role_fit {
  none,       ///< nothing tells: the team's first
  neighbour,  ///< what the leaves beside it got
  words,      ///< the task's words are most like the role's name and description
  similar,    ///< a resource resembles the role's name
  exact,      ///< a resource is the role's name, or short for it
};

/// How sure a role is (`task_definition::role_certainty`). A similar name is as sure as it is alike, between two of
/// these.
inline constexpr double certainty_exact = 1.0;
inline constexpr double certainty_similar_most = 0.9;
inline constexpr double certainty_similar_least = 0.6;
inline constexpr double certainty_words = 0.45;
inline constexpr double certainty_neighbour = 0.3;  ///< below the same parent
inline constexpr double certainty_plan = 0.15;      ///< further away
inline constexpr double certainty_none = 0.05;

struct role_match {
  std::size_t role = 0;  ///< position in the team
  role_fit fit = role_fit::none;
  double certainty = 0;
};

/// A team prepared for matching. Immutable.
class role_matcher {
 public:
  explicit role_matcher(const std::vector<domain::team_role>& team);

  /// The first resource that is a team role by name; failing that, the one that resembles one most.
  std::optional<role_match> find(const std::vector<std::string>& resources) const;

  /// The role whose name and description speak most like the task; nothing where none stands out.
  std::optional<role_match> find_by_words(std::string_view title, std::string_view description) const;

 private:
  struct known_name {
    std::size_t role = 0;
    double weight = 0;  ///< of all its words
  };
  struct likeness {
    std::size_t role = 0;
    double value = 0;  ///< shared weight over all weight
  };
  /// How much a word speaks for a role.
  struct vote {
    std::size_t role = 0;
    double weight = 0;
  };
  void add_name(std::size_t role, std::string_view name);
  void add_initials(const std::vector<domain::team_role>& team);
  void add_votes(const std::vector<domain::team_role>& team);
  std::optional<likeness> similar(const std::vector<std::string>& resource) const;

  std::vector<known_name> names_;  ///< each role's whole name and the parts between slashes and brackets
  std::map<std::vector<std::string>, std::size_t> by_name_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_word_;
  std::unordered_map<std::string, std::vector<vote>> votes_;
  std::size_t roles_ = 0;
};

}  // namespace planexe::plans
