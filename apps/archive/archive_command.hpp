// The command `planexe-ax archive`: takes executions that are over out of the log, through a running server or in a
// data folder that no server has open. One thread; blocks until it is done; nothing is thrown.
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "apps/usual_server.hpp"

namespace planexe::archiving {

struct archive_order {
  std::string execution;                  ///< one of them; empty: by their age
  std::optional<double> older_than_days;  ///< those that have been over for longer
  bool json = false;
  std::string url = answers::usual_server;
  std::string data_folder;  ///< where given, instead of the server
  std::string actor;        ///< who does it, for the record of the data folder
};

/// Says what was archived on `out`, a line each, or as one JSON array, and what went wrong on `err`. Returns 0 when all
/// that was asked for is archived, 1 when it was refused or nobody could be asked, 2 when it was asked wrongly.
int run_archive(const archive_order& order, std::ostream& out, std::ostream& err);

}  // namespace planexe::archiving
