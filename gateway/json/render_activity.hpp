// What happened lately, as clients see it. Pure, any thread.
#pragma once

#include <span>
#include <string>

#include "projections/activity_views.hpp"

namespace planexe::gateway {

class json_writer;

void append_activity(json_writer& writer, const projections::activity_row& row);
/// A JSON array in the order of `rows`.
void render_activity(std::string& out, std::span<const projections::activity_row> rows);

}  // namespace planexe::gateway
