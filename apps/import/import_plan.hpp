// The command `planexe-ax import`: reads a plan and shows what it would become, or hands it to a running server.
// One thread; blocks until it is done; nothing is thrown.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>

#include "apps/usual_server.hpp"

namespace planexe::importing {

struct import_options {
  std::string plan;      ///< a zip, a folder, JSON, CSV or Markdown
  bool dry_run = false;  ///< show it, store nothing
  bool json = false;     ///< one JSON object instead of text
  std::string url = answers::usual_server;
  std::size_t width = 100;  ///< of the terminal, in columns
  bool colours = false;
};

/// What there is to say goes to `out`; every reason why there is no plan to `err`, one a line. Without `dry_run` the
/// plan's id is what it says. Returns 0 when it is done, 1 when the plan is refused or the server cannot be reached,
/// 2 when the URL is none.
int run_import(const import_options& options, std::ostream& out, std::ostream& err);

}  // namespace planexe::importing
