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

/// `what` and the engine's own words, in one line.
error storage_error(const std::string& what, const rocksdb::Status& status);

}  // namespace planexe::eventstore
