#include "apps/terminal/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace planexe::terminal {

std::string paint(std::string_view text, std::string_view colour, bool colours) {
  constexpr std::string_view plain = "\x1b[0m";
  if (!colours || text.empty()) return std::string(text);
  return std::string(colour).append(text).append(plain);
}

appearance of_standard_output(std::size_t usual_width) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string_view{value == nullptr ? "" : value};
  };
  appearance shown{.width = usual_width};
  if (isatty(STDOUT_FILENO) != 1) return shown;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    shown.width = size.ws_col;
    shown.height = size.ws_row;
  }
  shown.moves = !variable("TERM").empty() && variable("TERM") != "dumb";
  shown.colours = shown.moves && variable("NO_COLOR").empty();
  return shown;
}

}  // namespace planexe::terminal
