#include "eventstore/hash_chain.hpp"

#include <openssl/evp.h>

#include <charconv>
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

  void begin() { must(algorithm_ && context_ && EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1); }
  void take(std::string_view part) { must(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1); }
  sha256_digest finish() {
    sha256_digest out;
    must(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    return out;
  }
  sha256_digest digest(std::initializer_list<std::string_view> parts) {
    begin();
    for (const std::string_view part : parts) take(part);
    return finish();
  }

 private:
  // SHA-256 cannot fail on a sound OpenSSL, and without it nothing here can be trusted.
  static void must(bool ok) {
    if (!ok) std::abort();
  }

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

struct running_sha256::impl {
  hasher own;
};
running_sha256::running_sha256() : impl_(std::make_unique<impl>()) {
  impl_->own.begin();
}
running_sha256::~running_sha256() = default;
void running_sha256::take(std::string_view bytes) {
  impl_->own.take(bytes);
}
sha256_digest running_sha256::finish() {
  return impl_->own.finish();
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

std::optional<sha256_digest> from_hex(std::string_view text) {
  sha256_digest digest;
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const char* first = text.data() + 2 * i;
    if (std::from_chars(first, first + 2, digest[i], 16).ptr != first + 2) return std::nullopt;
  }
  return digest;
}

}  // namespace planexe::eventstore
