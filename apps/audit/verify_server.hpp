// `planexe-ax verify` through a running server: one execution, or all of them, in the log and in its archive. One
// thread; blocks; throws for want of memory alone.
#pragma once

#include "apps/audit/verify_command.hpp"

namespace planexe::auditing {

/// Every execution that the server lists is told of: as whole, as damaged, or, where the server could not look, as not
/// looked at. Returns as `run_verify`; what was not looked at is a problem.
int verify_at_server(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err);

}  // namespace planexe::auditing
