// The command `planexe-ax verify`. One thread calls it; it blocks until it is done; nothing is thrown.
#pragma once

#include <ostream>
#include <string>

namespace planexe::auditing {

/// What the terminal can show.
struct look {
  std::size_t width = 100;
  bool colours = false;
  bool moves = false;  ///< a progress line may be drawn over, on standard error
};

struct verify_order {
  /// An execution's id; or a record file, exported or archived, where neither a server nor a folder is given. Empty:
  /// everything.
  std::string what;
  std::string url;          ///< empty: the usual one
  std::string data_folder;  ///< where given, instead of the server
  std::string write_anchor, key_file;
  std::string anchor_file, public_key_file;
  bool json = false;
};

/// The verdict goes to `out`, why there is none to `err`. Returns 0 for a whole record, 1 for one that is not or cannot
/// be read, 2 when it was asked wrongly.
int run_verify(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err);

}  // namespace planexe::auditing
