// Events and snapshots as stored bytes. Stored type names and schema versions live here and nowhere else; a stored
// event stays readable for ever: old versions are lifted to the present one (upcasts) while they are read, and a golden
// file of every version ever written stays in tests/eventstore/golden.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/agent_state.hpp"
#include "domain/event_record.hpp"
#include "domain/execution_state.hpp"
#include "domain/result.hpp"

namespace planexe::eventstore {

/// The contract's name of an event's type: `task_assigned`.
std::string_view type_name(const domain::event& event);
/// The schema version that is written today.
std::uint32_t schema_version(const domain::event& event);

struct stored_type {
  std::uint32_t number = 0;   ///< as stored; runs 1, 2, 3, …
  std::string_view name;      ///< the contract's
  std::uint32_t version = 0;  ///< the schema version that is written today
};
/// Every event type, in order of the numbers.
std::vector<stored_type> stored_types();

class vault;

/// An event with its metadata as stored. Equal events give equal bytes; a store seals in them what persons wrote.
std::string encode(const domain::event& event, const domain::event_metadata& metadata);

struct decoded_event {
  domain::event payload;
  domain::event_metadata metadata;
};
/// `errc::corrupt` for bytes that no release wrote, `errc::newer_version` for those of a later one. Never throws, never
/// reads past the end, and takes memory in proportion to the bytes alone. What is sealed is opened with `keys`; where
/// its key is not there it reads `[erased]`, or `[sealed]` where the key was never there or `keys` is null, as JSON
/// where the member is, and the actor `erased:…` or `sealed:…`.
result<decoded_event> decode(std::string_view bytes, const vault* keys = nullptr);
/// The same, where there is room for it already; `metadata` must be as made by default. After an error both hold
/// anything.
result<void> decode_into(std::string_view bytes, domain::event& payload, domain::event_metadata& metadata,
                         const vault* keys = nullptr);

/// The state without its plan, which stands in the execution's first event. Carries its own checksum.
std::string encode_snapshot(const domain::execution_state& state);
/// `state` must have been built by applying the execution's first event; it is carried on to the snapshot's version.
/// After an error it is as it was: leave the snapshot and replay. `errc::newer_version` for any other release's form.
result<void> decode_snapshot(std::string_view bytes, domain::execution_state& state);

}  // namespace planexe::eventstore
