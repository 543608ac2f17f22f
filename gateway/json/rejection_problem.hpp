// A refusal of the domain, or of a room below, as the problem that the client sees. Pure, any thread.
#pragma once

#include "domain/rejection.hpp"
#include "domain/result.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

/// The code of the same name in the table of problems.
problem_code problem_code_of(domain::rejection_code code);

problem to_problem(const domain::rejection& rejection);

/// What went wrong below. `not_found`, `conflict`, `invalid` and `too_large` tell the client why; everything else is
/// `unavailable` without a reason, because internals never leak.
problem to_problem(const error& error);

}  // namespace planexe::gateway
