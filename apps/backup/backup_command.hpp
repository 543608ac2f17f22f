// The commands `planexe-ax backup` and `planexe-ax restore`: through a running server, or on folders. One thread;
// blocks until it is done; nothing is thrown.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "apps/usual_server.hpp"

namespace planexe::backing_up {

struct backup_question {
  enum class verb : std::uint8_t { make, list, verify, restore } what = verb::make;
  /// Of make: a name in the server's folder of backups, or the folder to be made; of verify and restore: the backup.
  std::string target;
  bool json = false;
  std::string url = answers::usual_server;
  std::string data_folder;  ///< of make: what is backed up, instead of asking the server; of restore: where it goes
  std::string release;      ///< of this program
};

/// Returns 0 when it is done, 1 when it was refused, failed, or a backup is not whole, 2 when it was asked wrongly.
int run_backup(const backup_question& asked, std::ostream& out, std::ostream& err);

}  // namespace planexe::backing_up
