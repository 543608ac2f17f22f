// How much of a leaf an agent may do without a person: an ordered list of rules over the leaf's words, of which the
// first that holds decides. A title that asks for several things gets the most careful tier of its parts. The rules
// and how often they are right are in docs/confidence.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/plan.hpp"
#include "plans/actions.hpp"
#include "plans/tier_words.hpp"

namespace planexe::plans {

/// A leaf's words, looked through once.
struct leaf_reading {
  std::vector<title_part> parts;
  std::vector<std::string> description_words;
  text_groups title, description, resources, parent;

  leaf_reading(const domain::task_definition& leaf, const text_groups& parent_title);
};

struct tier_choice {
  domain::autonomy_tier tier = domain::autonomy_tier::agent_with_approval;
  std::string_view rule;  ///< its name in `tier_rules`
};

/// The tier of a leaf whose action came from its title.
tier_choice tier_of_leaf(const leaf_reading& leaf);
/// The tier of a leaf of which only the title is known; that of `action` where the title tells nothing.
domain::autonomy_tier tier_of_title(std::string_view title, std::string_view action);
/// The tier of a leaf whose author named the action, and so decided that an agent may do it unless it is signing.
domain::autonomy_tier tier_of_action(std::string_view action);

/// A rule, for the documentation.
struct tier_rule_text {
  std::string_view name;
  domain::autonomy_tier tier;
  std::string_view meaning;
};
/// All rules in the order in which they are tried.
std::vector<tier_rule_text> tier_rules();

}  // namespace planexe::plans
