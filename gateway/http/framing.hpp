// Messages as the bytes that carry them. A server's WebSocket frames are not masked and a server-sent event names
// nobody, so that the bytes of a message are the same for every client. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/push_peer.hpp"

namespace planexe::gateway {

/// Appends one text message, RFC 6455, 5.2; never fragmented.
void append_websocket_text(std::string& out, std::string_view text);

/// Appends one event of a stream of server-sent events. Lines of `text` become lines of data, which the client joins by
/// a line feed: a JSON text, which has line ends only between its values, stays the same text. With `id`, the client
/// names it as Last-Event-ID when it comes back.
void append_server_sent_event(std::string& out, std::string_view text, std::optional<std::uint64_t> id);

void append_framed(std::string& out, framing form, std::string_view text, std::optional<std::uint64_t> id);

}  // namespace planexe::gateway
