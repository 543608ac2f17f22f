// Keys are made, listed and revoked here; tickets are given out; and whoever asks is told who they are.
#include "gateway/actor_bridge/keys.hpp"

#include <caf/send.hpp>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/actor_bridge/pages.hpp"
#include "gateway/auth/key_text.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_key.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/writer.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

/// The answer holds the key, what is kept of it for a repetition does not: nothing on the disk does.
class new_key_reply final : public http_reply<actors::key_reply> {
 public:
  using render = std::function<response(const domain::api_key& key, bool with_text)>;
  new_key_reply(std::shared_ptr<keyed_request> asked, std::atomic<std::size_t>& under_way, render answer)
      : http_reply(std::move(asked), under_way), render_(std::move(answer)) {}
  std::optional<eventstore::kept_answer> prepare(const std::string&, const domain::api_key& key,
                                                 const actors::command_outcome& outcome) override {
    if (outcome.rejection) return keep(to_response(to_problem(*outcome.rejection)), outcome.recorded_at);
    return keep(render_(key, true), render_(key, false), outcome.recorded_at);
  }

 private:
  render render_;
};

void tell(actors::environment& env, domain::key_command command, std::string actor,
          std::unique_ptr<actors::key_reply> reply) {
  auto order = std::make_shared<actors::key_request>();
  order->command = std::move(command);
  order->actor = std::move(actor);
  order->reply = std::move(reply);
  caf::anon_send(env.keyring, actors::command_atom_v, std::move(order));
}

response private_response(unsigned status, std::string body) {
  auto answer = json_response(status, std::move(body));
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

response me_response(const actor_bridge::core& core, const caller_ptr& who) {
  std::string text;
  json_writer writer{text};
  writer.begin_object();
  writer.member("auth", core.gate.keys_required() ? "required" : "off");
  if (who) {
    writer.member("name", who->name);
    writer.member("role", domain::name_of(who->role));
    writer.optional_member("agent_id", who->agent);
    writer.optional_member("key_id", std::string_view{who->key});
    writer.optional_member("expires_at", who->expires_at);
  }
  writer.key("server");
  writer.begin_object();
  writer.member("version", core.options.version);
  writer.member("poll_after_seconds", core.env.settings.poll_after_seconds);
  writer.member("agent_timeout_seconds", as_seconds(core.env.settings.agent_timeout));
  writer.member("websocket_enabled", core.options.websocket_enabled);
  writer.end_object();
  writer.end_object();
  return private_response(200, std::move(text));
}

response key_page(const actor_bridge::core& core, const domain::key_ring& ring, const request_head& head,
                  std::uint32_t limit, const std::optional<std::string>& before) {
  const auto now = core.env.time.now();
  std::string text, next, last;
  json_writer writer{text};
  writer.begin_array();
  const auto first = before ? ring.keys.lower_bound(*before) : ring.keys.end();
  for (auto at = std::make_reverse_iterator(first); at != ring.keys.rend(); ++at) {
    if (limit-- == 0) {
      next = last;
      break;
    }
    append_key(writer, at->second, now, core.gate.last_used(at->first));
    last = at->first;
  }
  writer.end_array();
  return page_response(head, std::move(text), next);
}

}  // namespace

void make_key(actor_bridge::core& core, domain::create_key wanted, std::string text, std::string actor,
              std::shared_ptr<keyed_request> asked,
              std::function<response(const domain::api_key&, bool with_text)> render) {
  wanted.id = core.env.ids.next_id("key", core.env.time.now());
  wanted.digest = secret_digest(text);
  tell(core.env, std::move(wanted), std::move(actor),
       std::make_unique<new_key_reply>(std::move(asked), core.commands, std::move(render)));
}

void actor_bridge::core::bind_keys(router& routes) {
  // Also while the server starts or is switched off: a page asks this first, to know what it is talking to.
  routes.bind("get_me",
              [this](const request& request, responder answer) { answer.send(me_response(*this, request.caller)); });

  bind(routes, "create_ticket", [this](const request& request, responder answer) {
    if (auto wrong = refuse_members(request.body)) return answer.fail(*wrong);
    if (!request.caller) return answer.fail({problem_code::forbidden, "a ticket is somebody's", {}, {}});
    const auto issued = gate.issue_ticket(request.caller, env.time.now());
    if (!issued) return answer.fail(issued.error());
    std::string text;
    json_writer writer{text};
    writer.begin_object();
    writer.member("ticket", issued->text);
    writer.member("expires_at", issued->expires_at);
    writer.end_object();
    answer.send(private_response(201, std::move(text)));
  });

  bind(routes, "list_keys", [this](const request& request, responder answer) {
    query_reader query{request};
    const auto limit = query.limit();
    const auto before = query.cursor();
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    work([this, limit, before, head = head_of(request), to = std::make_shared<responder>(std::move(answer))] {
      const auto ring = projections::replay_keys(env.log);
      if (!ring) return to->fail(to_problem(ring.error()));
      if (before && !ring->keys.contains(*before)) return to->fail(foreign_cursor());
      to->send(key_page(*this, *ring, head, limit, before));
    });
  });

  bind(routes, "create_key", [this](const request& request, responder answer) {
    auto wanted = parse_create_key(request.body, env.time.now());
    if (!wanted) return answer.fail(wanted.error());
    const std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    const auto text = draw_key();
    make_key(*this, std::move(*wanted), text, asked->actor(), asked,
             [this, text](const domain::api_key& key, bool with_text) {
               std::string body;
               render_key(body, key, env.time.now(), {}, with_text ? text : std::string{});
               return private_response(201, std::move(body));
             });
  });

  bind(routes, "revoke_key", [this](const request& request, responder answer) {
    const std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    const auto render = [this](const std::string&, const domain::api_key& key, const actors::command_outcome& outcome) {
      if (outcome.rejection) return to_response(to_problem(*outcome.rejection));
      std::string text;
      render_key(text, key, env.time.now());
      return json_response(200, std::move(text));
    };
    using reply = rendered_reply<actors::key_reply, std::string, domain::api_key, decltype(render)>;
    tell(env, domain::revoke_key{std::string(request.param("key_id"))}, asked->actor(),
         std::make_unique<reply>(asked, commands, render));
  });
}

}  // namespace planexe::gateway
