// Backups: a folder with a copy of everything that a data folder's log is made of (`data/`, archived executions
// included), what it is (`BACKUP`), and the SHA-256 of every file (`SHA256SUMS`, as `sha256sum -c` reads it).
// A backup appears under its name when it is whole and durable, and not before. It shares no file with the data folder.
// The copy of the log is a prefix of it that holds everything acknowledged before the backup began.
// One thread calls each of these functions and is blocked; the store's own threads go on meanwhile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "eventstore/rocksdb_store.hpp"

namespace planexe::eventstore {

struct backup_facts {
  std::string release;          ///< of the program that made it
  domain::timestamp made_at{};  ///< when it was begun
  log_head head;                ///< of the log in it
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

struct backup_order {
  std::string target;  ///< the folder to be made; those above it are made as well
  std::string release;
  domain::timestamp now{};
  /// Asked every megabyte; an error ends the backup, which leaves nothing. Empty: nobody is asked.
  std::function<result<void>()> go_on;
};

/// `errc::invalid` where a backup of the data folder would be made in that folder, or in its archive, by whatever path.
/// Making one asks this first.
result<void> check_place(const std::string& target, const std::string& data_folder);

/// Of a store that is in use. `errc::invalid` as of `check_place`, `errc::conflict` when the target is there,
/// `errc::locked` while another backup is made beside it, `errc::corrupt`, naming the file, when that of an archived
/// execution is missing or not the one that was written.
result<backup_facts> back_up(const rocksdb_store& store, const backup_order& order);
/// Of a data folder, whether or not a server has it open: nothing is written to it, and no lock is taken. The further
/// errors are those of `rocksdb_store::open_to_read`.
result<backup_facts> back_up_folder(const std::string& data_folder, const backup_order& order,
                                    const rocksdb_settings& settings = {});

/// What a backup says of itself, unchecked. `errc::not_found` where there is none.
result<backup_facts> read_backup(const std::string& folder);

struct named_backup {
  std::string name;
  backup_facts facts;
};
/// The backups in a folder, unchecked, the newest first. None where the folder is not there.
result<std::vector<named_backup>> list_backups(const std::string& folder);

/// Every file has its sum and none is there besides; the log opens and ends where the backup says. `errc::corrupt`,
/// naming the first file that is wrong, else.
result<backup_facts> verify_backup(const std::string& folder, const rocksdb_settings& settings = {});

/// Verifies a backup and copies its data into a folder that is not there, or is empty. The folder appears when it is
/// whole and durable, and every file read back from it has its sum. `errc::conflict` when it holds anything,
/// `errc::invalid` when it would lie in the backup.
result<backup_facts> restore_backup(const std::string& folder, const std::string& data_folder,
                                    const rocksdb_settings& settings = {});

/// Where a backup's data are: a data folder to read.
std::string data_in_backup(const std::string& folder);

/// The bytes that a backup of this data folder takes, about.
std::uint64_t backup_bytes(const std::string& data_folder);

/// Whether a folder may be called that: letters, digits, '.', '_' and '-', 100 at most, the first a letter or digit.
bool is_backup_name(std::string_view name);

}  // namespace planexe::eventstore
