// The hash chains: each event's hash covers the previous event's hash of its stream and its own stored bytes; the log's
// head covers every event's position and hash. A changed byte breaks the first, a missing or moved event the second.
// Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/event_record.hpp"

namespace planexe::eventstore {

/// SHA-256 of `bytes`.
domain::sha256_digest sha256(std::string_view bytes);

/// SHA-256 of bytes that come in pieces. One thread.
class running_sha256 {
 public:
  running_sha256();
  ~running_sha256();
  void take(std::string_view bytes);
  /// Once, at the end.
  domain::sha256_digest finish();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// SHA-256(previous ‖ bytes). A stream's first event follows on 32 zero bytes.
domain::sha256_digest link(const domain::sha256_digest& previous, std::string_view bytes);

/// SHA-256(previous head ‖ position as 8 bytes, greatest first ‖ event hash). An empty log's head is 32 zero bytes.
domain::sha256_digest link_log(const domain::sha256_digest& previous_head, std::uint64_t position,
                               const domain::sha256_digest& event_hash);

std::string_view as_bytes(const domain::sha256_digest& digest);
/// Lower-case hexadecimal.
std::string to_hex(const domain::sha256_digest& digest);
/// Nothing unless the text is 64 hexadecimal digits.
std::optional<domain::sha256_digest> from_hex(std::string_view text);

}  // namespace planexe::eventstore
