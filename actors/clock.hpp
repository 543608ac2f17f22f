// The present, as an argument to everything that needs it: real in the server, set by hand in simulations.
#pragma once

#include "domain/time.hpp"

namespace planexe::actors {

class clock {
 public:
  clock() = default;
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;
  virtual ~clock() = default;
  /// Any thread.
  virtual domain::timestamp now() const = 0;
};

class wall_clock final : public clock {
 public:
  domain::timestamp now() const override {
    return std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace planexe::actors
