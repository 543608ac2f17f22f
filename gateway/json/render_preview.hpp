// A plan before it is kept: who would do what, how long it would take, and which way is the longest. Pure, any thread.
#pragma once

#include <memory>
#include <string>

#include "domain/plan_graph.hpp"
#include "projections/rows.hpp"

namespace planexe::gateway {

/// The answer to an upload that is only tried: the summary without an id, and `preview`. `plan` must be one whose
/// dependencies can be followed.
void render_plan_preview(std::string& out, const projections::plan_row& row,
                         const std::shared_ptr<const domain::plan>& plan);

}  // namespace planexe::gateway
