// Executions that have left the log, as clients see them. Pure, any thread; each function appends one JSON value.
#pragma once

#include <string>

#include "domain/system_events.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {

void append_archived(json_writer& writer, const domain::execution_archived& left, domain::timestamp at);

}  // namespace planexe::gateway
