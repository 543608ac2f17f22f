// The vault's rows in a RocksDB folder, and what is done there when a subject is erased. Private to the room.
//
// With the event of an erasure, in one write, the key is deleted. Copies derived from the words (snapshots, views, kept
// answers) and the bytes that the engine has not thrown away yet go when the folder is next opened to write, before
// anything else is done there; killed on the way, it is done again.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "eventstore/event_log.hpp"

namespace planexe::eventstore {

result<void> load_vault(rocksdb::DB& database, const std::string& folder, vault& keys);

/// Adds the vault's changes to the write of the events that they belong to. Appending thread.
void put_vault(vault& keys, rocksdb::WriteBatch& writes);

/// Where subjects were erased: drops everything that may hold their words, rewrites the tables that held it or a key,
/// and answers true. Nothing else may be open. The engine's list of tables names first and last keys until the folder
/// is opened anew.
result<bool> finish_erasure(rocksdb::DB& database, const std::string& folder, vault& keys);

/// Once in a folder's life: human agents that were there before the vault get their keys, so that what they write from
/// then on is sealed. `log` is the folder's.
result<void> enroll_everybody(rocksdb::DB& database, const std::string& folder, const event_log& log, vault& keys);

}  // namespace planexe::eventstore
