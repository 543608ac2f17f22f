// The dashboard as the build put it into the program.
#pragma once

#include <span>

#include "gateway/http/static_files.hpp"

namespace planexe::dashboard {

/// Every file of the page; the one at "/" is the page itself. Any thread.
std::span<const gateway::static_file> files();

}  // namespace planexe::dashboard
