// The commands `planexe-ax audit prove`, `check` and `keygen`. One thread; they block; nothing is thrown.
// Return 0 when it is done, 1 when it does not hold or cannot be done, 2 when it was asked wrongly.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace planexe::auditing {

struct prove_order {
  std::string execution;
  std::uint64_t seq = 0;
  std::string data_folder;
  std::string key_file;     ///< signs a new anchor, or
  std::string anchor_file;  ///< the one that the proof leads to
  std::string output;       ///< empty: `out`
  bool json = false;        ///< what is said about the file, as JSON
};
int run_prove(const prove_order& order, std::ostream& out, std::ostream& err);

struct check_order {
  std::string file;             ///< a proof or an anchor
  std::string public_key_file;  ///< empty: only whether it fits together
  bool json = false;
};
int run_check(const check_order& order, std::ostream& out, std::ostream& err);

/// Writes a new private key, and its public part to `FILE.pub`.
int run_keygen(const std::string& file, std::ostream& out, std::ostream& err);

}  // namespace planexe::auditing
