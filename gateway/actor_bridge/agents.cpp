// Agents register, change, and ask for work.
#include <caf/send.hpp>

#include <cmath>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/actor_bridge/keys.hpp"
#include "gateway/auth/access_rules.hpp"
#include "gateway/auth/key_text.hpp"
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

problem key_has_ended() {
  return {problem_code::unauthenticated, "this key was revoked or has expired", {}, {{"WWW-Authenticate", "Bearer"}}};
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

response profile_response(unsigned status, const domain::agent_id& id, const domain::agent_state& state,
                          std::string_view api_key = {}) {
  std::string text;
  render_registration(text, id, state, api_key);
  return json_response(status, std::move(text));
}

response registered_response(const domain::agent_id& id, const domain::agent_state& state,
                             const actors::command_outcome& outcome, std::string_view api_key) {
  auto registered = profile_response(outcome.recorded > 0 ? 201 : 200, id, state, api_key);
  if (outcome.recorded > 0) registered.headers.emplace_back("Location", "/api/agents/" + id.value);
  if (!api_key.empty()) registered.headers.emplace_back("Cache-Control", "no-store");
  return registered;
}

/// An agent's key registers that agent, which need not say who it is; keys are made by those who steer.
std::optional<problem> refuse_registration(const caller_ptr& who, register_agent_request& wanted) {
  if (!who || !who->is_agent()) return std::nullopt;
  if (wanted.issue_key) return problem{problem_code::forbidden, "an agent's key makes no keys", {}, {}};
  if (wanted.agent.empty()) wanted.agent = who->agent;
  return refuse_agent(who, wanted.agent);
}

/// Registers, and then makes the agent's key: the answer waits for both. A crash in between leaves an agent without a
/// key, and the same request makes it one.
class registration_with_key final : public actors::agent_reply {
 public:
  registration_with_key(actor_bridge::core& core, std::shared_ptr<keyed_request> asked)
      : core_(core), asked_(std::move(asked)), key_(draw_key()) {
    ++core_.commands;
  }
  ~registration_with_key() override { --core_.commands; }
  std::optional<eventstore::kept_answer> prepare(const domain::agent_id& id, const domain::agent_state& state,
                                                 const actors::command_outcome& outcome) override {
    agent_ = id;
    refused_ = outcome.rejection.has_value();
    whole_ = refused_ ? to_response(to_problem(*outcome.rejection)) : registered_response(id, state, outcome, key_);
    if (!refused_) kept_ = registered_response(id, state, outcome, {});
    return std::nullopt;
  }
  void deliver() override {
    if (refused_) return asked_->send(std::move(whole_));
    domain::create_key wanted;
    wanted.role = domain::key_role::agent;
    wanted.agent = agent_;
    make_key(core_, std::move(wanted), key_, asked_->actor(), asked_,
             [whole = std::move(whole_), kept = std::move(kept_)](const domain::api_key&, bool with_text) {
               return with_text ? whole : kept;
             });
  }

 private:
  actor_bridge::core& core_;
  std::shared_ptr<keyed_request> asked_;
  std::string key_;
  domain::agent_id agent_;
  bool refused_ = false;
  response whole_;
  response kept_;
};

void register_with_key(actor_bridge::core& core, register_agent_request wanted, std::string actor,
                       std::shared_ptr<keyed_request> asked) {
  auto order = std::make_shared<actors::agent_request>();
  order->command = domain::register_agent{std::move(wanted.profile)};
  order->actor = std::move(actor);
  order->reply = std::make_unique<registration_with_key>(core, std::move(asked));
  core.env.directory.tell(wanted.agent, actors::command_atom_v, std::move(order));
}

}  // namespace

void actor_bridge::core::bind_agents(router& routes) {
  const auto register_one = [this](request request, responder answer) {
    auto wanted = parse_register_agent(request.body);
    if (!wanted) return answer.fail(wanted.error());
    if (const auto refused = refuse_registration(request.caller, *wanted)) return answer.fail(*refused);
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    if (wanted->agent.empty()) wanted->agent = domain::agent_id{env.ids.next_id("agent", env.time.now())};
    auto actor = asked->actor_for(wanted->agent);
    if (wanted->issue_key) return register_with_key(*this, std::move(*wanted), std::move(actor), std::move(asked));
    ask(wanted->agent, domain::register_agent{std::move(wanted->profile)}, std::move(actor), std::move(asked),
        [](const domain::agent_id& id, const domain::agent_state& after, const actors::command_outcome& outcome) {
          return registered_response(id, after, outcome, {});
        });
  };
  bind(routes, "register_agent", register_one);
  bind(routes, "register_agent_alias", register_one);

  bind(routes, "patch_agent", [this](request request, responder answer) {
    auto wanted = parse_patch_agent(request.body);
    if (!wanted) return answer.fail(wanted.error());
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    auto actor = asked->actor();
    ask(domain::agent_id{std::string(request.param("agent_id"))}, std::move(*wanted), std::move(actor),
        std::move(asked),
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
    order->answer = [parked = std::make_shared<parked_poll>(*this, std::move(answer)),
                     who = request.caller](const expected<domain::work_answer, domain::rejection>& work) {
      // Work that came too late for its key goes to nobody; its lease ends as that of any silent agent.
      if (has_ended(who)) return parked->to.fail(key_has_ended());
      if (!work && work.error().code == domain::rejection_code::unavailable)
        if (const auto no_room = parked->core.refusal_for_room(room_need::new_work)) return parked->to.fail(*no_room);
      parked->to.send(work_response(work));
    };
    const domain::agent_id id{std::string(request.param("agent_id"))};
    env.directory.tell(id, actors::poll_atom_v, std::move(order));
  };
  bind(routes, "poll_work", poll);
  bind(routes, "poll_work_alias", poll);
}

}  // namespace planexe::gateway
