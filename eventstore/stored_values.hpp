// The values behind the log's keys (keys.hpp) and how they are read back: nothing where the bytes do not fit.
// Private to the room. Pure.
#pragma once

#include "eventstore/event_log.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/keys.hpp"
#include "eventstore/layout.hpp"

namespace planexe::eventstore {

/// Value of `m`. 2: events may be sealed or archived, which an earlier release would take for damage. A folder of
/// format 1 is one of format 2 without such events.
inline constexpr std::string_view folder_format = "2";

/// Value of `s`.
struct stream_entry {
  std::uint64_t number = 0;  ///< 0: the stream is new
  stream_head head;
  archive_entry archived;  ///< where the head says that it is
};

/// Value of `e`.
struct stored_record {
  std::uint64_t position = 0;
  domain::sha256_digest hash{};
  std::string_view bytes;
};

inline std::string stored_form(const stored_record& record) {
  std::string value;
  keys::put_number(value, record.position);
  value += as_bytes(record.hash);
  return value += record.bytes;
}

inline std::optional<stored_record> parse_record(std::string_view value) {
  const auto position = keys::take_number(value);
  const auto hash = position ? keys::take_digest(value) : std::nullopt;
  if (!hash) return std::nullopt;
  return stored_record{*position, *hash, value};
}

inline std::optional<stream_entry> parse_stream(std::string_view value) {
  const auto number = keys::take_number(value);
  const auto version = number ? keys::take_number(value) : std::nullopt;
  const auto hash = version ? keys::take_digest(value) : std::nullopt;
  if (!hash || *number == 0 || *version == 0) return std::nullopt;
  stream_entry entry{*number, {*version, *hash}, {}};
  if (value.empty()) return entry;
  const auto first = keys::take_number(value);
  const auto last = first ? keys::take_number(value) : std::nullopt;
  const auto digest = last ? keys::take_digest(value) : std::nullopt;
  if (!digest || !value.empty() || *first == 0 || *last < *first) return std::nullopt;
  entry.head.archived = true;
  entry.archived = {*first, *last, *digest};
  return entry;
}

inline std::string stored_form(const stream_entry& entry) {
  std::string value;
  keys::put_number(value, entry.number);
  keys::put_number(value, entry.head.version);
  value += as_bytes(entry.head.hash);
  if (!entry.head.archived) return value;
  keys::put_number(value, entry.archived.first_position);
  keys::put_number(value, entry.archived.last_position);
  return value += as_bytes(entry.archived.file_digest);
}

/// Value of `g`; its key has the first position.
inline std::string stored_form(const log_gap& gap) {
  std::string value;
  keys::put_number(value, gap.last);
  value += as_bytes(gap.before);
  return value += as_bytes(gap.after);
}

inline std::optional<log_gap> parse_gap(std::uint64_t first, std::string_view value) {
  const auto last = keys::take_number(value);
  const auto before = last ? keys::take_digest(value) : std::nullopt;
  const auto after = before ? keys::take_digest(value) : std::nullopt;
  if (!after || !value.empty() || first == 0 || *last < first) return std::nullopt;
  return log_gap{first, *last, *before, *after};
}

/// Value of `h`.
struct log_place {
  log_head head;
  std::uint64_t streams = 0;
};

inline std::string stored_form(const log_place& place) {
  std::string value;
  keys::put_number(value, place.head.position);
  value += as_bytes(place.head.hash);
  keys::put_number(value, place.streams);
  return value;
}

inline std::optional<log_place> parse_place(std::string_view value) {
  const auto position = keys::take_number(value);
  const auto hash = position ? keys::take_digest(value) : std::nullopt;
  const auto streams = hash ? keys::take_number(value) : std::nullopt;
  if (!streams || !value.empty()) return std::nullopt;
  return log_place{{*position, *hash}, *streams};
}

/// Value of `p`; and, with the last position as `seq`, of `a`.
struct stored_place {
  std::uint64_t stream = 0;
  std::uint64_t seq = 0;
};

inline std::string stored_form(const stored_place& place) {
  std::string value;
  keys::put_number(value, place.stream);
  keys::put_number(value, place.seq);
  return value;
}

inline std::optional<stored_place> parse_index(std::string_view value) {
  const auto stream = keys::take_number(value);
  const auto seq = stream ? keys::take_number(value) : std::nullopt;
  if (!seq || !value.empty() || *stream == 0 || *seq == 0) return std::nullopt;
  return stored_place{*stream, *seq};
}

/// Value of `i`.
inline std::optional<kept_answer> parse_answer(std::string_view value) {
  kept_answer answer;
  field_reader reader(value);
  describe(reader, answer);
  reader.finish();
  if (!reader.ok()) return std::nullopt;
  return answer;
}

inline std::string stored_form(const kept_answer& answer) {
  std::string value;
  field_writer writer(value);
  describe(writer, answer);
  return value;
}

}  // namespace planexe::eventstore
