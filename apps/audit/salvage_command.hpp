// The command `planexe-ax salvage`: takes what stands of a damaged folder into a new one. One thread calls it; it
// blocks until it is done; nothing is thrown.
#pragma once

#include "apps/audit/verify_command.hpp"

namespace planexe::auditing {

struct salvage_order {
  std::string from;
  std::string to;
  bool json = false;
};

/// Returns 0 when nothing was lost, 1 when something was, or when it could not be done, 2 when it was asked wrongly.
int run_salvage(const salvage_order& order, const look& shown, std::ostream& out, std::ostream& err);

}  // namespace planexe::auditing
