// Which addresses may be called on somebody else's word. Pure: it judges the bytes of an address that a connection is
// about to go to, never a name, so a name that resolves differently the second time gains nothing. Any thread.
#pragma once

#include <cstdint>
#include <span>

namespace planexe::outbound {

enum class address_kind : std::uint8_t {
  global,       ///< on the public internet
  loopback,     ///< this machine
  private_use,  ///< a network of one's own: RFC 1918, unique-local, behind a carrier's NAT
  barred,       ///< nothing to call, ever: metadata of a cloud, link-local, multicast, unspecified, reserved, examples
};

/// `address` is 4 or 16 bytes in network order; any other length is barred. An IPv4 address inside an IPv6 one
/// (mapped, NAT64) is judged as itself. From IANA's special-purpose registries; unknown IPv6 space is barred.
address_kind kind_of(std::span<const std::uint8_t> address);

bool is_public(std::span<const std::uint8_t> address);

/// What a call may reach besides the public internet.
struct address_rule {
  bool loopback = false;  ///< the only kind that plain http may go to as well
  bool private_use = false;
};

/// Whether `rule` lets a call over TLS (`secure`) or in plain http go to `address`.
bool allows(const address_rule& rule, bool secure, std::span<const std::uint8_t> address);

}  // namespace planexe::outbound
