#include "domain/disk_reserve.hpp"

#include <algorithm>

namespace planexe::domain {
namespace {

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
// A table that is written and a log that is deleted move as much back and forth.
constexpr std::uint64_t widest_margin = 64 * megabyte;

std::string megabytes(std::uint64_t bytes) {
  return std::to_string(bytes / megabyte) + " MB";
}

}  // namespace

std::string_view name_of(disk_state state) noexcept {
  switch (state) {
    case disk_state::ok:
      return "ok";
    case disk_state::low:
      return "low";
    case disk_state::full:
      break;
  }
  return "full";
}

std::uint64_t disk_margin(std::uint64_t reserve_bytes) noexcept {
  return std::min(reserve_bytes / 8, widest_margin);
}

disk_state next_disk_state(disk_state now, std::uint64_t free_bytes, const disk_reserve& reserve) noexcept {
  const auto lacks = [&](std::uint64_t bytes, bool lacked) {
    return bytes > 0 && free_bytes < bytes + (lacked ? disk_margin(bytes) : 0);
  };
  if (lacks(reserve.reports_bytes, now == disk_state::full)) return disk_state::full;
  if (lacks(reserve.new_work_bytes, now != disk_state::ok)) return disk_state::low;
  return disk_state::ok;
}

std::string disk_refusal(disk_state state, std::uint64_t free_bytes, const disk_reserve& reserve) {
  const bool full = state == disk_state::full;
  const auto needed = full ? reserve.reports_bytes : reserve.new_work_bytes;
  return "the disk of the data folder has " + megabytes(free_bytes) + " left; " +
         (full ? "nothing is recorded" : "no new work is taken on") + " until it has " +
         megabytes(needed + disk_margin(needed)) + " (" +
         (full ? "PLANEXE_DISK_RESERVE_REPORTS_MB" : "PLANEXE_DISK_RESERVE_MB") + ")";
}

}  // namespace planexe::domain
