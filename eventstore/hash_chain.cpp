#include "eventstore/hash_chain.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <initializer_list>
#include <memory>

namespace planexe::eventstore {
namespace {

using domain::sha256_digest;

struct free_context {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct free_algorithm {
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
};

// Fetching the algorithm and making a context cost several times the hash of one event: once a thread is enough.
class hasher {
 public:
  hasher() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {}

  sha256_digest digest(std::initializer_list<std::string_view> parts) {
    bool ok = algorithm_ && context_ && EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1;
    for (const std::string_view part : parts)
      ok = ok && EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1;
    sha256_digest out;
    ok = ok && EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1;
    if (!ok) std::abort();  // SHA-256 cannot fail on a sound OpenSSL, and without it nothing here can be trusted
    return out;
  }

 private:
  std::unique_ptr<EVP_MD, free_algorithm> algorithm_;
  std::unique_ptr<EVP_MD_CTX, free_context> context_;
};

sha256_digest digest(std::initializer_list<std::string_view> parts) {
  thread_local hasher own;
  return own.digest(parts);
}

}  // namespace

sha256_digest sha256(std::string_view bytes) {
  return digest({bytes});
}

sha256_digest link(const sha256_digest& previous, std::string_view bytes) {
  return digest({as_bytes(previous), bytes});
}

sha256_digest link_log(const sha256_digest& previous_head, std::uint64_t position, const sha256_digest& event_hash) {
  char place[8];
  for (int i = 0; i < 8; ++i) place[i] = static_cast<char>((position >> (56 - 8 * i)) & 0xff);
  return digest({as_bytes(previous_head), {place, sizeof place}, as_bytes(event_hash)});
}

std::string_view as_bytes(const sha256_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string to_hex(const sha256_digest& digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::uint8_t byte : digest) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

}  // namespace planexe::eventstore
