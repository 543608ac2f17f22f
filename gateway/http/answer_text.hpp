// Turns an answer into the bytes of its head. Written by hand into one reused string: half the cost of a serializer.
// Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "gateway/http/message.hpp"

namespace planexe::gateway {

struct answer_framing {
  bool keep_alive = true;
  bool http_1_0 = false;  ///< then keep-alive must be said
  bool endless = false;   ///< a stream: no Content-Length, the connection's end is the body's
  std::string_view date;  ///< an HTTP date, or empty for none
};

/// Appends status line, fields and the empty line. False, and `out` as before, when a field would hold a control
/// character: such an answer must not leave.
bool append_answer_head(std::string& out, const response& answer, const answer_framing& framing);

/// Whether an answer of this status has a body at all.
bool has_body(unsigned status) noexcept;

}  // namespace planexe::gateway
