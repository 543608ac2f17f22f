// Writes a record file as a whole or not at all: under another name beside it, synced, then renamed. Only its owner may
// read it, for it holds all that the log does. What somebody names that is no file, a device or a pipe, is written
// through instead. One thread.
#pragma once

#include <memory>

#include "records/line.hpp"

namespace planexe::records {

enum class packing : bool { plain, zstd };

/// What becomes of a file that is there under the name.
enum class standing : bool { replaced, kept };

struct writing {
  rendering shown;
  packing packed = packing::plain;
  positions placed = positions::left_out;
  standing before = standing::replaced;
};

struct written_file {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;         ///< of the file
  domain::sha256_digest digest{};  ///< of the file
};

class record_writer {
 public:
  /// With `standing::kept`, `errc::conflict` where a file or a folder is there; what is neither is written through.
  static result<record_writer> create(const std::string& path, const writing& how);
  record_writer(record_writer&&) noexcept;
  record_writer& operator=(record_writer&&) noexcept;
  /// Without `finish` nothing is left behind.
  ~record_writer();

  /// After an error the file can only be given up.
  result<void> write(const eventstore::stored_event& event);
  /// Once. The file is durable under its name when this returns, in the place of one that was there; with
  /// `standing::kept`, `errc::conflict` where one has come meanwhile.
  result<written_file> finish();

 private:
  struct impl;
  explicit record_writer(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

/// SHA-256 of a file as it lies there.
result<domain::sha256_digest> digest_of_file(const std::string& path);

}  // namespace planexe::records
