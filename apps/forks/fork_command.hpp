// The command `planexe-ax fork`: asks a running server for an execution that begins as another one was at a moment of
// its past. One thread; blocks until it is done; nothing is thrown.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "apps/usual_server.hpp"

namespace planexe::forks {

/// What is absent stays as it was in the origin.
struct fork_order {
  std::string execution;
  std::uint64_t at_seq = 0;
  std::optional<std::string> title;
  std::optional<std::string> agent;
  bool any_agent = false;
  std::optional<std::int32_t> priority;
  std::string options;  ///< a JSON object, as the API's `options`
  std::string reason;
  bool json = false;
  std::string url = answers::usual_server;
};

/// The new execution's id goes to `out`, alone on its line, what there is to say about it to `err`. Returns 0 when it
/// is made, 1 when the server refused it or could not be asked, 2 when it was asked wrongly.
int run_fork(const fork_order& order, std::ostream& out, std::ostream& err);

}  // namespace planexe::forks
