#include "eventstore/archive_walk.hpp"

#include <algorithm>

namespace planexe::eventstore {
namespace {

constexpr std::size_t read_at_once = 500;   // events; bounds memory, as their bytes do
constexpr std::size_t held_in_all = 8'192;  // events that a sweep holds over all of its streams, a few MB as a rule
constexpr std::size_t held_of_one = 256;
// Their bytes, where they are larger than that. Of each stream one event at least is held.
constexpr std::size_t bytes_held_in_all = std::size_t{32} << 20;
constexpr std::size_t part_for_one = 4;  // of the room that is left, so that there is some for the next ones
constexpr std::size_t listed_at_once = 64;

unexpected<error> corrupt(const archived_stream& stream, std::uint64_t seq, const char* what) {
  return unexpected{error{errc::corrupt, display_name(stream.stream) + " seq " + std::to_string(seq) + ": " + what}};
}

/// The events that were asked for, which are known to be in the stream: as many of them as the limit lets through.
result<std::vector<stored_event>> read_some(const archive_reader& archive, const archived_stream& stream,
                                            std::uint64_t after_seq, read_limit limit) {
  auto events = archive.read(stream, after_seq, limit);
  if (!events) return events;
  std::uint64_t seq = after_seq;
  for (const auto& event : *events)
    if (event.stream != stream.stream || event.seq != ++seq) return corrupt(stream, seq, "not in its archive");
  if (events->empty()) return corrupt(stream, seq + 1, "its archive ends before it");
  return events;
}

}  // namespace

result<void> walk_archived(const archive_reader* archive, const archived_stream& stream, std::uint64_t after_seq,
                           read_limit limit, const take_event& take) {
  const auto version = stream.head.version;
  if (after_seq >= version || limit.events == 0) return {};
  if (archive == nullptr)
    return unexpected{
        error{errc::archived, display_name(stream.stream) + " is archived, and no archive is known to read it from"}};
  domain::sha256_digest previous{};
  if (after_seq > 0) {
    const auto before = read_some(*archive, stream, after_seq - 1, 1);
    if (!before) return unexpected{before.error()};
    previous = before->front().hash;
  }
  read_budget budget(limit);
  std::uint64_t seq = after_seq;
  while (seq < version && !budget.spent()) {
    const auto count = std::min<std::uint64_t>({read_at_once, budget.left().events, version - seq});
    const auto events = read_some(*archive, stream, seq,
                                  {static_cast<std::size_t>(count), std::min(most_bytes_at_once, budget.left().bytes)});
    if (!events) return unexpected{events.error()};
    for (const auto& event : *events) {
      if (auto taken = take({event.stream, event.seq, event.position, event.hash, event.bytes}, previous); !taken)
        return taken;
      budget.take(event.bytes.size());
      previous = event.hash;
    }
    seq += events->size();
  }
  if (seq == version && previous != stream.head.hash)
    return corrupt(stream, version, "in its archive it has not the hash that its head has");
  return {};
}

result<void> archive_sweep::begin_streams(std::uint64_t position) {
  while (true) {
    if (upcoming_.empty() && !all_listed_) {
      auto more = list_(listed_, listed_at_once);
      if (!more) return unexpected{more.error()};
      all_listed_ = more->size() < listed_at_once;
      for (auto& each : *more) {
        listed_ = each.entry.first_position;
        upcoming_.push_back(std::move(each));
      }
    }
    if (upcoming_.empty() || upcoming_.front().entry.first_position > position) return {};
    cursor begun{.stream = std::move(upcoming_.front()), .seq = 0, .previous = {}, .ahead = {}};
    upcoming_.pop_front();
    if (begun.stream.entry.last_position < position) continue;
    if (auto placed = place(std::move(begun), position); !placed) return placed;
  }
}

result<void> archive_sweep::refill(cursor& moved) {
  const auto share = std::clamp<std::size_t>(held_in_all / (under_way_.size() + 1), 1, held_of_one);
  const auto count = std::min<std::uint64_t>(share, moved.stream.head.version - moved.seq);
  const auto room = bytes_held_in_all - std::min(bytes_held_in_all, bytes_held_);
  const auto bytes = std::clamp<std::size_t>(room / part_for_one, 1, most_bytes_at_once);
  auto events = read_some(archive_, moved.stream, moved.seq, {static_cast<std::size_t>(count), bytes});
  if (!events) return unexpected{events.error()};
  for (const auto& event : *events) bytes_held_ += event.bytes.size();
  moved.ahead.assign(std::move_iterator(events->begin()), std::move_iterator(events->end()));
  return {};
}

result<void> archive_sweep::place(cursor moved, std::uint64_t position) {
  while (true) {
    if (moved.ahead.empty()) {
      if (moved.seq == moved.stream.head.version) return {};
      if (auto refilled = refill(moved); !refilled) return refilled;
    }
    const auto& next = moved.ahead.front();
    if (next.position >= position) break;
    moved.seq = next.seq;
    moved.previous = next.hash;
    bytes_held_ -= next.bytes.size();
    moved.ahead.pop_front();
  }
  const auto at = moved.ahead.front().position;
  const auto [placed, is_free] = under_way_.try_emplace(at, std::move(moved));
  if (is_free) return {};
  return unexpected{error{errc::corrupt, "log position " + std::to_string(at) +
                                             ": two archived events stand there, of " +
                                             display_name(placed->second.stream.stream) + " and another"}};
}

result<std::size_t> archive_sweep::at(std::uint64_t position, std::vector<domain::event_record>& events) {
  reached_ = position;
  if (auto begun = begin_streams(position); !begun) return unexpected{begun.error()};
  while (!under_way_.empty() && under_way_.begin()->first < position) {
    auto behind = under_way_.extract(under_way_.begin());
    if (auto placed = place(std::move(behind.mapped()), position); !placed) return unexpected{placed.error()};
  }
  if (under_way_.empty() || under_way_.begin()->first != position)
    return unexpected{error{errc::corrupt, "log position " + std::to_string(position) + ": in no archived stream"}};
  auto found = under_way_.extract(under_way_.begin());
  auto& here = found.mapped();
  const auto& event = here.ahead.front();
  auto restored =
      restore({event.stream, event.seq, event.position, event.hash, event.bytes}, here.previous, keys_, events);
  if (!restored) return unexpected{restored.error()};
  const auto bytes = event.bytes.size();
  if (event.seq == here.stream.head.version && event.hash != here.stream.head.hash)
    return corrupt(here.stream, event.seq, "in its archive it has not the hash that its head has");
  if (auto placed = place(std::move(here), position + 1); !placed) return unexpected{placed.error()};
  return bytes;
}

}  // namespace planexe::eventstore
