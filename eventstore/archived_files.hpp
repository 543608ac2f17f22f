// The files of archived executions in a backup: copied beside the log, and held against what the copied log says of
// them. One thread; blocks. Private to the room.
#pragma once

#include "eventstore/event_log.hpp"
#include "eventstore/file_sums.hpp"

namespace planexe::eventstore {

/// Copies every file of a data folder's archive into another data folder, and gives their sums, with paths in the
/// archive. After the log was copied: what the copied log calls archived has its file by then.
result<std::vector<file_sum>> copy_archive(rocksdb::Env& environment, const std::string& data_folder,
                                           const std::string& into, const may_go_on& go_on);

/// Whether each stream that has left the copied log has its file among those that were copied, with the digest that the
/// log has kept. `errc::corrupt`, naming the file in `data_folder`, else. Files that the log knows nothing of do not
/// matter: they were written since, or are left from a process that was cut off.
result<void> check_archive(const event_log& copied, const std::vector<file_sum>& files, const std::string& data_folder);

}  // namespace planexe::eventstore
