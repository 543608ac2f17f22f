#include "audit/stream_audit.hpp"

#include <algorithm>

#include "domain/execution_state.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/hash_chain.hpp"

namespace planexe::audit {
namespace {

constexpr std::uint64_t chunk = 1'000;  // events read at a time
constexpr std::size_t form_bytes = 2;   // a snapshot says in two small numbers which form it has

class stream_auditor {
 public:
  stream_auditor(const eventstore::event_log& log, const eventstore::derived_store& derived,
                 const domain::stream_id& stream)
      : log_(log), derived_(derived), stream_(stream) {}

  result<stream_audit> run() {
    // Before the head: a log that goes on may save a newer one meanwhile.
    auto taken = load_snapshot();
    const auto head = log_.head_of(stream_);
    if (!head) return unexpected{head.error()};
    if (head->version == 0) return unexpected{error{errc::not_found, "no stream '" + stream_.id + "'"}};
    found_.events = head->version;
    found_.head_hash = head->hash;
    look_at(std::move(taken));
    std::uint64_t step = chunk;
    while (found_.stands_to < found_.events && !found_.first_bad_seq) read(step);
    if (found_.verified() && hash_ != head->hash)
      break_at(found_.events, "the hash of the last event is not the one that the stream's head has");
    return std::move(found_);
  }

 private:
  void break_at(std::uint64_t seq, const std::string& why) {
    found_.first_bad_seq = seq;
    found_.stands_to = seq - 1;
    found_.problem = why;
  }

  // Where a step fails, smaller ones find the event that it failed at.
  void read(std::uint64_t& step) {
    const auto wanted = std::min(step, found_.events - found_.stands_to);
    const auto events = log_.read_stored(stream_, found_.stands_to, static_cast<std::size_t>(wanted));
    const std::uint64_t next = found_.stands_to + 1;
    if (!events) {
      if (step == 1) return break_at(next, events.error().detail);
      step = std::max<std::uint64_t>(1, step / 8);
      return;
    }
    if (events->empty()) return break_at(next, "it is missing");
    for (const auto& event : *events)
      if (!take(event)) return;
  }

  bool take(const eventstore::stored_event& event) {
    const std::uint64_t seq = found_.stands_to + 1;
    if (event.seq != seq || eventstore::link(hash_, event.bytes) != event.hash) {
      break_at(seq, "the hash chain is broken");
      return false;
    }
    const auto decoded = eventstore::decode(event.bytes, &log_.sealing_keys());
    if (!decoded) {
      break_at(seq, decoded.error().detail);
      return false;
    }
    if (decoded->payload.index() + 1 != static_cast<std::size_t>(stream_.kind)) {
      break_at(seq, "an event of another kind of stream");
      return false;
    }
    hash_ = event.hash;
    found_.stands_to = seq;
    if (snapshot_ && seq <= snapshot_->seq) replay(*decoded, seq);
    return true;
  }

  using maybe_snapshot = result<std::optional<eventstore::derived_store::snapshot>>;
  maybe_snapshot load_snapshot() const {
    // After an erasure replay gives other words than before it, until the snapshots of that time are gone.
    if (stream_.kind == domain::stream_kind::execution && !log_.sealing_keys().has_erasures_to_finish())
      return derived_.load_snapshot(stream_);
    return std::optional<eventstore::derived_store::snapshot>{};
  }

  void look_at(maybe_snapshot taken) {
    if (!taken)
      found_.problem = taken.error().detail;
    else if (*taken && (*taken)->seq <= found_.events)
      snapshot_ = std::move(**taken);
    else if (*taken)
      found_.problem = "its snapshot is of seq " + std::to_string((*taken)->seq) + ", which it does not have";
  }

  void replay(const eventstore::decoded_event& decoded, std::uint64_t seq) {
    domain::evolve(state_, std::get<domain::execution_event>(decoded.payload), {seq, decoded.metadata.recorded_at});
    if (seq != snapshot_->seq) return;
    const auto made = eventstore::encode_snapshot(state_);
    if (made == snapshot_->bytes)
      found_.snapshot_seq = seq;
    else if (made.substr(0, form_bytes) == snapshot_->bytes.substr(0, form_bytes))
      found_.problem = "its snapshot after seq " + std::to_string(seq) + " is not the state that replay gives";
    snapshot_.reset();
  }

  const eventstore::event_log& log_;
  const eventstore::derived_store& derived_;
  const domain::stream_id& stream_;
  stream_audit found_;
  domain::sha256_digest hash_{};
  std::optional<eventstore::derived_store::snapshot> snapshot_;
  domain::execution_state state_;
};

}  // namespace

result<stream_audit> audit_stream(const eventstore::event_log& log, const eventstore::derived_store& derived,
                                  const domain::stream_id& stream) {
  return stream_auditor(log, derived, stream).run();
}

}  // namespace planexe::audit
