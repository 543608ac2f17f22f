// Single keys from a terminal, without Enter and without echo, as long as the object lives. One thread.
#pragma once

#include <termios.h>

#include <chrono>
#include <optional>

namespace planexe::replaying {

enum class key : char {
  next,    ///< n, right, down
  toggle,  ///< space
  enter,
  previous,  ///< p, backspace, left, up
  first,     ///< g, Home
  last,      ///< G, End
  quit,      ///< q, Ctrl-C, Ctrl-D, Escape alone; also the end of the input
  digit,     ///< 0 to 9
  other,
};

struct key_press {
  key what = key::other;
  unsigned digit = 0;
};

class keyboard {
 public:
  /// Of standard input. Where that is no terminal, or is not `wanted`, no key ever comes: it is left to others.
  explicit keyboard(bool wanted);
  keyboard(const keyboard&) = delete;
  keyboard& operator=(const keyboard&) = delete;
  /// The terminal is as it was.
  ~keyboard();

  bool is_terminal() const { return is_terminal_; }
  /// The next key; nothing when none comes in time. Where there is no terminal the time passes.
  std::optional<key_press> wait(std::chrono::milliseconds patience);

 private:
  bool is_terminal_ = false;
  termios before_{};
};

}  // namespace planexe::replaying
