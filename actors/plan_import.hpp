// Keeps a plan: one event in a stream of its own. A plan has no actor, for it never changes.
#pragma once

#include "actors/requests.hpp"
#include "domain/plan.hpp"

namespace planexe::actors {

struct environment;

using plan_reply = command_reply<domain::plan_id, domain::plan>;

/// `plan.id` must be new. Any thread; `reply` is delivered once the plan is durable.
void import_plan(environment& env, std::shared_ptr<const domain::plan> plan, const std::string& actor,
                 std::unique_ptr<plan_reply> reply);

}  // namespace planexe::actors
