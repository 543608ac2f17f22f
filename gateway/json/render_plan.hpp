// Plans as clients see them. Pure, any thread; each function appends one JSON value to `out`.
#pragma once

#include <span>
#include <string>

#include "projections/rows.hpp"

namespace planexe::gateway {

class json_writer;

/// The members of a plan's summary. A plan that is not kept has no id, and no time at which it was imported.
void append_plan_summary(json_writer& writer, const projections::plan_row& row);
/// A plan's summary: the answer to an upload and a line of the list.
void render_plan_row(std::string& out, const projections::plan_row& row);
void render_plan_rows(std::string& out, std::span<const projections::plan_row> rows);
/// The summary and what only the plan itself holds: roles with descriptions, risks, assumptions, dependencies with
/// their explanations, start date.
void render_plan(std::string& out, const projections::plan_row& row, const domain::plan& plan);
/// All tasks, those below a task as its `children`, with the order that the plan itself gives as `prerequisites`.
void render_plan_tasks(std::string& out, const domain::plan& plan);

}  // namespace planexe::gateway
