// How a task of each published action is usually done, step by step. Texts hold the task's own words where they say
// {subject} (its title without the leading verb), {title} and {resources}.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "domain/plan.hpp"

namespace planexe::plans {

struct template_step {
  std::string_view title;
  std::string_view action;
  std::string_view description;
  std::string_view criteria;
  double share = 0;        ///< of the task's estimate; a template's shares add up to 1
  std::string_view after;  ///< the steps it waits for, as digits: "12"
  bool core = false;       ///< the deed itself: it inherits the task's action, parameters, resources and tier
  domain::autonomy_tier tier = domain::autonomy_tier::agent_alone;  ///< at least
};

struct action_template {
  std::string_view action;  ///< `unknown_action` for all that is not published
  std::string_view notes;
  std::span<const template_step> steps;
};

/// One for each published action, and last the one for all else.
std::span<const action_template> action_templates();
/// The one for `action`; the last one where there is none of its own.
const action_template& template_for(std::string_view action);

}  // namespace planexe::plans
