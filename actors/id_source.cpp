#include "actors/id_source.hpp"

#include <sys/random.h>

#include <array>
#include <cstdlib>

namespace planexe::actors {

id_source::id_source() = default;
id_source::id_source(std::uint64_t seed) : seeded_(true), generator_(seed) {}

std::uint64_t id_source::random() {
  if (seeded_) {
    const std::lock_guard lock{mutex_};
    return generator_();
  }
  // Drawn in blocks, a thread its own, so that a token costs no system call. A process without random numbers must not
  // hand out tokens.
  constexpr std::size_t block = 32;
  thread_local std::array<std::uint64_t, block> drawn{};
  thread_local std::size_t left = 0;
  if (left == 0) {
    if (getrandom(drawn.data(), sizeof drawn, 0) != static_cast<ssize_t>(sizeof drawn)) std::abort();
    left = block;
  }
  return drawn[--left];
}

std::string id_source::next_id(std::string_view prefix, domain::timestamp now) {
  constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr int time_characters = 10, random_characters = 8;
  std::string id{prefix};
  id += '-';
  const auto count = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (int i = time_characters - 1; i >= 0; --i) id += alphabet[(count >> (5 * i)) & 31U];
  for (int part = 0; part < 2; ++part) {
    const auto bits = random();
    for (int i = 0; i < random_characters; ++i) id += alphabet[(bits >> (5 * i)) & 31U];
  }
  return id;
}

std::string id_source::next_token() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string token;
  token.reserve(32);
  for (int part = 0; part < 2; ++part) {
    const auto bits = random();
    for (int i = 0; i < 16; ++i) token += digits[(bits >> (4 * i)) & 15U];
  }
  return token;
}

double id_source::next_fraction() {
  constexpr int kept_bits = 53;  // of a double
  return static_cast<double>(random() >> (64 - kept_bits)) / static_cast<double>(1ULL << kept_bits);
}

}  // namespace planexe::actors
