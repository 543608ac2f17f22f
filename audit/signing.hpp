// Ed25519 signatures (RFC 8032), with keys in the files that OpenSSL writes (PEM). Any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace planexe::audit {

using public_key = std::array<std::uint8_t, 32>;
using signature = std::array<std::uint8_t, 64>;

struct signing_key {
  std::string seed;  ///< 32 bytes; secret
  public_key open{};
};

/// A new key, drawn from the operating system.
signing_key draw_key();
/// Writes it as PKCS #8, readable by its owner alone, and `FILE.pub` beside it. `errc::conflict` where either is there.
result<void> write_key(const signing_key& key, const std::string& file);
/// `errc::invalid` for a file that holds no Ed25519 key.
result<signing_key> read_key(const std::string& file);
result<public_key> read_public_key(const std::string& file);

signature sign(const signing_key& key, std::string_view bytes);
bool is_signed(const public_key& by, std::string_view bytes, const signature& signed_as);

}  // namespace planexe::audit
