// What a number on the command line must be. At the start, one thread.
#pragma once

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdlib>
#include <string>

namespace planexe {

/// CLI11's own check names the greatest number there is, digit by digit.
inline CLI::Validator over_zero() {
  return {[](std::string& word) -> std::string {
            // As CLI11 reads it, with a sign or in another base too.
            char* end = nullptr;
            const auto number = std::strtod(word.c_str(), &end);
            // What is no number is refused where it is turned into one.
            if (end != word.c_str() + word.size() || (number > 0 && std::isfinite(number))) return "";
            return "'" + word + (number > 0 ? "' has no end" : "' is not over 0");
          },
          ">0"};
}

}  // namespace planexe
