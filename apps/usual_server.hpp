// The server that is asked where none was named: the one that `planexe-ax serve` starts by itself on this machine.
#pragma once

#include <string>

namespace planexe::answers {

inline constexpr const char* usual_server = "http://127.0.0.1:8090";

/// `the server (default http://…)`: the help of `--url`.
inline std::string server_help(const std::string& the_server = "the server") {
  return the_server + " (default " + usual_server + ")";
}

}  // namespace planexe::answers
