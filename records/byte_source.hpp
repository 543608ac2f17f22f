// Where a record file's bytes come from: a file or a text, each compressed by zstd or not, which its first bytes tell.
// And its lines, one at a time. Private to the room. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/event_record.hpp"
#include "domain/result.hpp"

namespace planexe::records {

class byte_source {
 public:
  byte_source() = default;
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;
  virtual ~byte_source() = default;

  /// At most `size` bytes; 0 at the end.
  virtual result<std::size_t> read(char* to, std::size_t size) = 0;
};

/// `errc::not_found` where there is no such file, `errc::io` where it cannot be read.
result<std::unique_ptr<byte_source>> open_source(const std::string& path);
/// The same where the file, as it lies there, has this SHA-256; `errc::corrupt` where it has another. It is the opened
/// file that is compared, not what has its name by the time it is read.
result<std::unique_ptr<byte_source>> open_known_source(const std::string& path, const domain::sha256_digest& digest);
result<std::unique_ptr<byte_source>> source_over(std::string text);

class line_source {
 public:
  explicit line_source(std::unique_ptr<byte_source> bytes) : bytes_(std::move(bytes)) {}

  /// The next line without its end, valid until the next call; nothing at the end. A last line without an end has been
  /// cut off: `errc::invalid`, as for a line that is too long.
  result<std::optional<std::string_view>> next();
  /// Of the line that was given last, or could not be; from 1, 0 before the first.
  std::uint64_t line() const { return line_; }
  /// What is wrong with that line: "line 17: …".
  error in_line(const error& why) const { return {why.code, "line " + std::to_string(line_) + ": " + why.detail}; }

 private:
  std::unique_ptr<byte_source> bytes_;
  std::uint64_t line_ = 0;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what has been read and not yet given
};

}  // namespace planexe::records
