// A trap for what a replay must never ask: the clock, chance, the environment, the disk. While one is set, this
// thread's calls of the C library's functions for those are counted; they work all the same. One at a time in a thread.
//
// It stands in the program itself, whose functions come before the library's. What a processor gives without a call
// (RDRAND) is for the rule in tests/architecture, which reads the sources.
#pragma once

#include <string>
#include <vector>

namespace planexe::tests {

class trap {
 public:
  trap();
  trap(const trap&) = delete;
  trap& operator=(const trap&) = delete;
  ~trap();

  /// The names of the functions that were called since, in order, at most some hundred.
  std::vector<std::string> caught() const;
};

}  // namespace planexe::tests
