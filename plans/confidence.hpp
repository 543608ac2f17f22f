// How sure we are that a leaf can be handed to an agent as it stands, and how much an agent may do of it without a
// person. A first, visible rule: a sum of a few features of the plan's own text, no model, the same on every machine.
// A leaf under the review threshold (0.7 by default) waits for a person's approval, so the weights are set for the real
// plans at hand, where 5 to 30 % of the leaves fall below it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/plan.hpp"
#include "plans/roles.hpp"

namespace planexe::plans {

/// What the rule looks at.
struct leaf_features {
  bool written_for_agents = false;  ///< from the structured form, whose author meant it to be executed
  bool known_action = false;        ///< given, or found by the title's verb
  std::size_t description_bytes = 0;
  std::size_t resources = 0;
  bool has_team = false;
  role_fit owner = role_fit::none;
  std::optional<double> days;  ///< the realistic estimate
  domain::autonomy_tier tier = domain::autonomy_tier::agent_alone;
  bool vague = false;   ///< `is_vague(title)`
  bool joined = false;  ///< two things in one title
};

/// One feature and what it adds to, or takes from, the sum.
struct confidence_part {
  std::string_view feature;
  double weight = 0;
};

/// Every feature that counts, in a fixed order; those that add nothing are left out.
std::vector<confidence_part> explain(const leaf_features& leaf);

/// The sum of `explain`, held within 0 and 1, in steps of a hundredth.
double confidence(const leaf_features& leaf);

/// Words without an end to reach: ensure, manage, ongoing, …
bool is_vague(std::string_view title);
/// Whether the title asks for two things ("Select and purchase …").
bool is_joined(std::string_view title);

/// The tier of a leaf whose action came from its title. Signing, paying, hiring, what binds in law and what faces a
/// regulator is led by a person; what reaches people or spends money outside needs an approval.
domain::autonomy_tier tier_of_title(std::string_view title, std::string_view action);
/// The tier of a leaf whose author named the action, and so decided that an agent may do it unless it is signing.
domain::autonomy_tier tier_of_action(std::string_view action);

}  // namespace planexe::plans
