// What a number on the command line must be. At the start, one thread.
#pragma once

#include <CLI/CLI.hpp>

#include <charconv>
#include <string>

namespace planexe {

/// CLI11's own check names the greatest number there is, digit by digit.
inline CLI::Validator over_zero() {
  return {[](std::string& word) -> std::string {
            double number = 0;
            const auto* end = word.data() + word.size();
            const auto read = std::from_chars(word.data(), end, number);
            // What is no number is refused where it is turned into one.
            return read.ec == std::errc{} && read.ptr == end && !(number > 0) ? "'" + word + "' is not over 0" : "";
          },
          ">0"};
}

}  // namespace planexe
