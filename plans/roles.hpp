// Finds the team role that a free-text resource means. Plans mix people, tools and groups in `resources_needed`, and
// only one leaf in six names a team member exactly, so the match is loose: case, punctuation and plurals do not count,
// then shared words decide, where "manager" or "specialist" says less than "cricket".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/plan.hpp"

namespace planexe::plans {

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
  struct prepared_role {
    std::vector<std::vector<std::string>> names;  ///< the whole name and each part between slashes and brackets
  };
  std::optional<std::size_t> exact(const std::vector<std::string>& resource) const;
  std::optional<std::size_t> similar(const std::vector<std::string>& resource) const;

  std::vector<prepared_role> team_;
};

}  // namespace planexe::plans
