// Writes a record file as a whole or not at all: under another name beside it, synced, then renamed. Only its owner may
// read it, for it holds all that the log does. One thread.
#pragma once

#include <memory>

#include "records/line.hpp"

namespace planexe::records {

enum class packing : bool { plain, zstd };

struct writing {
  rendering shown;
  packing packed = packing::plain;
  positions placed = positions::left_out;
};

struct written_file {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;         ///< of the file
  domain::sha256_digest digest{};  ///< of the file
};

class record_writer {
 public:
  static result<record_writer> create(const std::string& path, const writing& how);
  record_writer(record_writer&&) noexcept;
  record_writer& operator=(record_writer&&) noexcept;
  /// Without `finish` nothing is left behind.
  ~record_writer();

  /// After an error the file can only be given up.
  result<void> write(const eventstore::stored_event& event);
  /// Once. The file is durable under its name when this returns, in the place of one that was there.
  result<written_file> finish();

 private:
  struct impl;
  explicit record_writer(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

/// SHA-256 of a file as it lies there.
result<domain::sha256_digest> digest_of_file(const std::string& path);

}  // namespace planexe::records
