// Finds the phases, tasks and leaves that a plan's risks, failure modes and assumptions speak of, so that whoever looks
// at a blocked task sees what may be wrong with it. By words alone, and cautious: better none than a wrong one.
//
// A task named by its id ("Task ID b8947dc5", a whole id, or an unambiguous beginning of one) is meant. Beyond that the
// texts are compared as vectors of stems, each weighted by how rare it is in the plan (idf); a task with others below
// it also stands for the words that these share. A task is meant when the cosine reaches `least_likeness`, at least two
// words other than the language of plans itself agree, and one of them stands in the task's title. Of a task and
// what is below it, only the one that fits better is taken: the whole phase when its leaves share the theme, the leaf
// when it stands out.
#pragma once

#include "domain/plan.hpp"

namespace planexe::plans {

/// Chosen by looking at 390 risks, failure modes and assumptions of 15 real plans: of the matches between 0.25 and 0.30
/// four in ten are wrong, of those above one in fifteen.
inline constexpr double least_likeness = 0.30;
/// What falls this far behind the best match is not meant as well.
inline constexpr double least_share_of_best = 0.8;
inline constexpr std::size_t most_alike_tasks = 3;
/// With those that are named by id; a risk that names more speaks of the plan as a whole.
inline constexpr std::size_t most_attached_tasks = 6;

/// Fills `tasks` of those risks and assumptions where it is empty, in document order. Deterministic. The plan's parents
/// come before their children; it need not be sound otherwise.
void attach_to_tasks(domain::plan& plan);

}  // namespace planexe::plans
