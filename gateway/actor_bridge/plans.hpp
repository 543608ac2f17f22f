// Reading plans that came over HTTP. Private to gateway/actor_bridge.
#pragma once

#include "domain/plan_graph.hpp"
#include "gateway/http/problem.hpp"
#include "plans/plan_reader.hpp"

namespace planexe::gateway {

/// A plan that can be executed, without an id yet; or every reason why not.
expected<std::shared_ptr<domain::plan>, problem> read_checked_plan(std::string_view bytes, plans::plan_format format);

}  // namespace planexe::gateway
