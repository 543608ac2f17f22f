// Streams, over a WebSocket or as server-sent events: one execution live, and everything at a glance.
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "gateway/actor_bridge/execution_channel.hpp"
#include "gateway/actor_bridge/overview_channel.hpp"
#include "gateway/json/parse_query.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

using channels = std::unordered_map<domain::execution_id, std::weak_ptr<execution_channel>>;

/// The channel of an execution that exists; made where nobody follows it yet. In the projector's thread.
std::shared_ptr<execution_channel> channel_of(actor_bridge::core& core, const std::shared_ptr<channels>& known,
                                              const domain::execution_id& id, const domain::execution_state& state) {
  auto& entry = (*known)[id];
  if (auto found = entry.lock()) return found;
  auto made = std::shared_ptr<execution_channel>(new execution_channel(core, id, state),
                                                 [known, id](execution_channel* channel) {
                                                   delete channel;
                                                   known->erase(id);
                                                 });
  entry = made;
  core.views.hub.follow(id, made);
  return made;
}

bool wants_events(const request_head& head) {
  const std::string accepted{head.header("accept").value_or("")};
  constexpr std::string_view wanted = "text/event-stream";
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::search(accepted.begin(), accepted.end(), wanted.begin(), wanted.end(), same) != accepted.end();
}

/// Where a stream goes on. `Last-Event-ID` is the younger one: a browser that connects again sends the first address
/// once more.
expected<std::optional<std::uint64_t>, problem> place_of(const request_head& head) {
  if (const auto wrong = refuse_moment(head)) return unexpected{*wrong};
  query_reader query{head};
  auto from = query.number("from");
  if (const auto wrong = query.failure()) return unexpected{*wrong};
  const auto last = head.header("last-event-id");
  if (!last || last->empty()) return from;
  std::uint64_t seq = 0;
  const auto [end, failure] = std::from_chars(last->data(), last->data() + last->size(), seq);
  if (failure != std::errc{} || end != last->data() + last->size())
    return unexpected{problem{problem_code::malformed_request, "Last-Event-ID is not one of this stream", {}, {}}};
  return std::optional{seq};
}

response event_stream_head() {
  // A browser that loses the stream waits this long before it comes back.
  return {.status = 200,
          .content_type = "text/event-stream",
          .body = "retry: 2000\n\n",
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
}

bool may_stream(const actor_bridge::core& core, push_peer& peer) {
  if (const auto why_not = core.refusal()) return peer.close(close_try_later, why_not->detail), false;
  if (!core.options.websocket_enabled) return peer.close(close_policy, "streams are switched off"), false;
  return true;
}

/// Why a request cannot be answered with server-sent events.
std::optional<problem> why_no_events(const actor_bridge::core& core, const request_head& head) {
  if (!wants_events(head))
    return problem{problem_code::upgrade_required,
                   "this is a WebSocket, or a stream for 'Accept: text/event-stream'",
                   {},
                   {{"Upgrade", "websocket"}}};
  if (!core.options.websocket_enabled)
    return unavailable("streams are switched off (PLANEXE_WEBSOCKET_ENABLED)", 3'600);
  return core.refusal();
}

/// Why an execution that is in no view has none.
problem no_stream_of(const actors::environment& env, const domain::execution_id& id) {
  const auto head = env.log.head_of(projections::stream_of(id));
  if (!head || !head->archived) return no_such("execution", id.value);
  return {problem_code::not_found, "the execution is archived: nothing happens in it any more", {}, {}};
}

}  // namespace

void actor_bridge::core::bind_streams(router& routes) {
  bind_execution_stream(routes);
  bind_overview_stream(routes);
}

void actor_bridge::core::bind_execution_stream(router& routes) {
  const auto known = std::make_shared<channels>();
  routes.bind_websocket(
      "stream_execution", [this, known](const request& request, const std::shared_ptr<websocket_peer>& peer) {
        if (!may_stream(*this, *peer)) return;
        const auto from = place_of(request);
        if (!from) return peer->close(close_policy, from.error().detail);
        read([this, known, id = domain::execution_id{std::string(request.param("execution_id"))}, from = *from, peer] {
          const auto state = views.executions.peek(id);
          if (!state || *state == nullptr) return peer->close(close_policy, no_stream_of(env, id).detail);
          channel_of(*this, known, id, **state)->join(peer, from);
        });
      });
  routes.bind("stream_execution", [this, known](const request& request, responder answer) {
    if (const auto why_not = why_no_events(*this, request)) return answer.fail(*why_not);
    const auto from = place_of(request);
    if (!from) return answer.fail(from.error());
    read([this, known, id = domain::execution_id{std::string(request.param("execution_id"))}, from = *from,
          to = std::make_shared<responder>(std::move(answer))] {
      const auto state = views.executions.peek(id);
      if (!state) return to->fail(to_problem(state.error()));
      if (*state == nullptr) return to->fail(no_stream_of(env, id));
      channel_of(*this, known, id, **state)->join(to->stream(event_stream_head()), from);
    });
  });
}

void actor_bridge::core::bind_overview_stream(router& routes) {
  // Nothing can be committed before the routes are bound and served.
  const auto thrown = projections::replay_switch(env.log);
  const auto channel = std::make_shared<overview_channel>(*this, thrown ? *thrown : domain::switch_state{});
  read([this, channel] { views.hub.watch(channel); });
  const std::weak_ptr<overview_channel> known = channel;
  const auto join = [known](const std::shared_ptr<push_peer>& peer) {
    if (const auto found = known.lock())
      found->join(peer);
    else
      peer->close(close_going_away, "the server stops");
  };
  routes.bind_websocket("stream_overview", [this, join](const request&, const std::shared_ptr<websocket_peer>& peer) {
    if (!may_stream(*this, *peer)) return;
    read([join, peer] { join(peer); });
  });
  routes.bind("stream_overview", [this, join](const request& request, responder answer) {
    if (const auto why_not = why_no_events(*this, request)) return answer.fail(*why_not);
    read([join, to = std::make_shared<responder>(std::move(answer))] { join(to->stream(event_stream_head())); });
  });
}

}  // namespace planexe::gateway
