// When the disk counts as low or full, and when it does not any more.
#include "domain/disk_reserve.hpp"

#include <doctest/doctest.h>

namespace planexe::domain {
namespace {

using enum disk_state;

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
constexpr disk_reserve usual{.new_work_bytes = 512 * megabyte, .reports_bytes = 128 * megabyte};

disk_state next(disk_state now, std::uint64_t megabytes, const disk_reserve& reserve = usual) {
  return next_disk_state(now, megabytes * megabyte, reserve);
}

}  // namespace

TEST_CASE("a disk is low below the first reserve and full below the second") {
  CHECK(next(ok, 10'000) == ok);
  CHECK(next(ok, 512) == ok);
  CHECK(next(ok, 511) == low);
  CHECK(next(ok, 128) == low);
  CHECK(next(ok, 127) == full);
  CHECK(next(ok, 0) == full);
}

TEST_CASE("a state is left only with a margin more than was needed to stay out of it") {
  CHECK(disk_margin(usual.new_work_bytes) == 64 * megabyte);
  CHECK(next(low, 512) == low);
  CHECK(next(low, 575) == low);
  CHECK(next(low, 576) == ok);
  CHECK(next(low, 127) == full);
  CHECK(disk_margin(usual.reports_bytes) == 16 * megabyte);
  CHECK(next(full, 128) == full);
  CHECK(next(full, 143) == full);
  CHECK(next(full, 144) == low);
  CHECK(next(full, 575) == low);
  CHECK(next(full, 576) == ok);
}

TEST_CASE("what goes up and down by less than the margin changes a state once") {
  disk_state state = ok;
  int changes = 0;
  for (int i = 0; i < 100; ++i) {
    const auto after = next(state, i % 2 == 0 ? 490 : 550);
    changes += after != state;
    state = after;
  }
  CHECK(state == low);
  CHECK(changes == 1);
}

TEST_CASE("the margin of a large reserve is no share of it") {
  CHECK(disk_margin(100'000 * megabyte) == 64 * megabyte);
}

TEST_CASE("without a reserve whatever is left will do") {
  CHECK(next(ok, 0, {}) == ok);
  CHECK(next(full, 0, {}) == ok);
  const disk_reserve no_last{.new_work_bytes = 512 * megabyte, .reports_bytes = 0};
  CHECK(next(ok, 0, no_last) == low);
}

TEST_CASE("a refusal says how much there is and how much there must be and which setting asks for it") {
  CHECK(disk_refusal(low, 300 * megabyte, usual) ==
        "the disk of the data folder has 300 MB left; no new work is taken on until it has 576 MB "
        "(PLANEXE_DISK_RESERVE_MB)");
  CHECK(disk_refusal(full, 3 * megabyte, usual) ==
        "the disk of the data folder has 3 MB left; nothing is recorded until it has 144 MB "
        "(PLANEXE_DISK_RESERVE_REPORTS_MB)");
}

}  // namespace planexe::domain
