// What holds for the parts of a task whoever thought of them: they have ids, and they fit together. Pure, any thread.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "domain/decomposition.hpp"

namespace planexe::plans {

/// Tells whether an id is in use already, in the plan or by another part.
using taken_id = std::function<bool(std::string_view id)>;

/// Gives every part without an id one of the form `PARENT.1`, `PARENT.2`, … that is free; a parent whose own id leaves
/// no room is shortened, with a hash of it in its place, so that the same parent gives the same ids.
void name_subtasks(const domain::task_id& parent, std::vector<domain::new_subtask>& subtasks, const taken_id& taken);

/// Gives every part an id below `parent`, whatever it was called before, and lets `depends_on` follow.
void rename_subtasks(const domain::task_id& parent, std::vector<domain::new_subtask>& subtasks, const taken_id& taken);

/// Every reason why these parts are no decomposition by themselves: how many they are, ids that repeat, and, with
/// `closed`, a `depends_on` that is none of them; dependencies that form a circle. `field` is a path:
/// `subtasks[2].depends_on`.
std::vector<domain::plan_problem> check_subtasks(const std::vector<domain::new_subtask>& subtasks, bool closed);

/// Actions that some part needs and none of `capabilities` covers, as warnings; none where `capabilities` is empty or
/// holds "*".
std::vector<domain::plan_warning> missing_capabilities(const std::vector<domain::new_subtask>& subtasks,
                                                       const std::vector<std::string>& capabilities);

/// Of the parts' own, in steps of a hundredth; 0 for none.
double mean_confidence(const std::vector<domain::new_subtask>& subtasks);

/// The ids in an order in which the parts can be done: what a part depends on comes before it, and otherwise their own
/// order is kept. Without those of a circle.
std::vector<domain::task_id> execution_sequence(const std::vector<domain::new_subtask>& subtasks);

}  // namespace planexe::plans
