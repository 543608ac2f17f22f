// What a key and a ticket look like, and how they are drawn: 256 bits of the operating system's, in hex behind a prefix
// that scanners of source code can look for. Pure but for the drawing; any thread.
#pragma once

#include <string>
#include <string_view>

namespace planexe::gateway {

inline constexpr std::string_view key_prefix = "pxk_";
inline constexpr std::string_view ticket_prefix = "pxt_";

/// `pxk_`, 64 hex digits, and 8 more that check them: a key that was copied in part is told from one that is unknown.
std::string draw_key();
/// Whether it has the form of a key and its check is right.
bool is_whole_key(std::string_view text);
/// `pxt_` and 64 hex digits.
std::string draw_ticket();

/// SHA-256, 32 bytes: what is stored instead of a key or a ticket.
std::string secret_digest(std::string_view text);
/// Takes the same time wherever they differ.
bool same_digest(std::string_view left, std::string_view right);

}  // namespace planexe::gateway
