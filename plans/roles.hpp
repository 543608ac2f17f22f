// Finds the team role that a free-text resource means. Plans mix people, tools and groups in `resources_needed`, and
// only one leaf in six names a team member exactly, so the match is loose: case, punctuation and plurals do not count,
// then shared words decide, where "manager" or "specialist" says less than "cricket".
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

enum class role_fit { none, neighbour, similar, exact };

struct role_match {
  std::size_t role = 0;  ///< position in the team
  role_fit fit = role_fit::none;
};

/// A team prepared for matching. Immutable.
class role_matcher {
 public:
  explicit role_matcher(const std::vector<domain::team_role>& team);

  /// The first resource that is a team role by name; failing that, the first that resembles one enough.
  std::optional<role_match> find(const std::vector<std::string>& resources) const;

 private:
  struct known_name {
    std::size_t role = 0;
    double weight = 0;  ///< of all its words
  };
  void add_name(std::size_t role, std::string_view name);
  std::optional<std::size_t> similar(const std::vector<std::string>& resource) const;

  std::vector<known_name> names_;  ///< each role's whole name and the parts between slashes and brackets
  std::map<std::vector<std::string>, std::size_t> by_name_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_word_;
};

}  // namespace planexe::plans
