// The words `verify`, `audit` and `salvage` of the command line, with their options. At the start, one thread.
#pragma once

#include <functional>
#include <utility>

namespace CLI {
class App;
}

namespace planexe::auditing {

/// What was added, and what runs when it was asked for and gives the exit code.
using added_command = std::pair<const CLI::App*, std::function<int()>>;

added_command add_verify(CLI::App& app);
added_command add_audit(CLI::App& app);
added_command add_salvage(CLI::App& app);

}  // namespace planexe::auditing
