// One execution live over a WebSocket: the state at N or the events after N, then every event once, in order.
#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t most_resumed = 10'000;  // events sent to catch up; further behind, a snapshot is cheaper

std::shared_ptr<const std::string> share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// A subscriber. Lives in the projector's thread; the peer is told whether it keeps up by its queue.
class stream_follower final : public actors::follower {
 public:
  stream_follower(actor_bridge::core& core, domain::execution_id id, std::shared_ptr<websocket_peer> peer)
      : core_(core), id_(std::move(id)), peer_(std::move(peer)), open_(std::make_shared<std::atomic<bool>>(true)) {
    peer_->on_close([open = open_] { *open = false; });
  }

  /// Begins with the state, or with the events after `from` where those are there. False: nothing can be sent.
  bool begin(const domain::execution_state& state, std::optional<std::uint64_t> from) {
    if (!from || *from > state.version || state.version - *from > most_resumed || !resume(*from, state.version)) {
      if (from) send_with([](std::string& out) { render_resync_message(out, "the stream cannot go on from there"); });
      send_snapshot(state);
    } else {
      send_update(state);
    }
    send_with([&](std::string& out) { render_caught_up_message(out, state.version); });
    return *open_;
  }

  bool on_events(std::span<const domain::event_record* const> events, const projections::execution_row&) override {
    if (!*open_) return false;
    if (behind_) return true;
    for (const auto* record : events) send_with([&](std::string& out) { render_event_message(out, *record); });
    const auto state = core_.views.executions.peek(id_);
    if (state && *state != nullptr) send_update(**state);
    return *open_;
  }

  /// One that could not keep up starts again from a snapshot when its queue is empty.
  bool on_time(domain::timestamp) override {
    if (!*open_) return false;
    if (!behind_ || peer_->queued_bytes() > 0) return true;
    const auto state = core_.views.executions.peek(id_);
    if (!state || *state == nullptr) return false;
    behind_ = false;
    send_with([](std::string& out) { render_resync_message(out, "the client was too slow"); });
    send_snapshot(**state);
    send_with([&](std::string& out) { render_caught_up_message(out, (*state)->version); });
    return *open_;
  }

 private:
  template <class Render>
  void send_with(Render&& render) {
    if (behind_) return;
    std::string text;
    render(text);
    behind_ = !peer_->send(share(std::move(text)));
  }
  void send_snapshot(const domain::execution_state& state) {
    send_with([&](std::string& out) { render_snapshot_message(out, id_, state, core_.env.time.now()); });
  }
  void send_update(const domain::execution_state& state) {
    send_with([&](std::string& out) { render_update_message(out, id_, state); });
  }
  bool resume(std::uint64_t from, std::uint64_t to) {
    const auto records = core_.env.log.read_stream(projections::stream_of(id_), from, to - from);
    if (!records) return false;
    for (const auto& record : *records) send_with([&](std::string& out) { render_event_message(out, record); });
    return true;
  }

  actor_bridge::core& core_;
  domain::execution_id id_;
  std::shared_ptr<websocket_peer> peer_;
  std::shared_ptr<std::atomic<bool>> open_;
  bool behind_ = false;  ///< something could not be queued: what follows is left out until the next snapshot
};

}  // namespace

void actor_bridge::core::bind_streams(router& routes) {
  routes.bind_websocket("stream_execution", [this](const request& request, std::shared_ptr<websocket_peer> peer) {
    if (const auto why_not = refusal()) return peer->close(close_try_later, why_not->detail);
    if (!options.websocket_enabled) return peer->close(close_policy, "streams are switched off");
    query_reader query{request};
    const auto from = query.number("from");
    if (query.failure()) return peer->close(close_policy, "'from' is not a seq");
    const domain::execution_id id{std::string(request.param("execution_id"))};
    read([this, id, from, peer] {
      const auto state = views.executions.peek(id);
      if (!state || *state == nullptr) return peer->close(close_policy, "no execution '" + id.value + "'");
      auto follower = std::make_shared<stream_follower>(*this, id, peer);
      if (follower->begin(**state, from)) views.hub.follow(id, std::move(follower));
    });
  });
}

}  // namespace planexe::gateway
