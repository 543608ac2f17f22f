// Reads record files, plain or compressed by zstd, one event after the other, and checks each of them: its stored bytes
// are an event, all else in its line agrees with them, and it hangs on the event before it in its stream. The first
// wrong line is named by its number, and nothing is read after it.
// What it keeps is one line and, of each stream, the last hash. One thread.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "records/line.hpp"

namespace planexe::records {

using stream_heads = std::unordered_map<domain::stream_id, eventstore::stream_head>;

struct reading {
  /// Nothing: `data` is not compared, which takes half of the time; the rest is checked as ever.
  std::optional<rendering> shown;
  /// Where a stream stands before its first line here. Empty: every stream begins with its first event.
  std::function<result<eventstore::stream_head>(const domain::stream_id&)> stands_at;
};

class record_reader {
 public:
  /// `errc::not_found` where there is no such file, `errc::io` where it cannot be read.
  static result<record_reader> open(const std::string& path, reading how = {});
  /// Over what an export answered.
  static result<record_reader> over(std::string text, reading how = {});
  record_reader(record_reader&&) noexcept;
  record_reader& operator=(record_reader&&) noexcept;
  ~record_reader();

  /// The next event; nothing at the end. `errc::invalid` for what is wrong ("line 17: …"), `errc::newer_version` for
  /// what a later release wrote. After an error every call answers it again.
  result<std::optional<record>> next();

  /// How many lines have been read, the wrong one among them.
  std::uint64_t line() const;
  /// How far each stream has been read.
  const stream_heads& heads() const;

 private:
  struct impl;
  explicit record_reader(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

}  // namespace planexe::records
