// The terminal that a command speaks to: how wide it is, whether it shows colours, and these colours. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace planexe::terminal {

inline constexpr std::string_view green = "\x1b[32m";
inline constexpr std::string_view blue = "\x1b[34m";
inline constexpr std::string_view orange = "\x1b[38;5;208m";
inline constexpr std::string_view red = "\x1b[31m";
inline constexpr std::string_view dim = "\x1b[2m";
inline constexpr std::string_view bold = "\x1b[1m";

/// `text` in that colour, or as it is.
std::string paint(std::string_view text, std::string_view colour, bool colours);

struct appearance {
  std::size_t width = 0;   ///< in columns
  std::size_t height = 0;  ///< in lines; 0: not known
  bool colours = false;
  bool moves = false;  ///< lines can be drawn over
};

/// Of standard output. Colours, and another width than `usual_width`, only where it is a terminal; no colours where
/// `NO_COLOR` is set, and neither they nor movements on a dumb terminal.
appearance of_standard_output(std::size_t usual_width = 100);

}  // namespace planexe::terminal
