// The switch that pauses everything.
#include <caf/send.hpp>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/parse_control.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

response switch_response(const domain::switch_state& state) {
  std::string text;
  render_switch(text, state);
  return json_response(200, std::move(text));
}

}  // namespace

void actor_bridge::core::bind_control(router& routes) {
  const auto turn = [this](bool on) {
    return [this, on](const request& request, responder answer) {
      auto wanted = parse_throw_switch(request.body, on);
      if (!wanted) return answer.fail(wanted.error());
      auto asked = answers.begin(request, std::move(answer), env.time.now());
      if (!asked) return;
      const auto render = [](std::monostate, const domain::switch_state& after, const actors::command_outcome&) {
        return switch_response(after);
      };
      auto order = std::make_shared<actors::switch_request>();
      order->command = std::move(*wanted);
      order->actor = asked->actor();
      order->reply = std::make_unique<
          rendered_reply<actors::switch_reply, std::monostate, domain::switch_state, decltype(render)>>(
          std::move(asked), commands, render);
      caf::anon_send(env.safety_switch, actors::command_atom_v, std::move(order));
    };
  };
  bind(routes, "pause_everything", turn(true));
  bind(routes, "resume_everything", turn(false));
  bind(routes, "get_switch", [this](const request&, responder answer) {
    work([this, to = std::make_shared<responder>(std::move(answer))] {
      const auto state = projections::replay_switch(env.log);
      if (!state) return to->fail(to_problem(state.error()));
      to->send(switch_response(*state));
    });
  });
}

}  // namespace planexe::gateway
