// Which hosts are this machine alone.
#include <charconv>
#include <string>

#include "apps/config/config.hpp"

namespace planexe::config {
namespace {

/// 127.a.b.c, each part a number up to 255. Shorter forms mean different things to different resolvers.
bool is_loopback_ipv4(std::string_view host) {
  constexpr int parts = 4;
  for (int part = 0; part < parts; ++part) {
    const auto dot = host.find('.');
    const auto digits = host.substr(0, dot);
    unsigned number = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc{} || end != digits.data() + digits.size() || number > 255) return false;
    if (part == 0 && number != 127) return false;
    if ((dot == std::string_view::npos) != (part == parts - 1)) return false;
    host.remove_prefix(dot == std::string_view::npos ? host.size() : dot + 1);
  }
  return true;
}

}  // namespace

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || is_loopback_ipv4(host);
}

}  // namespace planexe::config
