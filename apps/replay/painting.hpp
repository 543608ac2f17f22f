// Colours of statuses and times of a moment. Private to apps/replay.
#pragma once

#include <string>
#include <string_view>

#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"
#include "domain/time.hpp"

namespace planexe::replaying {

/// Of an execution's or a task's status.
inline std::string_view colour_of(std::string_view status) {
  if (status == "COMPLETED" || status == "COMPLETE") return terminal::green;
  if (status == "RUNNING") return terminal::blue;
  if (status == "FAILED" || status == "CANCELLED" || status == "ERROR") return terminal::red;
  if (status == "BLOCKED" || status == "PAUSED") return terminal::orange;
  return terminal::dim;
}

/// "2026-01-31 09:05:07.250 UTC"
inline std::string moment_of(domain::timestamp at) {
  auto text = domain::format_rfc3339(at);
  text[text.find('T')] = ' ';
  text.back() = ' ';
  return text + "UTC";
}
/// "09:05:07.250"
inline std::string clock_of(domain::timestamp at) {
  const auto text = domain::format_rfc3339(at);
  return text.substr(text.find('T') + 1, 12);
}

}  // namespace planexe::replaying
