#include "apps/terminal/failure.hpp"

#include <nlohmann/json.hpp>

#include "apps/terminal/text.hpp"

namespace planexe::terminal {
namespace {

using json = nlohmann::ordered_json;

constexpr int exit_problem = 1, exit_usage = 2;

const char* name_of(errc code) {
  switch (code) {
    case errc::io:
      return "failed";  // a disk, a network, or a server that refused
    case errc::corrupt:
      return "corrupt";
    case errc::newer_version:
      return "newer_version";
    case errc::locked:
      return "locked";
    case errc::not_found:
      return "not_found";
    case errc::conflict:
      return "conflict";
    case errc::invalid:
      return "invalid";
    case errc::too_large:
      return "too_large";
    case errc::archived:
      return "archived";
  }
  return "failed";
}

}  // namespace

json failure_json(const error& why) {
  return {{"error", {{"code", name_of(why.code)}, {"detail", why.detail}}}};
}

void put_failure(const error& why, bool as_json, std::ostream& out) {
  if (as_json) out << failure_json(why).dump(-1, ' ', true, json::error_handler_t::replace) << '\n';
}

int fail(const error& why, bool as_json, std::ostream& out, std::ostream& err) {
  put_failure(why, as_json, out);
  err << printable(why.detail) << '\n';
  return why.code == errc::invalid ? exit_usage : exit_problem;
}

}  // namespace planexe::terminal
