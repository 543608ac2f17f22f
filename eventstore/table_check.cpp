// The files of a log themselves, below what they hold: log_scan.hpp says what is looked at.
#include <rocksdb/convenience.h>

#include "eventstore/log_scan.hpp"
#include "eventstore/rocksdb_impl.hpp"

namespace planexe::eventstore {
namespace {

bool is_absent(const rocksdb::Status& status) {
  return status.IsNotFound() || status.IsPathNotFound();
}

log_fault of_no_place(const error& why) {
  return {std::nullopt, 0, 0, why.detail, is_unreached(why)};
}

}  // namespace

std::optional<log_fault> check_opening(const rocksdb_store& store) {
  const auto& refused = store.impl_->refused;
  if (!refused) return std::nullopt;
  return of_no_place({refused->code, "no server can open the folder: " + refused->detail});
}

std::vector<log_fault> check_tables(const rocksdb_store& store) {
  const auto& content = *store.impl_;
  const auto options = content.database->GetOptions();
  std::vector<rocksdb::LiveFileMetaData> tables;
  content.database->GetLiveFilesMetaData(&tables);
  std::vector<log_fault> faults;
  std::string gone;
  for (const auto& table : tables) {
    const auto path = table.directory + "/" + table.relative_filename;
    const auto status = rocksdb::VerifySstFileChecksum(options, rocksdb::EnvOptions(options), rocksdb::ReadOptions(),
                                                       path, table.largest_seqno);
    if (is_absent(status))
      gone = table.relative_filename;
    else if (status.IsIOError())
      faults.push_back(of_no_place(storage_error("cannot read the table " + table.relative_filename, status)));
    else if (!status.ok())
      faults.push_back(of_no_place(storage_error("the table " + table.relative_filename + " is damaged", status)));
  }
  if (gone.empty() || content.refused) return faults;
  // They were there when the store was opened. Where a writer has replaced them, the folder opens without them.
  rocksdb_settings settings;
  settings.environment = content.environment;
  if (const auto now = rocksdb_store::open_to_read(content.folder, settings); !now)
    faults.push_back(of_no_place({now.error().code, "the table " + gone + " has gone: " + now.error().detail}));
  return faults;
}

}  // namespace planexe::eventstore
