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

/// Opens a folder to read it while its writer goes on, or when there is none. Takes no lock and writes no file. As
/// strict as `open_database`: a list that cannot be read to its end, a table that it names and that is missing, cut or
/// damaged at its ends, and a bad record of the write-ahead log are all `errc::corrupt`. What it shows beside a writer
/// counts only where `layout_of` is the same before and after. Never makes the folder; `errc::not_found` where there is
/// no database.
result<opened_database> open_database_to_read(const std::string& folder, const rocksdb_settings& settings);

/// Opens what `open_database_to_read` refuses: as a secondary instance, which falls back, without a word, to the last
/// state all of whose tables can be opened.
result<opened_database> open_what_is_left(const std::string& folder, const rocksdb_settings& settings);

/// Whether there is a log in the folder: `errc::not_found` where there is none, `errc::corrupt` where parts of one are
/// there without the file that the engine finds them by, `errc::io` where that cannot be seen.
result<void> check_index(const std::string& folder, const rocksdb_settings& settings);

/// Whether something is there that only a log leaves behind: tables, a write-ahead log, the mark of where it once
/// ended, files of archived executions.
bool holds_part_of_a_log(const std::string& folder, rocksdb::Env& environment);

/// The one that the settings name, or the machine's.
rocksdb::Env& environment_of(const rocksdb_settings& settings);

/// Which tables and logs the folder has, and how far its list of them goes. The same before and after an opening: no
/// table was written and no log deleted meanwhile, so what was read is a prefix of what was written, without a hole.
std::string layout_of(const std::string& folder);

/// Of a folder that is damaged: says how to save what stands.
error with_way_on(error why);

/// `what` and the engine's own words, in one line.
error storage_error(const std::string& what, const rocksdb::Status& status);

}  // namespace planexe::eventstore
