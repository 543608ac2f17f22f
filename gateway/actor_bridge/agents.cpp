// Agents register, change, and ask for work.
#include <caf/send.hpp>

#include <cmath>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/parse_agent.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_agent.hpp"
#include "gateway/json/render_answer.hpp"

namespace planexe::gateway {
namespace {

bool is_empty(const domain::work_answer& work) {
  return work.tasks.empty() && work.revoked.empty() && !work.force_pause && !work.force_cancel;
}

response work_response(const expected<domain::work_answer, domain::rejection>& work) {
  if (!work) return to_response(to_problem(work.error()));
  if (is_empty(*work)) {
    response nothing{.status = 204, .content_type = {}, .body = {}, .headers = {}};
    nothing.headers.emplace_back("Retry-After", std::to_string(std::lround(std::ceil(work->poll_after_seconds))));
    return nothing;
  }
  std::string text;
  render_work_answer(text, *work);
  return json_response(200, std::move(text));
}

/// A poll that may wait for long. One that nobody answers, because the server ends, says so and when to come back.
struct parked_poll {
  parked_poll(const actor_bridge::core& bridge, responder answer) : core(bridge), to(std::move(answer)) {}
  parked_poll(const parked_poll&) = delete;
  parked_poll& operator=(const parked_poll&) = delete;
  ~parked_poll() {
    if (to) to.fail(core.refusal().value_or(unavailable("the poll was dropped before it was answered")));
  }
  const actor_bridge::core& core;
  responder to;
};

response profile_response(unsigned status, const domain::agent_id& id, const domain::agent_state& state) {
  std::string text;
  render_registration(text, id, state, {});
  return json_response(status, std::move(text));
}

}  // namespace

void actor_bridge::core::bind_agents(router& routes) {
  const auto register_one = [this](request request, responder answer) {
    auto wanted = parse_register_agent(request.body);
    if (!wanted) return answer.fail(wanted.error());
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    if (wanted->agent.empty()) wanted->agent = domain::agent_id{env.ids.next_id("agent", env.time.now())};
    ask(wanted->agent, domain::register_agent{std::move(wanted->profile)}, "agent:" + wanted->agent.value,
        std::move(asked),
        [](const domain::agent_id& id, const domain::agent_state& after, const actors::command_outcome& outcome) {
          auto registered = profile_response(outcome.recorded > 0 ? 201 : 200, id, after);
          if (outcome.recorded > 0) registered.headers.emplace_back("Location", "/api/agents/" + id.value);
          return registered;
        });
  };
  bind(routes, "register_agent", register_one);
  bind(routes, "register_agent_alias", register_one);

  bind(routes, "patch_agent", [this](request request, responder answer) {
    auto wanted = parse_patch_agent(request.body);
    if (!wanted) return answer.fail(wanted.error());
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    ask(domain::agent_id{std::string(request.param("agent_id"))}, std::move(*wanted), person, std::move(asked),
        [](const domain::agent_id& id, const domain::agent_state& after, const actors::command_outcome&) {
          return profile_response(200, id, after);
        });
  });

  const auto poll = [this](const request& request, responder answer) {
    auto wanted = parse_work_request(request);
    if (!wanted) return answer.fail(wanted.error());
    auto order = std::make_shared<actors::poll_request>();
    order->limit = wanted->limit;
    order->supported_actions = std::move(wanted->supported_actions);
    order->request_id = std::move(wanted->request_id);
    order->wait = wanted->wait;
    order->answer = [parked = std::make_shared<parked_poll>(*this, std::move(answer))](
                        const expected<domain::work_answer, domain::rejection>& work) {
      parked->to.send(work_response(work));
    };
    const domain::agent_id id{std::string(request.param("agent_id"))};
    env.directory.tell(id, actors::poll_atom_v, std::move(order));
  };
  bind(routes, "poll_work", poll);
  bind(routes, "poll_work_alias", poll);
}

}  // namespace planexe::gateway
