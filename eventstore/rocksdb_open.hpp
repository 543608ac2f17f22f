// Opening a RocksDB folder: its options and what its errors mean. Private to the room.
#pragma once

#include <rocksdb/db.h>

#include "eventstore/rocksdb_store.hpp"

namespace planexe::eventstore {

struct opened_database {
  std::shared_ptr<rocksdb::Env> environment;  ///< null: the machine's
  std::unique_ptr<rocksdb::DB> database;      ///< after the environment, so that it goes first
};
result<opened_database> open_database(const std::string& folder, const rocksdb_settings& settings);

/// Opens a folder to read it while its writer goes on, or when there is none: as a secondary instance, which takes no
/// lock and writes no file. RocksDB's other way, `OpenForReadOnly`, has no defined behaviour beside a writer: it cannot
/// follow what the writer flushes and deletes between the two looks that it takes, at the list of tables and at the
/// write-ahead log. Never makes the folder; `errc::not_found` where there is no database.
result<opened_database> open_database_to_read(const std::string& folder, const rocksdb_settings& settings);

/// Whether there is a log in the folder: `errc::not_found` where there is none, `errc::corrupt` where parts of one are
/// there without the file that the engine finds them by.
result<void> check_index(const std::string& folder, const rocksdb_settings& settings);

/// The one that the settings name, or the machine's.
rocksdb::Env& environment_of(const rocksdb_settings& settings);

/// Which tables and logs the folder has, and how far its list of them goes. The same before and after an opening: no
/// table was written and no log deleted meanwhile, so what was read is a prefix of what was written, without a hole.
std::string layout_of(const std::string& folder);

/// Follows the writer. What `open_database_to_read` missed because it was moved from the write-ahead log into a table
/// between its two looks is there afterwards.
result<void> catch_up(rocksdb::DB& database, const std::string& folder);

/// `what` and the engine's own words, in one line.
error storage_error(const std::string& what, const rocksdb::Status& status);

}  // namespace planexe::eventstore
