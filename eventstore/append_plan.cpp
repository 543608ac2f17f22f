#include "eventstore/append_plan.hpp"

#include <algorithm>
#include <unordered_set>

#include "eventstore/codec.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/sealing.hpp"

namespace planexe::eventstore {
namespace {

// Where streams stand while the batch is gone through, and which versions its left-out requests would have made.
struct stream_progress {
  stream_head head;
  std::unordered_set<std::uint64_t> never_made;
};

bool is_well_formed(const append_request& request) {
  if (request.events.size() != request.bytes.size()) return false;
  std::uint64_t seq = request.expected_version;
  return std::all_of(request.events.begin(), request.events.end(), [&](const domain::event_record& event) {
    return event.stream == request.stream && event.seq == ++seq;
  });
}

void take(append_request& request, stream_progress& stream, append_plan& plan) {
  for (std::size_t i = 0; i < request.events.size(); ++i) {
    domain::event_record& event = request.events[i];
    event.position = ++plan.head.position;
    event.hash = link(stream.head.hash, request.bytes[i]);
    stream.head = {event.seq, event.hash, false};
    plan.head.hash = link_log(plan.head.hash, event.position, event.hash);
    plan.latest = std::max(plan.latest, event.metadata.recorded_at);
    plan.events.push_back(std::move(event));
    plan.bytes.push_back(std::move(request.bytes[i]));
  }
  for (kept_answer& answer : request.answers) plan.answers.push_back(std::move(answer));
}

// Whether the stream can leave with this batch: it is as it was planned, and the first to leave.
bool can_leave(const retirement& wanted, const stream_head& head, const append_plan& plan) {
  return plan.retired == nullptr && !head.archived && head.version == wanted.head.version &&
         head.hash == wanted.head.hash;
}

}  // namespace

result<append_plan> plan_append(std::vector<append_request> batch, const log_head& head, const head_lookup& head_of,
                                vault& keys) {
  append_plan plan;
  plan.head = head;
  plan.outcomes.reserve(batch.size());
  std::unordered_map<domain::stream_id, stream_progress> streams;
  const auto progress_of = [&](const domain::stream_id& id) -> result<stream_progress*> {
    auto [entry, is_new] = streams.try_emplace(id);
    if (is_new) {
      auto found = head_of(id);
      if (!found) return unexpected{found.error()};
      entry->second.head = *found;
    }
    return &entry->second;
  };

  for (append_request& request : batch) {
    if (!is_well_formed(request))
      return unexpected{error{errc::invalid, "the events to append to " + display_name(request.stream) +
                                                 " are not numbered on from their expected version"}};
    auto found = progress_of(request.stream);
    if (!found) return unexpected{found.error()};
    stream_progress& stream = **found;
    append_outcome outcome;
    const std::uint64_t expected = request.expected_version;
    const bool answers_alone = request.events.empty();
    outcome.committed = answers_alone || (expected == stream.head.version && !stream.head.archived &&
                                          !stream.never_made.contains(expected));
    if (request.retires) {
      auto leaving = progress_of(request.retires->stream);
      if (!leaving) return unexpected{leaving.error()};
      outcome.committed = outcome.committed && can_leave(*request.retires, (*leaving)->head, plan);
      if (outcome.committed) {
        (*leaving)->head.archived = true;
        plan.retired = request.retires;
      }
    }
    if (outcome.committed) {
      if (auto sealed = seal_request(request, keys); !sealed) return unexpected{sealed.error()};
      take(request, stream, plan);
      if (!answers_alone) {
        plan.heads[request.stream] = stream.head;
        outcome.last_position = plan.head.position;
      }
    } else {
      stream.never_made.insert(expected + request.events.size());
    }
    outcome.version = stream.head.version;
    plan.outcomes.push_back(outcome);
  }
  return plan;
}

result<void> restore(const event_at_rest& stored, const domain::sha256_digest& previous, const vault& keys,
                     std::vector<domain::event_record>& events) {
  const auto corrupt = [&](const std::string& why) {
    return unexpected{
        error{errc::corrupt, display_name(stored.stream) + " seq " + std::to_string(stored.seq) + ": " + why}};
  };
  if (link(previous, stored.bytes) != stored.hash) return corrupt("the hash chain is broken");
  domain::event_record& record = events.emplace_back();
  if (auto decoded = decode_into(stored.bytes, record.payload, record.metadata, &keys); !decoded) {
    events.pop_back();
    return decoded.error().code == errc::corrupt ? corrupt(decoded.error().detail) : unexpected{decoded.error()};
  }
  record.stream = stored.stream;
  record.seq = stored.seq;
  record.position = stored.position;
  record.hash = stored.hash;
  return {};
}

std::string display_name(const domain::stream_id& stream) {
  switch (stream.kind) {
    case domain::stream_kind::execution:
      return "execution " + stream.id;
    case domain::stream_kind::agent:
      return "agent " + stream.id;
    case domain::stream_kind::plan:
      return "plan " + stream.id;
    case domain::stream_kind::system:
      return "system stream " + stream.id;
  }
  return "stream " + stream.id;
}

}  // namespace planexe::eventstore
