// One line of a record file: an event in a CloudEvents 1.0 envelope, as JSON. What it stands for is in `stored`, the
// bytes that the log keeps; all else is there for people and for other programs, and is checked against those bytes.
//
//   specversion, id (STREAM:SEQ), source (/executions/ID, /agents/ID, /plans/ID, /system/ID), type (planexe.NAME),
//   time, datacontenttype, dataschema (urn:planexe:event:N, N the rendering's version), streamkind, streamid, sequence
//   (twenty digits), hash (hexadecimal), stored (base64), logposition (archives alone), data (the event as the API
//   renders it)
//
// Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventstore/codec.hpp"
#include "eventstore/event_log.hpp"

namespace planexe::records {

/// How an event is shown in `data`. Given from outside, for this room knows no API.
struct rendering {
  std::uint32_t version = 0;  ///< raised whenever an event comes out otherwise than in an earlier release
  /// Appends one JSON object. Depends on the event alone.
  void (*render)(std::string& out, const domain::event_record& event) = nullptr;
};

enum class positions : bool { left_out, written };

/// A line that was found right.
struct record {
  eventstore::stored_event stored;  ///< its position is 0 where the line has none
  domain::event payload;
  domain::event_metadata metadata;
};

/// Appends a line with its end. `data` is rendered from what the stored bytes decode to, and so is the same wherever
/// they lie. Fails as decoding does, and with `errc::invalid` for a stream whose name is no id; `out` is then as it
/// was.
result<void> append_line(std::string& out, const eventstore::stored_event& event, const rendering& shown,
                         positions written = positions::left_out);

/// Reads a line without its end, in any spelling that JSON allows, and checks that everything in it agrees; not the
/// hash, which takes the line before. Without `shown`, and where an earlier release rendered it, `data` is not
/// compared. `errc::invalid` for what is wrong, `errc::newer_version` for what a later release wrote.
result<record> read_line(std::string_view line, const std::optional<rendering>& shown);

/// Where the event of a line stands and its stored bytes, as `read_line` gives them. For a line that `read_line` found
/// right before: what else is in it is not looked at again, so a wrong line is refused only where this cannot be read,
/// and then in the same words.
result<eventstore::stored_event> read_stored(std::string_view line);

/// "execution abc", for messages.
std::string display_name(const domain::stream_id& stream);

}  // namespace planexe::records
