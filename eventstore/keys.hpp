// Every key of the RocksDB store. Numbers are 8 bytes, greatest first, so that keys sort as numbers do.
// Private to the room. Pure.
//
//   m                            format version of the folder, decimal text
//   h                            log head: position, hash, number of streams
//   s | kind | id                stream: number, version, hash of its last event
//   r | number                   kind and id of the stream of that number
//   e | number | seq             event: position, hash, stored bytes
//   p | position                 where the event stands: stream number, seq
//   g | position                 gap that begins there: last position, chained hash before and after
//   a | position                 archived stream whose first event stood there: number, last position
//   j                            how many streams have been archived
//   z | number                   archived stream whose space is still taken: first and last position
//   i | key                      kept answer
//   x | expiry | key             expiry index of the kept answers
//   n | kind | id                snapshot: seq, bytes
//   c | view                     checkpoint of a view
//   v | length | view | key      row of a view
//   k | sealing id               key under which words are sealed, whose it is; or that it was erased (vault.hpp)
//   w | sealing id | execution   the subject of that key has written in that execution
//   q                            the vault knows every subject that was there before it (format of it, decimal text)
//   q | "e"                      subjects were erased, and the tables that held their words may still be there
//
// Stream numbers and positions only grow, so the log's keys arrive in order and compaction has little to move.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/event_record.hpp"

namespace planexe::eventstore::keys {

inline void put_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}
/// Takes eight bytes off the front; nothing when there are fewer.
inline std::optional<std::uint64_t> take_number(std::string_view& bytes) {
  if (bytes.size() < 8) return std::nullopt;
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  bytes.remove_prefix(8);
  return value;
}
inline std::optional<domain::sha256_digest> take_digest(std::string_view& bytes) {
  domain::sha256_digest digest;
  if (bytes.size() < digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(bytes[i]);
  bytes.remove_prefix(digest.size());
  return digest;
}

inline std::string numbered(char kind, std::uint64_t first) {
  std::string key(1, kind);
  put_number(key, first);
  return key;
}
inline std::string named(char kind, const domain::stream_id& stream) {
  std::string key(1, kind);
  key.push_back(static_cast<char>(stream.kind));
  return key += stream.id;
}

inline std::string format() {
  return "m";
}
inline std::string log_head() {
  return "h";
}
inline std::string stream(const domain::stream_id& stream) {
  return named('s', stream);
}
inline std::string stream_name(std::uint64_t number) {
  return numbered('r', number);
}
inline std::string event(std::uint64_t stream_number, std::uint64_t seq) {
  std::string key = numbered('e', stream_number);
  put_number(key, seq);
  return key;
}
/// Whether the key is that of this event; without making one.
inline bool is_event(std::string_view key, std::uint64_t stream_number, std::uint64_t seq) {
  constexpr std::size_t size = 17;
  if (key.size() != size || key.front() != 'e') return false;
  key.remove_prefix(1);
  return take_number(key) == stream_number && take_number(key) == seq;
}
inline std::string position(std::uint64_t position) {
  return numbered('p', position);
}
inline std::string gap(std::uint64_t first) {
  return numbered('g', first);
}
inline std::string archived(std::uint64_t first_position) {
  return numbered('a', first_position);
}
inline std::string archived_count() {
  return "j";
}
inline std::string unreclaimed(std::uint64_t stream_number) {
  return numbered('z', stream_number);
}
inline std::string answer(std::string_view key) {
  return "i" + std::string(key);
}
/// Times before 1970 sort after the others: nothing expires there.
inline std::string expiry(domain::timestamp at, std::string_view key) {
  return numbered('x', static_cast<std::uint64_t>(at.time_since_epoch().count())) += key;
}
inline std::string snapshot(const domain::stream_id& stream) {
  return named('n', stream);
}
inline std::string checkpoint(std::string_view view) {
  return "c" + std::string(view);
}
inline std::string view_prefix(std::string_view view) {
  return numbered('v', view.size()) += view;
}

inline std::string vault() {
  return "k";
}
inline std::string sealing_key(std::string_view id) {
  return vault() += id;
}
inline std::string places_of_words() {
  return "w";
}
inline std::string place_of_words(std::string_view id, std::string_view execution) {
  return (places_of_words() += id) += execution;
}
inline std::string vault_format() {
  return "q";
}
inline std::string erasure_to_finish() {
  return "qe";
}

/// The first key after all that begin with `prefix`, whose last byte is not 0xff or has one before it that is not.
inline std::string after(std::string prefix) {
  while (static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace planexe::eventstore::keys
