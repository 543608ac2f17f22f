// One line on a terminal that tells how far a long reading is, drawn over and over and taken away at the end.
// One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace planexe::auditing {

class progress_line {
 public:
  /// Where `moves` is false nothing is ever written.
  progress_line(std::ostream& terminal, std::size_t width, bool moves);
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;
  ~progress_line();

  /// At most some times a second is anything drawn.
  void show(std::uint64_t done, std::uint64_t of, std::string_view what = "events");

 private:
  std::ostream& terminal_;
  std::size_t width_;
  bool moves_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace planexe::auditing
