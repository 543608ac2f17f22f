// The structured form `{goal, title?, phases, dependencies?, risks?, assumptions?, team?}`: written by hand or by a
// program to be executed, so it is read strictly. Every wrong or unknown member is a problem under its path, and an id
// that does not exist is one too. Missing ids are made from the position: p1, p1.t2, p1.t2.s3.
#pragma once

#include "domain/plan.hpp"
#include "plans/json_text.hpp"
#include "plans/problem_list.hpp"

namespace planexe::plans {

/// The plan, without id; sound only when `problems` stayed empty. `domain::validate` is the caller's.
domain::plan read_structured(const json_value& document, problem_list& problems);

}  // namespace planexe::plans
