// How sure we are that a leaf can be handed out as it stands: specific enough for its doer to begin and to know when it
// is done, whoever leads it. A sum of named features of the plan's own text with fixed weights, no model, the same on
// every machine. The weights were fitted to leaves labelled by hand, so that the score reads as a probability
// (docs/confidence.md). A leaf under the review threshold (0.7 by default) waits for a person's approval.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/plan.hpp"
#include "plans/tiers.hpp"

namespace planexe::plans {

/// What the score looks at beside the leaf's words.
struct leaf_facts {
  bool written_for_agents = false;  ///< from the structured form or a decomposition: meant to be executed as it is
  std::size_t resources = 0;
  std::optional<domain::estimate> estimate;
  domain::autonomy_tier tier = domain::autonomy_tier::agent_alone;
};

/// One feature: it counts with its weight or not at all.
struct confidence_feature {
  std::string_view name;
  double weight = 0;  ///< in steps of a hundredth
  std::string_view meaning;
};
/// All features in the order in which they are explained.
std::span<const confidence_feature> confidence_features();

/// The features that count for this leaf. Their weights sum up to the score before it is held within 0 and 1.
std::vector<domain::confidence_factor> explain(const leaf_reading& leaf, const leaf_facts& facts);

/// The sum of the weights, held within 0 and 1, in steps of a hundredth.
double score_of(const std::vector<domain::confidence_factor>& why);

}  // namespace planexe::plans
