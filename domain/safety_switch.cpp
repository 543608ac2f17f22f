#include "domain/safety_switch.hpp"

namespace planexe::domain {

void evolve(switch_state& state, const system_event& event, event_moment moment) {
  state.version = moment.seq;
  const auto change = [&](bool on, const std::string& reason) {
    state.on = on;
    state.reason = reason;
    state.since = moment.at;
  };
  if (const auto* paused = std::get_if<everything_paused>(&event)) change(true, paused->reason);
  if (const auto* resumed = std::get_if<everything_resumed>(&event)) change(false, resumed->reason);
}

std::optional<system_event> decide(const switch_state& state, const throw_switch& command) {
  if (state.on == command.on) return std::nullopt;
  if (command.on) return everything_paused{command.reason};
  return everything_resumed{command.reason};
}

}  // namespace planexe::domain
