#include "gateway/auth/key_text.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <cstdlib>

namespace planexe::gateway {
namespace {

constexpr std::size_t random_bytes = 32;
constexpr std::size_t random_digits = 2 * random_bytes;
constexpr std::size_t check_digits = 8;

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 0x0FU];
  }
  return text;
}

std::string draw_digits() {
  std::array<unsigned char, random_bytes> drawn{};
  // A key that can be guessed is worse than no server.
  if (RAND_bytes(drawn.data(), static_cast<int>(drawn.size())) != 1) std::abort();
  auto digits = hex({reinterpret_cast<const char*>(drawn.data()), drawn.size()});
  OPENSSL_cleanse(drawn.data(), drawn.size());
  return digits;
}

std::string check_of(std::string_view text) {
  return hex(secret_digest(text)).substr(0, check_digits);
}

}  // namespace

std::string draw_key() {
  auto text = std::string(key_prefix) + draw_digits();
  text += check_of(text);
  return text;
}

bool is_whole_key(std::string_view text) {
  if (text.size() != key_prefix.size() + random_digits + check_digits || !text.starts_with(key_prefix)) return false;
  const auto body = text.substr(0, text.size() - check_digits);
  return check_of(body) == text.substr(body.size());
}

std::string draw_ticket() {
  return std::string(ticket_prefix) + draw_digits();
}

std::string secret_digest(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

bool same_digest(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace planexe::gateway
