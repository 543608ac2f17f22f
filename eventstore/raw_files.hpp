// The files of a RocksDB folder read one by one, without the lists that say how they belong together, and past whatever
// is damaged in them. Never writes. Private to the room; one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace planexe::eventstore {

/// What reading a file came to.
struct file_reading {
  std::string name;
  std::uint64_t records = 0;  ///< that were given
  std::string damage;         ///< the first, in one line; empty: none
  bool lost = false;          ///< nothing of it can be read
  bool unreached = false;     ///< it could not be opened, which is no damage
};

using take_record = std::function<void(std::string_view key, std::string_view value)>;

/// Gives every key and value that a table holds, in the order of the keys. A block that cannot be read is passed over:
/// the keys in it are missing, and no others.
file_reading read_table(const std::string& path, const take_record& take);

/// Gives every key and value that was put, in the order of writing, of every batch of a write-ahead log that is there
/// as a whole and as it was written. What was deleted is not told: for the log, nothing is.
file_reading read_write_ahead_log(const std::string& path, const take_record& take);

}  // namespace planexe::eventstore
