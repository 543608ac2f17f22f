// The values behind the log's keys (keys.hpp) and how they are read back: nothing where the bytes do not fit.
// Private to the room. Pure.
#pragma once

#include "eventstore/event_log.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/keys.hpp"

namespace planexe::eventstore {

/// Value of `m`. 2: events may be sealed or archived, which an earlier release would take for damage. A folder of
/// format 1 is one of format 2 without such events.
inline constexpr std::string_view folder_format = "2";

/// Value of `s`.
struct stream_entry {
  std::uint64_t number = 0;  ///< 0: the stream is new
  stream_head head;
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
  if (!hash || !value.empty() || *number == 0 || *version == 0) return std::nullopt;
  return stream_entry{*number, {*version, *hash}};
}

inline std::string stored_form(const stream_entry& entry) {
  std::string value;
  keys::put_number(value, entry.number);
  keys::put_number(value, entry.head.version);
  return value += as_bytes(entry.head.hash);
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

/// Value of `p`.
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

}  // namespace planexe::eventstore
