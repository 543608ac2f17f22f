// The hash chains: each event's hash covers the previous event's hash of its stream and its own stored bytes; the log's
// head covers every event's position and hash. A changed byte breaks the first, a missing or moved event the second.
// Any thread.
#pragma once

#include <string>
#include <string_view>

#include "domain/event_record.hpp"

namespace planexe::eventstore {

/// SHA-256 of `bytes`.
domain::sha256_digest sha256(std::string_view bytes);

/// SHA-256(previous ‖ bytes). A stream's first event follows on 32 zero bytes.
domain::sha256_digest link(const domain::sha256_digest& previous, std::string_view bytes);

/// SHA-256(previous head ‖ position as 8 bytes, greatest first ‖ event hash). An empty log's head is 32 zero bytes.
domain::sha256_digest link_log(const domain::sha256_digest& previous_head, std::uint64_t position,
                               const domain::sha256_digest& event_hash);

std::string_view as_bytes(const domain::sha256_digest& digest);
/// Lower-case hexadecimal.
std::string to_hex(const domain::sha256_digest& digest);

}  // namespace planexe::eventstore
