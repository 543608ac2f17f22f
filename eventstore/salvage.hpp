// What can be kept of a damaged folder: of every stream its longest beginning whose hashes all hold. Reads the files of
// the folder one by one, so that neither the engine's own lists nor any other file has to be sound, and writes a new
// folder; the old one is never written to. One thread; blocks; needs the log's space twice while it works.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "eventstore/raw_files.hpp"
#include "eventstore/rocksdb_store.hpp"

namespace planexe::eventstore {

/// A stream that was not kept as a whole.
struct shortened_stream {
  domain::stream_id stream;
  std::uint64_t kept = 0;   ///< its events 1 to this one were
  std::uint64_t known = 0;  ///< how many it had, by all that the damaged folder still tells
  std::string why;          ///< what is wrong with the first that was not
  bool renamed = false;     ///< its name is lost: the one it has now was made up
  bool unreached = false;   ///< its archive could not be read, which need not be damaged
};

struct salvage_result {
  std::uint64_t events = 0;                 ///< kept
  std::uint64_t streams = 0;                ///< kept, whole or in part
  std::uint64_t last_position = 0;          ///< that the damaged log is known to have reached; positions are given anew
  std::vector<shortened_stream> shortened;  ///< in the order in which the streams began
  std::vector<file_reading> damaged_files;
  std::uint64_t events_lost() const;
  /// Of which nothing is left, not even the stream that they were of.
  std::uint64_t events_unknown() const;
};

struct salvage_step {
  std::string what;  ///< for a person
  std::uint64_t done = 0, of = 0;
};
using salvage_progress = std::function<void(const salvage_step&)>;
/// Looks at the new log, in the folder that it has until it is found right. An error is that of the salvage.
using salvage_check = std::function<result<void>(const std::string& folder)>;

/// `to` must not be there, or be an empty folder; after an error it is as it was. It appears when it is whole, durable
/// and checked; until then it is filled under another name, and what a process that ended has left there is taken away.
/// `errc::not_found` where `from` holds no log, `errc::locked` while a server has it open or another process makes
/// `to`, `errc::conflict` where `to` is in use, `errc::newer_version` for a folder of a later release. Streams that
/// were archived are taken back into the log where `archive` has them.
result<salvage_result> salvage(const std::string& from, const std::string& to, const archive_reader* archive = nullptr,
                               const salvage_progress& progress = {}, const salvage_check& check = {});

}  // namespace planexe::eventstore
