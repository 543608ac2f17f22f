// The whole log of a folder, read as it lies there: in log order, at the pace of a sequential read, every link of every
// chain and every entry of every index checked on the way. Unlike every other reader it goes on behind what is damaged,
// so that it can be told what still stands.
//
// How: the index of positions is read a window at a time; the events of a window are then read stream by stream, which
// is how they lie on the disk, and put back into log order. Memory: a window, which is bounded in bytes too, and some
// 200 bytes for each stream.
//
// Called by one thread, which must not be the appending one; the sink is called by the same. The store must stand
// still, as one that was opened to be read does.
#pragma once

#include <array>
#include <deque>

#include "eventstore/event_log.hpp"

namespace planexe::eventstore {

class rocksdb_store;

/// Something that is not as it was written.
struct log_fault {
  std::optional<domain::stream_id> stream;  ///< none: it concerns the log as a whole
  std::uint64_t seq = 0;                    ///< of the event that it was found at; 0: of none
  std::uint64_t position = 0;               ///< the same in the log; 0: not known
  std::string what;                         ///< one line for a person
  /// It could not be read, which is no damage: its file is not where it should be, or may not be opened.
  bool unreached = false;
};

/// Of what could not be read: whether it may well be sound.
inline bool is_unreached(const error& why) {
  return why.code == errc::io || why.code == errc::not_found;
}

/// An event where it was found. What it points to lives as long as the window.
struct scanned_event {
  const domain::stream_id* stream = nullptr;
  std::uint64_t seq = 0;
  std::uint64_t position = 0;
  domain::sha256_digest hash{};                    ///< as stored
  std::string_view bytes;                          ///< empty where it was archived
  const domain::event_record* archived = nullptr;  ///< the event, where it has left the log and its archive was read
  bool stands = false;  ///< it and every event before it in its stream are as they were written
};

/// Consecutive events of the log, without those that could not be read.
struct scan_window {
  std::vector<scanned_event> events;
  std::shared_ptr<const void> names;          ///< that their streams lie in
  std::shared_ptr<const std::string> memory;  ///< that the events' bytes lie in
  std::deque<std::string> large;              ///< bytes of those that the memory had no room for
  std::deque<domain::event_record> archived;  ///< that some of them point to
};

/// A stream that does not stand as a whole.
struct damaged_stream {
  domain::stream_id stream;
  std::uint64_t stands_to = 0;  ///< its events 1 to this one do; 0: none does
  std::uint64_t version = 0;    ///< how many it had, as far as that can be told
  bool unreached = false;       ///< nothing of it is known to be damaged, as of `log_fault`
};

struct scan_progress {
  std::uint64_t position = 0;  ///< in the log, that has been reached
  std::uint64_t of = 0;        ///< the log's last one
};

struct scan_result {
  log_head head;                           ///< as stored
  std::optional<log_head> mark;            ///< where the log once was, as the file beside it says
  bool chain_holds = false;                ///< the chain over all events ends in the head's hash
  std::uint64_t events = 0;                ///< that stand
  std::uint64_t bytes = 0;                 ///< of those, as stored
  std::array<std::uint64_t, 5> streams{};  ///< whole ones, by `domain::stream_kind`
  std::uint64_t archived = 0;              ///< of those, that have left the log for its archive
  std::uint64_t archived_unread = 0;       ///< that have left it, for an archive that the store does not know
  std::vector<damaged_stream> damaged;     ///< in the order in which the streams began
  std::vector<log_fault> faults;           ///< the first `most_faults` that were found, in no order of the log
  std::uint64_t faults_found = 0;
  bool stopped = false;  ///< the sink did not want more: nothing is said of the rest
};

inline constexpr std::size_t most_faults = 1'000;  // more tell nobody anything

/// Takes a window; false ends the scan.
using scan_sink = std::function<bool(const std::shared_ptr<const scan_window>&, const scan_progress&)>;

/// Damage is what the result tells of; an error is a store that is none of this release's.
result<scan_result> scan_log(const rocksdb_store& store, const scan_sink& sink);

/// Why no server would open the folder, although the store shows what is left of it; nothing where one would.
std::optional<log_fault> check_opening(const rocksdb_store& store);

/// Reads every block of every table and compares it with its checksum: also those that hold no event. The tables that a
/// writer has removed meanwhile do not count. One fault for each table that is damaged.
std::vector<log_fault> check_tables(const rocksdb_store& store);

}  // namespace planexe::eventstore
