#include "tests/actors/timer_index.hpp"

#include "actors/timers.hpp"

namespace planexe::tests {

std::map<std::string, domain::timestamp> armed_in(process& live) {
  using timers_self = std::remove_pointer_t<actors::timers_actor::stateful_pointer<actors::timers_state>>;
  auto* self = dynamic_cast<timers_self*>(caf::actor_cast<caf::abstract_actor*>(live.env().timers));
  std::map<std::string, domain::timestamp> armed;
  if (self == nullptr) return armed;
  // What is told is what wakes: the order in which they are woken, not the register beside it.
  for (const auto& [at, owner] : self->state.due) armed.emplace(owner, domain::timestamp{domain::milliseconds{at}});
  return armed;
}

}  // namespace planexe::tests
