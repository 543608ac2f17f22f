// Files copied, hashed and made durable, and the list of their sums as `sha256sum` writes it. One thread; blocks.
// Private to the room.
#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "domain/event_record.hpp"
#include "domain/result.hpp"

namespace planexe::eventstore {

/// Asked every few milliseconds of work; an error ends it.
using may_go_on = std::function<result<void>()>;

struct file_sum {
  std::string path;    ///< relative to the folder, with '/' between its parts
  std::string sha256;  ///< lower-case hexadecimal
  std::uint64_t bytes = 0;
};

/// The sum of a file as it is read now.
result<file_sum> sum_of(rocksdb::Env& environment, const std::string& folder, const std::string& path,
                        const may_go_on& go_on);
/// Copies a file that stands still, or grows: as much of it as there is. Synced, in a folder that is not yet. Whoever
/// reads the copy afterwards is given what the disk has, and can hold that against the sum.
result<file_sum> copy_file(rocksdb::Env& environment, const std::string& from, const std::string& folder,
                           const std::string& path, const may_go_on& go_on);

/// Whether a path, which need not be there, is in the folder or is the folder itself, whichever way it leads there.
bool lies_in(const std::string& path, const std::string& folder);

/// Every file below the folder, in order of their paths. What is neither file nor folder is an error.
result<std::vector<std::string>> files_below(const std::string& folder);
/// With all that is in it. One that is not there is no error.
result<void> remove_folder(rocksdb::Env& environment, const std::string& folder);
/// Makes what was made, renamed and removed in the folder durable.
result<void> sync_folder(rocksdb::Env& environment, const std::string& folder);

/// One line for each file: its sum, two blanks, its path.
std::string sums_text(const std::vector<file_sum>& sums);
/// Without their sizes; nothing when the text is no such list.
std::optional<std::vector<file_sum>> parse_sums(std::string_view text);

/// `what` and what the environment says, in one line.
error file_error(const std::string& what, const rocksdb::Status& status);

}  // namespace planexe::eventstore
