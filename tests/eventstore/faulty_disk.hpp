// A disk below RocksDB that fails on command: loses its power, answers EIO or ENOSPC, or writes short, at any chosen
// operation. Until a file is synced its bytes are only in the cache, and until a folder is synced its new and renamed
// files are too; `drop_cache` makes what a power loss would leave.
// Any thread. The engine's own LOG and LOCK files are no part of it.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "eventstore/rocksdb_store.hpp"

namespace planexe::eventstore::testing {

enum class fault {
  none,
  power_loss,    ///< the operation is torn, and nothing after it reaches the disk
  input_output,  ///< EIO, once
  no_space,      ///< ENOSPC, once
  short_write,   ///< half of the bytes, then EIO, once
};

class faulty_disk : public rocksdb::FileSystemWrapper {
 public:
  faulty_disk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  static const char* kClassName() { return "faulty_disk"; }
  const char* Name() const override { return kClassName(); }

  /// Operations count from 1: appends, syncs, new files, renames.
  void fail_at(std::uint64_t operation, fault kind);
  std::uint64_t operations() const;
  /// The file that the fault hit; nothing while it has not.
  std::optional<std::string> hit() const;
  /// Bytes of write-ahead logs that are not synced.
  std::uint64_t unsynced_log_bytes() const;
  /// The most that there ever were of one.
  std::uint64_t most_unsynced_log_bytes() const;
  /// Tables written so far; compactions take some away again.
  std::uint64_t tables_made() const;
  /// After the database was closed. Of the unsynced bytes of each file, a random part of their beginning stays.
  void drop_cache(std::mt19937_64& random);

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* out,
                                    rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* out, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;

  /// Counts an operation; what it is to answer.
  struct verdict {
    rocksdb::IOStatus status;
    std::size_t bytes = 0;  ///< that still reach the cache
  };
  verdict begin(const std::string& file, std::size_t bytes);
  void appended(const std::string& file, std::size_t bytes);
  void synced(const std::string& file);
  void folder_synced();

 private:
  struct cached_file {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };
  // What a power loss undoes while the folder is not synced: a new file (no source) or a rename.
  struct folder_change {
    std::string file;
    std::string source;
    std::optional<std::string> replaced;
  };

  void move_files(const std::string& from, const std::string& to);

  mutable std::mutex mutex_;
  std::uint64_t operations_ = 0;
  std::uint64_t fail_at_ = 0;
  std::uint64_t tables_made_ = 0;
  std::uint64_t most_unsynced_ = 0;
  fault kind_ = fault::none;
  std::optional<std::string> hit_;
  std::map<std::string, cached_file> files_;
  std::vector<folder_change> changes_;
};

/// A store's settings that put it on the disk.
rocksdb_settings settings_on(const std::shared_ptr<faulty_disk>& disk);

}  // namespace planexe::eventstore::testing
