// How stored events of old schema versions become present ones: each step lifts the fields of one version of one type
// to the next version. A type's present version is one more than its steps, so the two cannot disagree.
// Private to the codec and its tests. Pure.
#pragma once

#include <span>

#include "domain/result.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/wire.hpp"

namespace planexe::eventstore {

/// One stored field, its meaning not yet known.
struct raw_field {
  std::uint32_t number = 0;
  wire_type type = wire_type::varint;
  std::uint64_t value = 0;  ///< of varint and fixed64
  std::string bytes;        ///< of bytes
};
using raw_fields = std::vector<raw_field>;

/// Nothing when the bytes are malformed.
std::optional<raw_fields> split(std::string_view message);
/// In order of the numbers, whatever order they come in.
std::string join(raw_fields fields);

struct upcast {
  std::uint32_t type = 0;          ///< stored type number
  std::uint32_t from_version = 0;  ///< 1, 2, …, without a gap
  void (*lift)(raw_fields& fields) = nullptr;
};
using upcasts = std::span<const upcast>;

/// The steps of all releases so far.
upcasts released_upcasts();

std::uint32_t present_version(std::uint32_t type, upcasts steps);

/// As `encode` and `decode`, under other steps than the released ones.
std::string encode_under(upcasts steps, const domain::event& event, const domain::event_metadata& metadata);
result<decoded_event> decode_under(upcasts steps, std::string_view bytes, const vault* keys = nullptr);

}  // namespace planexe::eventstore
