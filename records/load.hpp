// A record file as a log in memory, so that whatever reads a log reads a file: replay, verify, prove. Memory in
// proportion to the file. One thread.
#pragma once

#include "eventstore/memory_store.hpp"
#include "records/reader.hpp"

namespace planexe::records {

/// Every event of a file, in its order; positions count from 1 in it. `errc::not_found` where there is no such file;
/// else as `record_reader::next`.
result<std::unique_ptr<eventstore::memory_store>> load(const std::string& path,
                                                       const std::optional<rendering>& shown = {});

/// The same of a text, as an export answers it.
result<std::unique_ptr<eventstore::memory_store>> load_text(std::string text,
                                                            const std::optional<rendering>& shown = {});

/// Appends the events of a further part: each stream goes on where it stands in `log`. Returns how many there were. The
/// events before a wrong line are there after the error.
result<std::uint64_t> load_more(std::string text, eventstore::event_log& log,
                                const std::optional<rendering>& shown = {});

/// Events on their way into a log, in order and in batches.
class record_appender {
 public:
  /// An embedded log, which answers before `append` returns.
  explicit record_appender(eventstore::event_log& log) : log_(log) {}

  /// The next event of its stream. Appends what has gathered where that is much.
  result<void> add(record&& next);
  /// Appends the rest. `errc::conflict` where a stream does not stand at the event before.
  result<void> append();

 private:
  eventstore::event_log& log_;
  std::vector<eventstore::append_request> requests_;  // those of one stream that follow each other are one
  std::size_t events_ = 0, bytes_ = 0;
};

/// Appends all that the reader gives.
result<std::uint64_t> append_all(record_reader& from, eventstore::event_log& to);

}  // namespace planexe::records
