// The parts of a task, as people, agents and language models write them down:
//   {subtask_id?, title, description?, action?, params?, depends_on?, success_criteria?, estimated_hours?,
//    timeout_hours?, assignee_role?, priority?, retry_policy?}
// The one reader of that form. Pure, any thread. It looks at types, sizes and ranges; whether the parts fit together is
// for plans/decomposition/subtasks.hpp, and whether they fit below a task for the domain.
#pragma once

#include <string_view>
#include <vector>

#include "domain/decomposition.hpp"
#include "gateway/json/body_fields.hpp"

namespace planexe::gateway {

/// Members that nobody knows are ignored in event reports and in a model's answer, and wrong everywhere else.
enum class unknown_members : std::uint8_t { refused, ignored };

/// The member `name` of `fields`: an array of 1 to `domain::max_subtasks` objects; empty when it is absent. What is
/// wrong is noted as `name[2].title`. A part that gives no `subtask_id` has an empty id, one without `action` an empty
/// action.
std::vector<domain::new_subtask> parse_subtasks(body_fields& fields, std::string_view name, unknown_members unknown);

/// A whole text that is one such array, or an object whose member `subtasks` is one: what a language model answers.
/// Fails with every reason.
expected<std::vector<domain::new_subtask>, problem> parse_subtasks(std::string_view json);

}  // namespace planexe::gateway
