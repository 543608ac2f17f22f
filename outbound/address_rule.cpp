#include "outbound/address_rule.hpp"

#include <algorithm>
#include <array>

namespace planexe::outbound {
namespace {

using enum address_kind;
using bytes = std::span<const std::uint8_t>;
using groups = std::array<std::uint16_t, 8>;

struct range {
  std::array<std::uint8_t, 16> first;
  unsigned bits;  ///< the prefix's length
  address_kind kind;
};

constexpr range v4(std::array<std::uint8_t, 4> first, unsigned bits, address_kind kind) {
  range made{{}, bits, kind};
  std::copy(first.begin(), first.end(), made.first.begin());
  return made;
}

constexpr range v6(groups first, unsigned bits, address_kind kind) {
  range made{{}, bits, kind};
  for (std::size_t i = 0; i < first.size(); ++i) {
    made.first[2 * i] = static_cast<std::uint8_t>(first[i] >> 8);
    made.first[2 * i + 1] = static_cast<std::uint8_t>(first[i] & 0xff);
  }
  return made;
}

// The first range that holds an address names its kind, so an exception stands before what it is an exception of.
constexpr std::array v4_ranges{
    v4({100, 100, 100, 200}, 32, barred),  // metadata of Alibaba's cloud
    v4({168, 63, 129, 16}, 32, barred),    // Azure's host, on an address that looks public
    v4({0, 0, 0, 0}, 8, barred),           // "this network"; Linux takes 0.0.0.0 for itself
    v4({10, 0, 0, 0}, 8, private_use),     // RFC 1918
    v4({100, 64, 0, 0}, 10, private_use),  // behind a carrier's NAT
    v4({127, 0, 0, 0}, 8, loopback),
    v4({169, 254, 0, 0}, 16, barred),  // link-local; the metadata of most clouds is 169.254.169.254
    v4({172, 16, 0, 0}, 12, private_use),
    v4({192, 0, 0, 0}, 24, barred),    // protocol assignments; metadata of Oracle's cloud
    v4({192, 0, 2, 0}, 24, barred),    // documentation
    v4({192, 88, 99, 0}, 24, barred),  // the relays of 6to4
    v4({192, 168, 0, 0}, 16, private_use),
    v4({198, 18, 0, 0}, 15, barred),    // benchmarks
    v4({198, 51, 100, 0}, 24, barred),  // documentation
    v4({203, 0, 113, 0}, 24, barred),   // documentation
    v4({224, 0, 0, 0}, 4, barred),      // multicast
    v4({240, 0, 0, 0}, 4, barred),      // reserved, and broadcast
};

constexpr std::array v6_ranges{
    v6({0, 0, 0, 0, 0, 0, 0, 1}, 128, loopback),
    v6({0xfd00, 0x0ec2}, 32, barred),                               // metadata of Amazon's cloud, and what is beside it
    v6({0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254}, 128, barred),       // metadata of Google's
    v6({0xfd00, 0x00c1, 0, 0, 0, 0, 0xa9fe, 0xa9fe}, 128, barred),  // of Oracle's
    v6({0xfd00, 0x0042, 0, 0, 0, 0, 0, 0x0042}, 128, barred),       // of Scaleway's
    v6({0xfc00}, 7, private_use),                                   // unique-local
    v6({0x2001, 0x0000}, 23, barred),                               // protocol assignments, Teredo among them
    v6({0x2001, 0x0db8}, 32, barred),                               // documentation
    v6({0x2002}, 16, barred),                                       // 6to4: an IPv4 address by a relay
    v6({0x3fff}, 20, barred),                                       // documentation
    v6({0x2000}, 3, global),
    v6({}, 0, barred),  // link-local, multicast, unspecified, and what nobody has given out
};

constexpr range mapped = v6({0, 0, 0, 0, 0, 0xffff}, 96, global);  // ::ffff:a.b.c.d: connects by IPv4
constexpr range nat64 = v6({0x0064, 0xff9b}, 96, global);          // 64:ff9b::a.b.c.d: a translator connects by IPv4
constexpr std::size_t v4_offset = 12;                              // of the IPv4 address inside the two

bool holds(const range& each, bytes address) {
  const auto whole = each.bits / 8;
  if (!std::equal(address.begin(), address.begin() + whole, each.first.begin())) return false;
  const auto rest = each.bits % 8;
  return rest == 0 || (address[whole] ^ each.first[whole]) >> (8 - rest) == 0;
}

template <std::size_t N>
address_kind first_kind(const std::array<range, N>& ranges, bytes address, address_kind otherwise) {
  const auto found =
      std::find_if(ranges.begin(), ranges.end(), [&](const range& each) { return holds(each, address); });
  return found == ranges.end() ? otherwise : found->kind;
}

}  // namespace

address_kind kind_of(std::span<const std::uint8_t> address) {
  if (address.size() == 4) return first_kind(v4_ranges, address, global);
  if (address.size() != 16) return barred;
  if (holds(mapped, address)) return kind_of(address.subspan(v4_offset));
  // What is private behind the translator is not a network of ours.
  if (holds(nat64, address)) return kind_of(address.subspan(v4_offset)) == global ? global : barred;
  return first_kind(v6_ranges, address, barred);
}

bool is_public(std::span<const std::uint8_t> address) {
  return kind_of(address) == global;
}

bool allows(const address_rule& rule, bool secure, std::span<const std::uint8_t> address) {
  switch (kind_of(address)) {
    case global:
      return secure;
    case loopback:
      return rule.loopback;
    case private_use:
      return secure && rule.private_use;
    case barred:
      return false;
  }
  return false;
}

}  // namespace planexe::outbound
