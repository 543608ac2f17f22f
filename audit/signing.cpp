#include "audit/signing.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

namespace planexe::audit {
namespace {

constexpr std::size_t seed_size = 32;
constexpr std::size_t most_key_file_bytes = 16'384;

template <auto Free>
struct free_by {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using key_handle = std::unique_ptr<EVP_PKEY, free_by<EVP_PKEY_free>>;
using context_handle = std::unique_ptr<EVP_MD_CTX, free_by<EVP_MD_CTX_free>>;
using bio_handle = std::unique_ptr<BIO, free_by<BIO_free_all>>;

// Without its signatures OpenSSL is not the library that was linked; nothing sensible can follow.
void require(bool ok) {
  if (!ok) std::abort();
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

key_handle private_handle(std::string_view seed) {
  key_handle key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size()));
  require(key != nullptr);
  return key;
}

public_key open_part(const EVP_PKEY* key) {
  public_key open;
  std::size_t size = open.size();
  require(EVP_PKEY_get_raw_public_key(key, open.data(), &size) == 1 && size == open.size());
  return open;
}

unexpected<error> refuse(errc code, const std::string& file, const char* why) {
  return unexpected{error{code, "the key file " + file + " " + why}};
}

result<bio_handle> open_file(const std::string& file) {
  bio_handle in(BIO_new_file(file.c_str(), "r"));
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  if (!in || failed) return refuse(errc::not_found, file, "cannot be read");
  if (size > most_key_file_bytes) return refuse(errc::invalid, file, "is too long for a key");
  return in;
}

// No file is ever asked a pass phrase for: a command must not wait for a terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

result<void> write_new(const std::string& file, const std::string& text, mode_t mode) {
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (out < 0)
    return errno == EEXIST ? refuse(errc::conflict, file, "is there already")
                           : refuse(errc::io, file, "cannot be made");
  const bool written = ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(out) == 0;
  const bool closed = ::close(out) == 0;
  if (!written || !closed) return refuse(errc::io, file, "cannot be written");
  return {};
}

std::string text_in(BIO* memory) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

signing_key draw_key() {
  signing_key key;
  key.seed.resize(seed_size);
  require(RAND_priv_bytes(reinterpret_cast<unsigned char*>(key.seed.data()), static_cast<int>(key.seed.size())) == 1);
  key.open = open_part(private_handle(key.seed).get());
  return key;
}

result<void> write_key(const signing_key& key, const std::string& file) {
  const auto handle = private_handle(key.seed);
  const bio_handle secret(BIO_new(BIO_s_secmem())), open(BIO_new(BIO_s_mem()));
  require(secret && open);
  require(PEM_write_bio_PKCS8PrivateKey(secret.get(), handle.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  require(PEM_write_bio_PUBKEY(open.get(), handle.get()) == 1);
  const std::string open_file_name = file + ".pub";
  std::error_code ignored;
  if (std::filesystem::exists(open_file_name, ignored))
    return refuse(errc::conflict, open_file_name, "is there already");
  if (auto written = write_new(file, text_in(secret.get()), 0600); !written) return written;
  return write_new(open_file_name, text_in(open.get()), 0644);
}

result<signing_key> read_key(const std::string& file) {
  const auto in = open_file(file);
  if (!in) return unexpected{in.error()};
  const key_handle handle(PEM_read_bio_PrivateKey(in->get(), nullptr, no_pass_phrase, nullptr));
  if (!handle || EVP_PKEY_get_id(handle.get()) != EVP_PKEY_ED25519)
    return refuse(errc::invalid, file, "holds no Ed25519 private key in PEM");
  signing_key key;
  key.seed.resize(seed_size);
  std::size_t size = key.seed.size();
  auto* const seed = reinterpret_cast<unsigned char*>(key.seed.data());
  require(EVP_PKEY_get_raw_private_key(handle.get(), seed, &size) == 1 && size == seed_size);
  key.open = open_part(handle.get());
  return key;
}

result<public_key> read_public_key(const std::string& file) {
  const auto in = open_file(file);
  if (!in) return unexpected{in.error()};
  const key_handle handle(PEM_read_bio_PUBKEY(in->get(), nullptr, no_pass_phrase, nullptr));
  if (!handle || EVP_PKEY_get_id(handle.get()) != EVP_PKEY_ED25519)
    return refuse(errc::invalid, file, "holds no Ed25519 public key in PEM");
  return open_part(handle.get());
}

signature sign(const signing_key& key, std::string_view bytes) {
  const auto handle = private_handle(key.seed);
  const context_handle context(EVP_MD_CTX_new());
  signature made;
  std::size_t size = made.size();
  require(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1 &&
          EVP_DigestSign(context.get(), made.data(), &size, bytes_of(bytes), bytes.size()) == 1 && size == made.size());
  return made;
}

bool is_signed(const public_key& by, std::string_view bytes, const signature& signed_as) {
  const key_handle handle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, by.data(), by.size()));
  const context_handle context(EVP_MD_CTX_new());
  return handle && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1 &&
         EVP_DigestVerify(context.get(), signed_as.data(), signed_as.size(), bytes_of(bytes), bytes.size()) == 1;
}

}  // namespace planexe::audit
