// Damaged events and snapshots: the codec answers an error or another event, and never fails in any other way.
#include <doctest/doctest.h>

#include <random>

#include "eventstore/codec.hpp"
#include "tests/eventstore/golden.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

// What decodes must also encode, and come back from that.
void decodes_or_refuses(std::string_view damaged) {
  // A copy without slack, so that a sanitizer sees the first byte read past the end.
  const std::vector<char> exact(damaged.begin(), damaged.end());
  const auto decoded = decode({exact.data(), exact.size()});
  if (!decoded) {
    REQUIRE((decoded.error().code == errc::corrupt || decoded.error().code == errc::newer_version));
    REQUIRE_FALSE(decoded.error().detail.empty());
    return;
  }
  const std::string bytes = encode(decoded->payload, decoded->metadata);
  const auto again = decode(bytes);
  REQUIRE(again);
  REQUIRE(encode(again->payload, again->metadata) == bytes);
}

TEST_CASE("every golden file cut anywhere decodes or is refused") {
  for (const std::string& file : golden_files()) {
    CAPTURE(file);
    const std::string bytes = *read_golden(file);
    for (std::size_t length = 0; length < bytes.size(); ++length)
      decodes_or_refuses(std::string_view(bytes).substr(0, length));
  }
}

TEST_CASE("every golden file with any byte changed decodes or is refused") {
  for (const std::string& file : golden_files()) {
    CAPTURE(file);
    const std::string bytes = *read_golden(file);
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (const unsigned change : {0x01u, 0x02u, 0x08u, 0x10u, 0x80u, 0xffu}) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
        decodes_or_refuses(damaged);
      }
  }
}

TEST_CASE("random bytes after a valid head decode or are refused") {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::string bytes{'\x01', static_cast<char>(random() % 33), '\x01', '\0'};
    bytes.resize(4 + random() % 40);
    for (std::size_t i = 4; i < bytes.size(); ++i) bytes[i] = static_cast<char>(random() % (i % 2 == 0 ? 0x40 : 0x100));
    decodes_or_refuses(bytes);
  }
}

}  // namespace
}  // namespace planexe::eventstore
