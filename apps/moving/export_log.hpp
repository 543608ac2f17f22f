// The command `planexe-ax export`: an execution's events, or a whole log, as a record file (records/line.hpp), from a
// running server or from a data folder, also while a server has it open. One thread; blocks until it is done; nothing
// is thrown.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "apps/usual_server.hpp"

namespace planexe::moving {

struct export_order {
  std::string execution;  ///< its id; empty: the whole log, of a data folder alone
  std::optional<std::uint64_t> last_seq;
  /// A new file, compressed where its name ends with .zst, or a device or pipe; empty: the lines go to `out`.
  std::string output;
  bool as_test = false;  ///< `output` names a test: OUTPUT_test.cpp and its record file, OUTPUT.jsonl
  bool json = false;     ///< what is said about the file, as JSON
  std::string url = answers::usual_server;
  std::string data_folder;  ///< where given, instead of the server
};

/// Returns 0 when it is done, 1 when there is no such thing or it cannot be read or written, 2 when it was asked
/// wrongly. A file is there as a whole or not at all.
int run_export(const export_order& order, std::ostream& out, std::ostream& err);

}  // namespace planexe::moving
