#include "apps/replay/keyboard.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <thread>

namespace planexe::replaying {
namespace {

// The bytes of one key come together; a person's next one comes later than this.
constexpr std::chrono::milliseconds rest_of_a_key{20};

/// Whether there is something to read, or an end of the input to see.
bool comes_within(std::chrono::milliseconds patience) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return poll(&input, 1, static_cast<int>(patience.count())) > 0;
}

std::optional<char> read_byte() {
  char byte = 0;
  for (;;) {
    const auto got = read(STDIN_FILENO, &byte, 1);
    if (got == 1) return byte;
    if (got < 0 && errno == EINTR) continue;
    return std::nullopt;
  }
}

key key_of_letter(char letter) {
  switch (letter) {
    case 'n':
      return key::next;
    case ' ':
      return key::toggle;
    case '\r':
    case '\n':
      return key::enter;
    case 'p':
    case '\b':
    case '\x7f':
      return key::previous;
    case 'g':
      return key::first;
    case 'G':
      return key::last;
    case 'q':
    case '\x03':
    case '\x04':
      return key::quit;
    default:
      return key::other;
  }
}

/// What follows on Escape, up to the letter or tilde that ends it.
key key_of_sequence() {
  std::string_view known = "ABCDHF";
  while (comes_within(rest_of_a_key)) {
    const auto byte = read_byte();
    if (!byte) return key::quit;
    if (*byte == '~') return key::other;
    if (known.find(*byte) == std::string_view::npos) {
      if (*byte == '[' || *byte == 'O' || *byte == ';' || (*byte >= '0' && *byte <= '9')) continue;
      return key::other;
    }
    if (*byte == 'B' || *byte == 'C') return key::next;
    if (*byte == 'A' || *byte == 'D') return key::previous;
    return *byte == 'H' ? key::first : key::last;
  }
  return key::other;
}

}  // namespace

keyboard::keyboard(bool wanted) {
  if (!wanted || isatty(STDIN_FILENO) != 1 || tcgetattr(STDIN_FILENO, &before_) != 0) return;
  auto raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  is_terminal_ = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

keyboard::~keyboard() {
  if (is_terminal_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

std::optional<key_press> keyboard::wait(std::chrono::milliseconds patience) {
  if (!is_terminal_) {
    std::this_thread::sleep_for(patience);
    return std::nullopt;
  }
  if (!comes_within(patience)) return std::nullopt;
  const auto byte = read_byte();
  if (!byte) return key_press{key::quit};
  if (*byte >= '0' && *byte <= '9') return key_press{key::digit, static_cast<unsigned>(*byte - '0')};
  if (*byte != '\x1b') return key_press{key_of_letter(*byte)};
  if (!comes_within(rest_of_a_key)) return key_press{key::quit};
  return key_press{key_of_sequence()};
}

}  // namespace planexe::replaying
