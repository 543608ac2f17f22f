#include "gateway/actor_bridge/bridge.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <thread>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/route_table.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {

actor_bridge::actor_bridge(actors::runtime& runtime, bridge_options options)
    : core_(std::make_unique<core>(runtime, std::move(options))) {
  core_->env.on_key = [core = core_.get()](const domain::api_key& key) { core->gate.put(key); };
}
actor_bridge::~actor_bridge() = default;

void actor_bridge::bind(router& routes) {
  core_->bind_plans(routes);
  core_->bind_executions(routes);
  core_->bind_forks(routes);
  core_->bind_reports(routes);
  core_->bind_agents(routes);
  core_->bind_decomposition(routes);
  core_->bind_control(routes);
  core_->bind_attention(routes);
  core_->bind_reads(routes);
  core_->bind_why(routes);
  core_->bind_report(routes);
  core_->bind_audit(routes);
  core_->bind_activity(routes);
  core_->bind_metrics(routes);
  core_->bind_views(routes);
  core_->bind_history(routes);
  core_->bind_export(routes);
  core_->bind_streams(routes);
  core_->bind_notifications(routes);
  core_->bind_keys(routes);
  core_->bind_erasure(routes);
  core_->bind_archive(routes);
  core_->bind_backups(routes);
  core_->bind_backup_lists(routes);
  core_->bind_health(routes);
}

authenticator actor_bridge::make_authenticator() {
  return [core = core_.get()](request_head& head, const route& asked) {
    return core->gate.admit(head, asked, core->env.time.now());
  };
}

result<void> actor_bridge::load_keys() {
  const auto ring = projections::replay_keys(core_->env.log);
  if (!ring) return unexpected{ring.error()};
  for (const auto& [id, key] : ring->keys) core_->gate.put(key);
  return {};
}

void actor_bridge::set_state(serving_state state) {
  core_->serving = state;
}

serving_state actor_bridge::state() const {
  return core_->serving;
}

void actor_bridge::drain(domain::milliseconds limit) {
  set_state(serving_state::draining);
  core_->ending.request_stop();
  constexpr domain::milliseconds look_again{5};
  for (auto waited = domain::milliseconds{0}; core_->commands > 0 && waited < limit; waited += look_again)
    std::this_thread::sleep_for(look_again);
}

void actor_bridge::stop() {
  core_->ending.request_stop();
  core_->decompositions.stop();
  core_->fetches.stop();
  core_->rebuilds.stop();
  core_->backups.stop();
  core_->backup_answers.stop();
  core_->audits.stop();
  core_->erasures.stop();
  core_->offload.stop();
}

std::string_view media_type(const request& request) {
  const auto given = request.header("content-type").value_or("application/json");
  return given.substr(0, given.find_first_of("; \t"));
}

void keep_and_send(actors::environment& env, const std::shared_ptr<keyed_request>& asked, response answer) {
  auto kept = asked->keep(answer, env.time.now());
  if (!kept) return asked->send(std::move(answer));
  auto item = std::make_shared<actors::commit_item>();
  item->append.answers.push_back(std::move(*kept));
  item->on_conflict = [] {};
  item->on_durable = [asked, answer = std::move(answer)]() mutable { asked->send(std::move(answer)); };
  caf::anon_send(env.committer, actors::append_atom_v, std::move(item));
}

std::optional<problem> actor_bridge::core::refusal() const {
  if (*options.storage_failed) return unavailable("the storage has failed; nothing can be recorded", 30);
  switch (serving.load()) {
    case serving_state::ready:
      break;
    case serving_state::starting:
      return unavailable("the server is starting");
    case serving_state::draining:
      return unavailable("the server is shutting down", 5);
    case serving_state::disabled:
      return unavailable("execution is switched off (PLANEXE_EXECUTION_ENABLED)", 3'600);
  }
  if (commands >= options.most_commands)
    return unavailable(std::to_string(options.most_commands) + " commands are under way already");
  return std::nullopt;
}

room_need room_need_of(std::string_view operation) {
  constexpr std::array new_work{std::string_view{"create_plan"}, std::string_view{"create_execution"},
                                std::string_view{"fork_execution"}, std::string_view{"register_agent"},
                                std::string_view{"register_agent_alias"}};
  // Polls are the agents' actors to judge: what an agent holds, it is told. Backups look for room by themselves, and
  // so does the archivist: what leaves the log leaves more of it.
  constexpr std::array nothing{std::string_view{"poll_work_alias"}, std::string_view{"decompose_task"},
                               std::string_view{"create_ticket"}, std::string_view{"create_backup"},
                               std::string_view{"archive_execution"}};
  const auto is_in = [operation](const auto& list) {
    return std::find(list.begin(), list.end(), operation) != list.end();
  };
  if (is_in(new_work)) return room_need::new_work;
  const auto routes = route_table();
  const auto asked =
      std::find_if(routes.begin(), routes.end(), [&](const route& each) { return each.operation == operation; });
  const bool stores = asked != routes.end() && asked->verb != method::get && !is_in(nothing);
  return stores ? room_need::report : room_need::nothing;
}

std::optional<problem> actor_bridge::core::refusal_for_room(room_need need) const {
  constexpr unsigned look_again_seconds = 30;  // room comes back when somebody makes some
  const auto state = env.disk->state();
  const bool refused = need == room_need::new_work ? state != domain::disk_state::ok
                                                   : need == room_need::report && state == domain::disk_state::full;
  return refused ? std::optional{unavailable(env.disk->refusal(), look_again_seconds)} : std::nullopt;
}

void actor_bridge::core::read(std::function<void()> read_views) {
  caf::anon_send(env.projector, actors::run_atom_v, std::make_shared<std::function<void()>>(std::move(read_views)));
}

void actor_bridge::core::when_gone(push_peer& peer, std::function<void()> then) {
  // A handle of its own: when the server ends, peers go after the actors.
  peer.on_close([projector = env.projector, then = std::move(then)] {
    caf::anon_send(projector, actors::run_atom_v, std::make_shared<std::function<void()>>(then));
  });
}

void actor_bridge::core::bind_health(router& routes) {
  routes.bind("livez", [](const request&, responder answer) { answer.send(json_response(200, R"({"status":"ok"})")); });
  routes.bind("healthcheck", [this](const request&, responder answer) {
    if (*options.storage_failed) return answer.fail(*refusal());
    answer.send(json_response(200, R"({"status":"ok"})"));
  });
  routes.bind("readyz", [this](const request&, responder answer) {
    if (const auto why_not = refusal()) return answer.fail(*why_not);
    if (const auto no_room = refusal_for_room(room_need::report)) return answer.fail(*no_room);
    const std::string disk{domain::name_of(env.disk->state())};
    answer.send(json_response(200, R"({"status":"ready","disk":")" + disk + "\"}"));
  });
}

}  // namespace planexe::gateway
