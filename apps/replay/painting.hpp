// Colours of statuses and times of a moment. Private to apps/replay.
#pragma once

#include <string>
#include <string_view>

#include "apps/replay/texts.hpp"
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

/// An id in at most 20 columns: made ones differ at their ends.
inline std::string short_id(std::string_view id) {
  constexpr std::size_t most = 20, front = 6, back = 8;
  if (id.size() <= most) return terminal::printable(id);
  return terminal::printable(id.substr(0, front)) + "…" + terminal::printable(id.substr(id.size() - back));
}

/// What people call an agent, or an actor as events name them.
inline std::string name_of_actor(std::string_view actor, const agent_names& names) {
  constexpr std::string_view agent = "agent:";
  if (actor.starts_with(agent)) actor.remove_prefix(agent.size());
  if (names)
    if (const auto name = names(std::string(actor)); !name.empty()) return terminal::cut(name, 32);
  return short_id(actor);
}

}  // namespace planexe::replaying
