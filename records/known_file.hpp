// Reads a record file that was written here, was found right then, and is known by its digest. The file is opened once,
// compared with the digest as a whole, and read through the same descriptor: what was compared is what is read,
// whatever takes the file's place meanwhile. As each line was checked before, only where its event stands and the
// stored bytes are read again. Whether the events hang on each other is for the caller to check.
// What it keeps is one line. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "eventstore/event_log.hpp"

namespace planexe::records {

class known_file {
 public:
  /// `errc::not_found` where there is no such file, `errc::io` where it cannot be read, `errc::corrupt` where it is
  /// another one.
  static result<known_file> open(const std::string& path, const domain::sha256_digest& digest);
  known_file(known_file&&) noexcept;
  known_file& operator=(known_file&&) noexcept;
  ~known_file();

  /// The next event; nothing at the end. `errc::invalid` ("line 17: …") for a line that cannot be read. After an error
  /// every call answers it again.
  result<std::optional<eventstore::stored_event>> next();

 private:
  struct impl;
  explicit known_file(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

}  // namespace planexe::records
