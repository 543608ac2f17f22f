// The archive: a folder beside the log with one record file for each execution whose events have left the log, packed
// by zstd. A file is written as a whole, synced, and read back before anything leaves the log; it is never changed
// afterwards, and never deleted here.
//
// Reading goes along a file and keeps what it has just read, so that pages of a history cost one pass. What is read is
// a file that has just been compared, as a whole, with the digest that the log has kept of it; so it is byte for byte
// the one whose every line was checked when it was written, and its stored bytes alone are read. Whether the events
// hang on each other the log checks of whatever it gets from here.
//
// Threads: one writes; any thread reads, one at a time.
#pragma once

#include <atomic>
#include <list>
#include <mutex>

#include "eventstore/archive_reader.hpp"
#include "records/known_file.hpp"
#include "records/writer.hpp"

namespace planexe::archive {

/// Where the archive of a data folder is.
std::string folder_in(const std::string& data_folder);

class archive_folder final : public eventstore::archive_reader {
 public:
  explicit archive_folder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  /// The file that a stream's events are in, or would be.
  std::string file_of(const domain::stream_id& stream) const;

  /// Writes a stream's file as the log has it now, in the place of one that is there, and reads it back event by event.
  /// The file is durable when this returns. `errc::invalid` for a stream whose name cannot be a file's.
  result<records::written_file> write(const eventstore::event_log& log, const domain::stream_id& stream,
                                      const records::rendering& shown) const;

  /// `errc::not_found` where the file is missing, `errc::corrupt` where it is another one than was written; both name
  /// it.
  result<std::vector<eventstore::stored_event>> read(const eventstore::archived_stream& wanted, std::uint64_t after_seq,
                                                     eventstore::read_limit limit) const override;
  /// Whether the file of an archived stream is there and is the one that was written; errors as of `read`.
  result<void> check(const eventstore::archived_stream& wanted) const;

 private:
  using events = std::vector<eventstore::stored_event>;
  /// As the file system tells it. What has changed since is read, and compared with its digest, anew.
  struct file_look {
    std::uint64_t device = 0, number = 0, bytes = 0;
    std::int64_t written_ns = 0;
    friend bool operator==(const file_look&, const file_look&) = default;
  };
  /// Events that follow each other.
  struct piece {
    std::uint64_t after = 0;  ///< seq of the event before the first one
    std::shared_ptr<const events> content;
    std::uint64_t end() const { return after + content->size(); }  ///< seq of the last one
  };
  struct kept_piece {
    domain::stream_id stream;
    file_look look;
    piece what;
    std::size_t bytes = 0;
  };
  struct open_file {
    domain::stream_id stream;
    file_look look;
    std::uint64_t passed = 0;  ///< seq of the last event that was read
    bool ended = false;
    records::known_file reader;
  };

  /// Of a file that cannot be read.
  error unreadable(const domain::stream_id& stream, const error& why) const;
  result<void> make() const;
  result<void> compare(const eventstore::event_log& log, const domain::stream_id& stream,
                       const records::rendering& shown, const records::written_file& written) const;
  static std::optional<file_look> look_at(const std::string& file);
  void forget_others(const domain::stream_id& stream, const std::optional<file_look>& than) const;
  result<piece> piece_with(const eventstore::archived_stream& wanted, const file_look& look, std::uint64_t seq) const;
  result<open_file> take_open(const eventstore::archived_stream& wanted, const file_look& look,
                              std::uint64_t seq) const;
  result<piece> read_piece(open_file& file) const;
  std::list<kept_piece>::iterator kept(const domain::stream_id& stream, std::uint64_t seq) const;
  void keep(const domain::stream_id& stream, const file_look& look, const piece& fresh) const;

  const std::string path_;
  mutable std::atomic<bool> lasts_ = false;  // that the folder is there, also after a power loss
  mutable std::mutex mutex_;                 // guards what follows
  mutable std::list<kept_piece> kept_;
  mutable std::size_t kept_bytes_ = 0;
  mutable std::list<open_file> open_;
};

}  // namespace planexe::archive
