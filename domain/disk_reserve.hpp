// What a server still takes on while the disk of its log fills up. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace planexe::domain {

enum class disk_state : std::uint8_t {
  ok,
  low,   ///< no new work: what is held is reported, and no more is handed out
  full,  ///< nothing is recorded for anybody, so that what the server does by itself still finds room
};
/// "ok", "low", "full".
std::string_view name_of(disk_state state) noexcept;

/// Bytes that must be free; 0: none, so that the state below is never reached.
struct disk_reserve {
  std::uint64_t new_work_bytes = 0;  ///< with less it is low
  std::uint64_t reports_bytes = 0;   ///< with less it is full; at most the other
};

/// What is free on a disk moves all the time. A state is left only with so much more than was needed to stay out of it.
std::uint64_t disk_margin(std::uint64_t reserve_bytes) noexcept;

disk_state next_disk_state(disk_state now, std::uint64_t free_bytes, const disk_reserve& reserve) noexcept;

/// Why something is refused in a state that is not `ok`: one sentence for clients, without a full stop.
std::string disk_refusal(disk_state state, std::uint64_t free_bytes, const disk_reserve& reserve);

}  // namespace planexe::domain
