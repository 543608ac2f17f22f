#include "domain/agent_state.hpp"

namespace planexe::domain {
namespace {

struct evolver {
  agent_state& state;
  event_moment moment;

  void operator()(const agent_registered& e) const {
    state.registered = true;
    state.profile = e.profile;
    state.registered_at = moment.at;
  }
  void operator()(const agent_profile_changed& e) const { state.profile = e.profile; }
  void operator()(const agent_standing_changed& e) const { state.standing = e.standing; }
};

}  // namespace

std::string_view name_of(agent_standing standing) {
  switch (standing) {
    case agent_standing::paused:
      return "paused";
    case agent_standing::retired:
      return "retired";
    case agent_standing::active:
      break;
  }
  return "active";
}

void evolve(agent_state& state, const agent_event& event, event_moment moment) {
  std::visit(evolver{state, moment}, event);
  state.version = moment.seq;
  state.updated_at = moment.at;
}

}  // namespace planexe::domain
