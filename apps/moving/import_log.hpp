// The command `planexe-ax import-log`: a record file into a data folder that no server has open. Everything is checked
// before anything is stored. One thread; blocks until it is done; nothing is thrown.
#pragma once

#include <ostream>
#include <string>

namespace planexe::moving {

struct import_order {
  std::string file;         ///< plain or compressed
  std::string data_folder;  ///< empty, existing, or made
  bool dry_run = false;     ///< check, and store nothing
  bool json = false;
};

/// Returns 0 when it is done, 1 when the file is wrong or does not fit the folder: then nothing was stored.
int run_import_log(const import_order& order, std::ostream& out, std::ostream& err);

}  // namespace planexe::moving
