// Where new ids and lease tokens come from. The only source of chance; a seeded one makes a run repeatable.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <string_view>

#include "domain/time.hpp"

namespace planexe::actors {

class id_source {
 public:
  /// From the operating system's generator.
  id_source();
  explicit id_source(std::uint64_t seed);

  /// `PREFIX-` and 26 characters that sort by time (a ULID). Any thread.
  std::string next_id(std::string_view prefix, domain::timestamp now);
  /// 128 random bits in hex. Any thread.
  std::string next_token();
  /// From 0 to under 1. Any thread.
  double next_fraction();

 private:
  std::uint64_t random();

  std::mutex mutex_;
  bool seeded_ = false;
  std::mt19937_64 generator_;
};

}  // namespace planexe::actors
