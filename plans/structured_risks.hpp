// The members `risks` and `assumptions` of the structured form, read strictly. A risk is a text, or an object in our
// words or in PlanExe's: `{title, description?, severity?, likelihood?, impact?, mitigation?, id?, kind?, owner?,
// early_warnings?, tripwires?, stop_rule?, tasks?}`; an assumption a text or `{statement, id?, test?, falsifier?,
// tasks?}`. `tasks` are ids of what it speaks of; without it the words decide (attachment.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "domain/plan.hpp"
#include "plans/object_reader.hpp"

namespace planexe::plans {

/// A task named by a risk or an assumption, to be looked up once all tasks are known.
struct named_attachment {
  bool of_assumption = false;
  std::size_t position = 0;  ///< in the plan's risks or assumptions
  std::string task;
  std::string field;
};

/// Reads both members into the plan and gives the tasks they name.
std::vector<named_attachment> read_structured_risks(object_reader& top, domain::plan& plan, problem_list& problems);

}  // namespace planexe::plans
